"""Lids, gaze, mouth, smile and brows, moved in a still portrait by its face mesh."""

from training.samples.expressions.motion import Motion, moment
from training.samples.expressions.puppet import Drawn, Puppet
from training.samples.expressions.schedule import schedule

__all__ = ["Drawn", "Motion", "Puppet", "moment", "schedule"]
