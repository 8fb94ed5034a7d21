"""``vidrestore restore``: from the names of a call to finished results."""
