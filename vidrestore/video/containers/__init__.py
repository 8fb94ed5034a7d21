"""The notations of containers that are read or mended here: EBML, boxes, AVI's index."""
