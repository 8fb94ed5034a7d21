"""What a colouriser whose hue jitters paints comes to rest: carried along the motion, and averaged.

The colouriser is a stand-in: skin of one colour, whose hue is off by up to a tenth of the circle on
every frame. Measured is the warp error of chroma: how far the colour of a point of the face is from
that of the same point one frame before, on average.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.made_pictures.boiling import EVERYWHERE, SIZE, X, Y, clip, denoise, denoised
from vidrestore.build import COLOUR_REACH as REACH
from vidrestore.datatypes import RestoredFrame
from vidrestore.picture.luma import BT601
from vidrestore.temporal import Blend

COUNT = 20
INSIDE = 24  # of the crop's side, that a point keeps from the edge


def moving(speed):
    """A gray face that moves within its crop, px a frame, to and fro."""

    def scene(index):
        x = X - 6 * np.sin(index * speed / 6)
        light = 120 + 45 * np.sin(x / 9 + np.cos(Y / 14)) + 30 * np.cos(Y / 11 + np.sin(x / 17))
        return np.repeat(light[..., None], 3, axis=-1)

    return scene


def coloured(frames, seed=3):
    """A crop's light with skin's colour, whose hue jitters."""
    rng, made = np.random.default_rng(seed), []
    for frame in frames:
        angle = np.radians(40) + rng.uniform(-0.1, 0.1) * 2 * np.pi
        red, blue = 30 * np.sin(angle), -30 * np.cos(angle)
        colour = np.array([red, -(BT601[0] * red + BT601[2] * blue) / BT601[1], blue])
        result = np.clip(np.rint(frame.base[0] + colour), 0, 255).astype(np.uint8)
        made.append(RestoredFrame(frame, frame.base, [result]))
    return made


def chroma(crop):
    values = crop.astype(float)
    light = values @ np.array(BT601)
    return np.stack([values[..., 0] - light, values[..., 2] - light], axis=-1)


def warp_error(frames, speed):
    """Mean over the frames, in levels."""
    found = []
    for index in range(1, len(frames)):
        shift = 6 * (np.sin(index * speed / 6) - np.sin((index - 1) * speed / 6))
        before, now = (chroma(frame.pixels[0]) for frame in frames[index - 1 : index + 1])
        columns = np.arange(INSIDE, SIZE - INSIDE)
        at = np.clip(np.rint(columns - shift).astype(int), 0, SIZE - 1)
        rows = slice(INSIDE, SIZE - INSIDE)
        found.append(np.abs(now[rows, INSIDE : SIZE - INSIDE] - before[rows][:, at]).mean())
    return float(np.mean(found))


@pytest.mark.parametrize("speed", [0.0, 1.0])
def test_hue_that_jitters_is_less_than_a_third_as_restless(speed):
    source = list(clip(COUNT, scene=moving(speed), grain=2))
    items = coloured(denoised(source, denoise(reach=REACH, rest=REACH)))
    errors = {}
    for amount in (0.0, 1.0):
        stage = Blend(amount, REACH, 1.0, EVERYWHERE)
        frames = [frame for item in items for frame in stage.push(item)] + list(stage.flush())
        errors[amount] = warp_error(frames, speed)
    assert errors[1.0] < 0.3 * errors[0.0], errors
