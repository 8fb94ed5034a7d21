"""Processes that restore file after file, seen from within and by who leads them."""
