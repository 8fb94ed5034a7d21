"""Lids, gaze, mouth, smile and brows, moved in a still portrait by its face mesh."""

from training.expressions.motion import Motion, moment
from training.expressions.puppet import Drawn, Puppet
from training.expressions.schedule import schedule

__all__ = ["Drawn", "Motion", "Puppet", "moment", "schedule"]
