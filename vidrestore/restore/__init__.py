"""Restoring crops of faces: the networks, in the form and on the device that suit them."""
