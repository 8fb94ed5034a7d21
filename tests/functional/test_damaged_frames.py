"""A frame far from its neighbours passes through all of restoring without leaking into them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tests.made_pictures.faces import frame_format, landmarks, paint, skin, tracked
from vidrestore.build import build_restoring, given_engine
from vidrestore.config import Config
from vidrestore.datatypes import TrackedFrame
from vidrestore.pipeline import chain

FRAMES, BAD = 12, 6


class Lifting:
    """Draws features out: what a frame's noise shows as well."""

    size = 128

    def restore(self, crops):
        crops = crops.astype(float)
        return np.clip(
            crops + 0.5 * (crops - crops.mean(axis=(1, 2), keepdims=True)), 0, 255
        ).astype(np.uint8)


def grainy(picture, t):
    """The picture with the noise of its frame."""

    def noisy(x, y):
        return picture(x, y) + np.random.default_rng(t).normal(0, 6, (*x.shape, 1))

    return noisy


def white(x, y):
    return np.full((*x.shape, 3), 245.0)


def dusty(x, y):
    speck = np.hypot(x - 150, y - 130)[..., None] < 14
    return np.where(speck, 250.0, skin(x, y))


@cache
def finished(picture):
    """Luma of all finished frames, the bad one painted as told."""
    fmt = frame_format("yuv420p")
    face = tracked(landmarks(160, 120, 100))
    items = [
        TrackedFrame(paint(grainy(picture if t == BAD else skin, t), fmt, t), t == 0, (face,))
        for t in range(FRAMES)
    ]
    config = Config().with_options({"restore.adaptive": False, "paste.occlusion": False})
    engine = given_engine(Lifting(), config.restore)
    ((_, stages),) = build_restoring(config, engine)
    return [item.frame.planes[0].astype(float) for item in chain(items, list(stages))]


@pytest.mark.parametrize("picture", [white, dusty])
def test_a_flash_or_a_speck_stays_in_its_frame(picture):
    whole, damaged = finished(skin), finished(picture)
    face = np.s_[90:170, 120:200]
    for t in range(FRAMES):
        apart = np.abs(damaged[t][face] - whole[t][face]).mean()
        if t == BAD:
            assert apart > 3
        else:
            assert apart < 1.2  # what is left is noise: one of nine frames is not averaged
            assert abs((damaged[t] - whole[t])[face].mean()) < 0.3
