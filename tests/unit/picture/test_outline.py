from __future__ import annotations

import numpy as np
import pytest

from vidrestore.picture.outline import dilated, face_box, face_outline
from vidrestore.picture.similarity import similarity
from vidrestore.picture.template import template


@pytest.mark.parametrize("shift", [(0, 0), (-300, 40), (350, -500), (9000, 0)])
@pytest.mark.parametrize("size", [128, 512])
def test_the_box_holds_the_outline_as_far_as_the_crop_reaches(shift, size):
    points = template("gpen", 512) * 0.7 + (80.3, 31.9)
    crop_from_frame = similarity(points[None], template("gpen", size))[0]
    crop_from_frame[:, 2] += shift
    outline = dilated(face_outline(points), 0.25)
    box = face_box(points, 0.25, crop_from_frame, size)
    placed = outline @ crop_from_frame[:, :2].T + crop_from_frame[:, 2]
    inside = placed[((placed >= 0) & (placed <= size - 1)).all(axis=1)]
    rows, columns = box
    assert all(end % 4 == 0 and 0 <= end <= size for part in box for end in (part.start, part.stop))
    if len(inside):
        assert columns.start <= inside[:, 0].min() <= inside[:, 0].max() < columns.stop
        assert rows.start <= inside[:, 1].min() <= inside[:, 1].max() < rows.stop
    if shift == (9000, 0):
        assert 0 in box.shape
    assert box.halved.shape == tuple(side // 2 for side in box.shape)


def test_the_box_of_a_face_upright_is_less_than_half_the_crop():
    points = template("gpen", 512)
    box = face_box(points, 0.25, np.eye(2, 3), 512)
    assert 0.3 < np.prod(box.shape) / 512**2 < 0.5
