"""Blending crops over time, before and after they are restored, so that skin does not boil."""

from vidrestore.steady.blend import Steady
from vidrestore.steady.calm import Calm
from vidrestore.steady.change import Light, change, light
from vidrestore.steady.flow import Carried, Flow, bring

__all__ = ["Calm", "Carried", "Flow", "Light", "Steady", "bring", "change", "light"]
