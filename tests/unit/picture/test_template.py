from __future__ import annotations

import numpy as np
import pytest

from vidrestore.picture.template import TEMPLATES, template


def test_gpen_eyes_lie_where_the_published_crops_have_them():
    eyes = template("gpen", 512)[:2]
    assert np.allclose(eyes, [(202.0, 242.9), (309.4, 242.3)], atol=0.06)


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("size", [64, 256, 1000])
def test_scaling_keeps_the_corners_of_the_square(name, size):
    # Continuous coordinates, in which pixel 0 spans 0..1, scale without an offset.
    small = (template(name, size) + 0.5) / size
    large = (template(name, 2 * size) + 0.5) / (2 * size)
    assert np.allclose(small, large, atol=1e-12)
    assert small.min() > 0.2
    assert small.max() < 0.8


@pytest.mark.parametrize("name", TEMPLATES)
def test_points_are_in_the_order_of_a_face(name):
    left_eye, right_eye, nose, left_mouth, right_mouth = template(name, 256)
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < nose[0] < right_mouth[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])


def test_unknown_names_and_sizes_are_refused():
    with pytest.raises(ValueError, match="gpen, ffhq"):
        template("arcface", 256)
    with pytest.raises(ValueError, match="0 pixels"):
        template("gpen", 0)
