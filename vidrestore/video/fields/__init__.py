"""How a video was scanned; from fields to frames, and film out of 3:2 pulldown."""
