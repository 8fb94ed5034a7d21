from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made_pictures.faces import FORMATS, chroma_places, frame_format
from vidrestore.datatypes import FrameFormat
from vidrestore.picture.colour import (
    LUMA_WEIGHTS,
    chroma_from_luma,
    rgb_from_samples,
    samples_from_rgb,
    to_rgb,
    to_sample_differences,
)

# Code values of full red, from the recommendations' own equations, at 8 bits.
RED = {
    ("bt601", False): (81.48, 90.20, 240.0),
    ("bt601", True): (76.25, 84.97, 255.5),
    ("bt709", False): (62.56, 102.34, 240.0),
    ("bt2020", False): (73.53, 96.72, 240.0),
}


def pixel(*values):
    return [np.full((1, 1), value, np.float32) for value in values]


@pytest.mark.parametrize(("matrix", "full"), RED)
def test_red_is_red(matrix, full):
    fmt = FrameFormat(2, 2, "yuv444p", chroma_shift=(0, 0), matrix=matrix, full_range=full)
    assert np.allclose(to_rgb(pixel(*RED[matrix, full]), fmt), (255, 0, 0), atol=0.05)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("matrix", LUMA_WEIGHTS)
def test_black_and_white_at_the_ends_of_the_range(bits, matrix):
    unit, top = 1 << (bits - 8), (1 << bits) - 1
    limited = FrameFormat(2, 2, "any", bits=bits, matrix=matrix)
    full = FrameFormat(2, 2, "any", bits=bits, matrix=matrix, full_range=True)
    middle = 128 * unit
    for fmt, black, white in ((limited, 16 * unit, 235 * unit), (full, 0, top)):
        assert np.allclose(to_rgb(pixel(black, middle, middle), fmt), 0, atol=2e-3)
        assert np.allclose(to_rgb(pixel(white, middle, middle), fmt), 255, atol=2e-3)


def test_planes_of_rgb_are_in_the_order_of_ffmpeg():
    fmt = frame_format("gbrp")
    assert np.allclose(to_rgb(pixel(1, 2, 3), fmt), (3, 1, 2))
    changes = to_sample_differences(np.array([[[30, 10, 20]]], np.float32), fmt)
    assert [float(change[0, 0]) for change in changes] == [10, 20, 30]


def test_gray_has_no_colour_and_opacity_is_not_looked_at():
    gray = to_rgb(pixel(100), frame_format("gray"))
    assert np.allclose(gray, 100)
    fmt = frame_format("yuva444p12le")
    assert np.array_equal(
        to_rgb(pixel(900, 2000, 2100, 5), fmt), to_rgb(pixel(900, 2000, 2100), fmt)
    )


@given(
    st.sampled_from(sorted(FORMATS)),
    st.lists(st.floats(0, 1), min_size=3, max_size=3),
    st.lists(st.floats(0, 1), min_size=3, max_size=3),
)
def test_differences_of_rgb_become_differences_of_samples(name, first, second):
    fmt = frame_format(name)
    top = (1 << fmt.bits) - 1
    before, after = (pixel(*(top * value for value in values)) for values in (first, second))
    moved = to_sample_differences(to_rgb(after, fmt) - to_rgb(before, fmt), fmt)
    assert len(moved) == (1 if fmt.layout == "gray" else 3)
    for change, a, b in zip(moved, before, after, strict=False):
        assert float(change[0, 0]) == pytest.approx(float((b - a)[0, 0]), abs=2e-4 * top)


@pytest.mark.parametrize("name", FORMATS)
def test_a_gray_difference_leaves_chroma_alone(name):
    fmt = frame_format(name)
    moved = to_sample_differences(np.full((2, 3, 3), 7.0, np.float32), fmt)
    if fmt.layout == "yuv":
        assert max(np.abs(change).max() for change in moved[1:]) < 1e-3 * (1 << (fmt.bits - 8))
    assert moved[0].shape == (2, 3)
    assert moved[0].min() > 5


def test_matrices_are_inverse_to_each_other():
    for name in FORMATS:
        fmt = frame_format(name)
        if fmt.layout != "gray":
            gain, _ = rgb_from_samples(fmt)
            assert np.allclose(samples_from_rgb(fmt) @ gain, np.eye(3), atol=1e-5)


@pytest.mark.parametrize("name", [name for name in FORMATS if name.startswith("yuv")])
def test_chroma_lies_where_its_location_says(name):
    fmt = frame_format(name, 33, 17)
    x, y = chroma_places(fmt)
    matrix = chroma_from_luma(fmt)
    assert np.allclose(matrix[0, 0] * x + matrix[0, 2], np.arange(len(x)))
    assert np.allclose(matrix[1, 1] * y + matrix[1, 2], np.arange(len(y)))
    assert matrix[0, 1] == matrix[1, 0] == 0
