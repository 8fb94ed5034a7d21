"""Temporal blending of restored crops, so that restored skin does not boil."""

from vidrestore.steady.blend import Steady
from vidrestore.steady.change import Light, change, light
from vidrestore.steady.flow import Carried, Flow, bring

__all__ = ["Carried", "Flow", "Light", "Steady", "bring", "change", "light"]
