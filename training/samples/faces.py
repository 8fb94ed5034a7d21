"""Portraits that blink, look about and speak: the truths that samples are made from."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.samples import augment
from training.samples.augment import Picture
from training.samples.expressions import Puppet, moment
from training.samples.portraits import CROP, Portrait

_AS_THEY_ARE = 0.2
"""Part of the samples that show a portrait's own expression."""


class Faces:
    """Crops of portraits, most with another expression than the portrait's.

    Args:
        portraits: what to draw from; those without a mesh keep their expression.
    """

    def __init__(self, portraits: list[Portrait]) -> None:
        self._portraits = portraits
        self._puppets: dict[int, Puppet] = {}

    def draw(
        self, number: int, crop_from_picture: NDArray[np.float64], rng: Generator
    ) -> tuple[Picture, NDArray[np.float64]]:
        """A portrait's (512, 512, 3) crop and its (5, 2) landmarks, as they were."""
        portrait = self._portraits[number]
        if portrait.mesh is None or rng.random() < _AS_THEY_ARE:
            return augment.crop(portrait, crop_from_picture)
        if number not in self._puppets:
            self._puppets[number] = Puppet(
                portrait.pixels, portrait.mesh.points, portrait.mesh.groups
            )
        head = np.vstack([crop_from_picture, [0.0, 0.0, 1.0]])
        motion = moment(rng, shuts=portrait.mesh.shuts, head=head)
        drawn = self._puppets[number].frame(motion, 0, (0, 0, CROP, CROP)).image
        landmarks = augment.landmarks_in(portrait, crop_from_picture)
        return drawn.astype(np.float32) / np.float32(255.0), landmarks
