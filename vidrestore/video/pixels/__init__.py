"""Pictures and what lies in them: sample formats, planes, filters, captions, HDR, transparency."""
