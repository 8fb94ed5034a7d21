"""Temporal blending of restored crops, so that restored skin does not boil."""

from vidrestore.steady.blend import Steady
from vidrestore.steady.flow import Carried, carry

__all__ = ["Carried", "Steady", "carry"]
