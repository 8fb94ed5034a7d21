"""What the options become for another task than restoring."""

from __future__ import annotations

from typing import Final

from vidrestore.config import Config

COLOUR_REACH: Final = 8
"""Frames before and after that colour is averaged over: it says little that moves, and a network's
own jitter of it is seen at once."""


def paints_damage(config: Config) -> bool:
    """Whether damage of faces may be painted: colour alone is added to what is there."""
    if config.restore.task != "restore":
        return False
    return config.film.repair != "off" or config.input.mask is not None


def for_task(config: Config) -> Config:
    """The options that a task needs: colour is not matched to its source, and is averaged more."""
    if config.restore.task == "restore":
        return config
    temporal = config.temporal
    return config.with_options(
        {
            "film.colourless": "off",
            "film.deflicker": "off",
            "film.repair": "off",
            "restore.adaptive": False,
            "paste.colour": False,
            "paste.occlusion": False,
            "paste.grain": 0,
            "temporal.reach": max(temporal.reach, COLOUR_REACH),
            "temporal.rest": max(temporal.rest, COLOUR_REACH),
        }
    )
