from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_pictures.faces import frame_format
from vidrestore.paste.footprint import footprint

SIDE = 64
MASK = np.ones((32, 32), np.float32)


def placed(left, top, scale, name="yuv420p"):
    """Of a square crop whose corner lies at (left, top) of the frame, in frame px a crop px."""
    crop_from_frame = np.array([[1 / scale, 0, -left / scale], [0, 1 / scale, -top / scale]])
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * SIDE * scale + (left, top)
    fmt = frame_format(name)
    return footprint(MASK, crop_from_frame, corners, fmt, size=SIDE, track_id=5), fmt


@settings(deadline=None, max_examples=60)
@given(
    st.floats(-300, 500),
    st.floats(-300, 500),
    st.floats(0.2, 6),
    st.sampled_from(["yuv420p", "yuv422p", "yuv444p", "gbrp"]),
)
def test_regions_lie_in_the_frame_on_whole_chroma_samples_and_fit_their_weights(x, y, scale, name):
    found, fmt = placed(x, y, scale, name)
    if found is None:
        return
    region, weights = found
    assert region.track_id == 5
    assert 0 <= region.x0 < region.x1 <= fmt.width
    assert 0 <= region.y0 < region.y1 <= fmt.height
    for start, end, shift, most in (
        (region.x0, region.x1, fmt.chroma_shift[0], fmt.width),
        (region.y0, region.y1, fmt.chroma_shift[1], fmt.height),
    ):
        assert start % (1 << shift) == 0
        assert end % (1 << shift) == 0 or end == most
    assert weights.shape == (region.y1 - region.y0, region.x1 - region.x0)
    assert weights.max() > 0


@pytest.mark.parametrize("place", [(-200, 50), (50, -200), (2000, 50), (50, 2000)])
def test_a_face_beside_the_frame_has_none(place):
    assert placed(*place, 1.0)[0] is None
