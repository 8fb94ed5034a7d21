"""Averages over time in crop space: the source before the network, its change after it."""

from vidrestore.temporal.blend import Blend, blended_over
from vidrestore.temporal.denoise import Denoise

__all__ = ["Blend", "Denoise", "blended_over"]
