"""Losses, steps, and the loop that takes them."""
