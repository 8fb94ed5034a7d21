from __future__ import annotations

import numpy as np
import pytest

from vidrestore.measure import eye_region, face_region, mouth_region, skin_region
from vidrestore.picture.template import template


def at(mask: np.ndarray, point: np.ndarray) -> bool:
    x, y = np.round(point).astype(int)
    return bool(mask[y, x])


@pytest.mark.parametrize("size", [64, 256, 512])
def test_regions_fit_the_template(size):
    left_eye, right_eye, nose, left_mouth, right_mouth = template("gpen", size)
    assert all(at(face_region(size), p) for p in template("gpen", size))
    assert at(eye_region(size), left_eye)
    assert at(eye_region(size), right_eye)
    assert not at(eye_region(size), nose)
    assert at(mouth_region(size), left_mouth)
    assert at(mouth_region(size), right_mouth)
    assert not at(mouth_region(size), nose)


def test_skin_lies_in_the_face_and_leaves_the_features_out():
    skin, face = skin_region(512), face_region(512)
    assert not (skin & ~face).any()
    for point in template("gpen", 512)[[0, 1, 3, 4]]:
        assert not at(skin, point)
    assert at(skin, np.array([190, 310]))  # the cheeks
    assert at(skin, np.array([320, 310]))


def test_a_crop_too_small_for_regions_is_refused():
    with pytest.raises(ValueError, match="16 is the least"):
        face_region(8)
