"""Into a black-and-white frame only light is written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.made_pictures.faces import frame_format, landmarks, paint, skin, tracked
from tests.unit.paste.test_paste import pasted, restored


def coloured(pixels):
    """A restorer that paints blotches of colour and of light."""
    y, x = np.mgrid[: pixels.shape[1], : pixels.shape[2]]
    blotches = (
        40 * np.sin(x / 6)[..., None] * np.array([1, -0.5, 0.3]) + 20 * np.cos(y / 9)[..., None]
    )
    return np.clip(pixels + blotches, 0, 255).astype(pixels.dtype)


@pytest.mark.parametrize("name", ["yuv420p", "yuv444p", "yuv422p"])
def test_chroma_is_the_decoders_own(name):
    frame = replace(paint(skin, frame_format(name)), colourless=True)
    item = restored(frame, [tracked(landmarks(160, 120, 90))], coloured)
    result = pasted(item, colour=False).frame
    assert (result.planes[0] != frame.planes[0]).any()
    assert result.planes[1] is frame.planes[1]
    assert result.planes[2] is frame.planes[2]
    assert result.colourless


def test_without_it_chroma_is_written():
    frame = paint(skin, frame_format("yuv420p"))
    item = restored(frame, [tracked(landmarks(160, 120, 90))], coloured)
    result = pasted(item, colour=False).frame
    assert (result.planes[1] != frame.planes[1]).any()


def test_rgb_moves_by_the_same_in_every_channel():
    frame = replace(paint(skin, frame_format("gbrp")), colourless=True)
    item = restored(frame, [tracked(landmarks(160, 120, 90))], coloured)
    result = pasted(item, colour=False).frame
    moved = [a.astype(int) - b for a, b in zip(result.planes, frame.planes, strict=True)]
    assert np.abs(moved[0]).max() > 10
    free = np.all([(p > 5) & (p < 250) for p in result.planes], axis=0)
    assert (moved[0] == moved[1])[free].all()
    assert (moved[0] == moved[2])[free].all()
