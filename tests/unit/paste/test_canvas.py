from __future__ import annotations

import numpy as np
import pytest

from tests.made_pictures.faces import frame_format, paint, skin
from vidrestore.datatypes import Region
from vidrestore.paste.canvas import Canvas, Patch, written


def patch(frame, level, weight=1.0):
    """A square of the frame, raised by some levels in crop and frame alike."""
    region = Region(1, 40, 30, 80, 70)
    weights = np.full((40, 40), weight, np.float32)
    difference = np.full((64, 64, 3), level, np.float32)
    frame_from_crop = np.array([[1.0, 0, 30], [0, 1, 20]])
    return Patch(region, weights, frame_from_crop, written(difference, frame), weights)


@pytest.mark.parametrize(("level", "weight", "strength"), [(0, 1, 1), (20, 0, 1), (20, 1, 0)])
def test_a_frame_in_which_nothing_changes_is_the_same_object(level, weight, strength):
    frame = paint(skin, frame_format("yuv420p"))
    canvas = Canvas(frame, np.float32(strength), None)
    canvas.write(patch(frame, level, weight))
    assert canvas.frame() is frame


def test_planes_that_do_not_change_are_not_copied():
    frame = paint(skin, frame_format("yuv420p"))
    canvas = Canvas(frame, np.float32(1), None)
    canvas.write(patch(frame, 20))  # gray: light alone
    result = canvas.frame()
    assert np.all(result.planes[0][30:70, 40:80] > frame.planes[0][30:70, 40:80])
    assert np.array_equal(result.planes[0][:30], frame.planes[0][:30])
    assert result.planes[1] is frame.planes[1]
    assert result.planes[2] is frame.planes[2]


def test_a_later_face_covers_an_earlier_one():
    frame = paint(skin, frame_format("yuv444p"))
    twice, once = Canvas(frame, np.float32(1), None), Canvas(frame, np.float32(1), None)
    twice.write(patch(frame, 30))
    for canvas in (twice, once):
        canvas.write(patch(frame, -10))
    assert np.array_equal(twice.frame().planes[0], once.frame().planes[0])
