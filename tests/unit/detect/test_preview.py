from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_pictures.faces import FORMATS, frame_format, paint
from vidrestore.detect.preview import Preview

SLOPES = np.array([[0.5, 0.1], [-0.3, 0.25], [0.2, -0.4]])


def slanted(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Each channel rises in a direction of its own, within 0..255 up to 320x240."""
    return np.stack([a * x + b * y + 128 - a * 160 - b * 120 for a, b in SLOPES], axis=-1)


def look(frame, max_side):
    (result,) = Preview(max_side).push(frame)
    return result


@pytest.mark.parametrize("max_side", [320, 250, 160, 100, 53])
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("size", [(320, 240), (317, 239)])
def test_every_point_keeps_its_place_and_colour(name, size, max_side):
    frame = paint(slanted, frame_format(name, *size))
    result = look(frame, max_side)
    height, width = result.picture.shape[:2]
    # p = (f + 0.5) * scale - 0.5, solved for f
    scale = np.array(result.scale)
    y, x = np.mgrid[:height, :width]
    expected = slanted((x + 0.5) / scale[0] - 0.5, (y + 0.5) / scale[1] - 0.5)
    if name.startswith("gray"):
        expected = (expected @ (0.299, 0.587, 0.114))[..., None]
    border = 3  # at the edge there is no further chroma sample to go between
    inner = (slice(border, -border),) * 2
    error = (result.picture - expected)[inner]
    # Rounding of three planes through the matrix, and steps of 16..235 code values.
    assert np.abs(error).max() < 4
    # Rounding averages out; what is left over would be a displacement.
    displaced = np.abs(error.mean(axis=(0, 1))) / np.linalg.norm(SLOPES, axis=1) * scale[0]
    assert displaced.max() < 0.3, f"displaced by {displaced} px of the picture"


@pytest.mark.parametrize(
    ("size", "max_side", "expected"),
    [
        ((1280, 720), 640, (640, 360)),
        ((720, 1280), 640, (360, 640)),
        ((320, 240), 640, (320, 240)),
        ((641, 3), 640, (640, 3)),
        ((4000, 1), 160, (160, 1)),
        ((1, 1), 640, (1, 1)),
    ],
)
def test_size_is_bounded_and_never_larger_than_the_frame(size, max_side, expected):
    result = look(paint(slanted, frame_format("yuv420p", *size)), max_side)
    assert result.picture.shape == (*expected[::-1], 3)
    assert result.picture.dtype == np.uint8


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(sorted(FORMATS)),
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    max_side=st.integers(1, 90),
    colour=st.tuples(*[st.integers(0, 255)] * 3),
)
def test_a_flat_frame_gives_a_flat_picture(name, width, height, max_side, colour):
    frame = paint(
        lambda x, _: np.broadcast_to(np.array(colour, float), (*x.shape, 3)),
        frame_format(name, width, height),
    )
    picture = look(frame, max_side).picture.astype(int)
    expected = np.array(colour)
    if name.startswith("gray"):
        expected = np.full(3, expected @ (0.299, 0.587, 0.114))
    assert np.abs(picture - expected).max() <= 3
    assert np.ptp(picture, axis=(0, 1)).max() <= 1


def test_saturated_colours_are_clipped_not_wrapped():
    # Cb and Cr at their limits beside black and white luma lie outside RGB.
    frame = paint(
        lambda x, _: np.where((x[..., None] % 8) < 4, (255.0, 0, 255), (0.0, 255, 0)),
        frame_format("yuv420p", 64, 64),
    )
    picture = look(frame, 64).picture
    assert picture[:, 0::8].min(axis=(0, 1))[0] > 200
    assert picture[:, 5::8].max(axis=(0, 1))[0] < 60


def test_one_look_per_frame_and_nothing_held():
    stage = Preview(64)
    frames = [paint(slanted, frame_format("yuv420p", 64, 48), index) for index in range(3)]
    looks = [result for frame in frames for result in stage.push(frame)]
    assert [result.frame for result in looks] == frames
    assert not any(result.shot_start for result in looks)
    assert list(stage.flush()) == []


def test_a_picture_without_size_is_refused():
    with pytest.raises(ValueError, match="max_side"):
        Preview(0)
