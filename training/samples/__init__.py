"""Pairs of worn and true faces: portraits, how they move, and what wears them."""
