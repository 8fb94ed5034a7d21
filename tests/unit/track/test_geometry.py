from __future__ import annotations

import numpy as np

from tests.made_pictures.strategies import landmarks_at
from vidrestore.track.geometry import face_boxes, overlaps


def test_boxes_hold_the_landmarks_and_stack() -> None:
    points = np.stack([landmarks_at(0, 0, 30), landmarks_at(100, 50, 60)])
    boxes = face_boxes(points)
    assert boxes.shape == (2, 4)
    assert np.all(boxes[:, :2] < points.min(axis=1))
    assert np.all(boxes[:, 2:] > points.max(axis=1))


def test_overlap_is_intersection_over_union() -> None:
    boxes = np.array([(0.0, 0.0, 2.0, 2.0), (1.0, 0.0, 3.0, 2.0), (5.0, 5.0, 6.0, 6.0)])
    expected = [(1, 1 / 3, 0), (1 / 3, 1, 0), (0, 0, 1)]
    np.testing.assert_allclose(overlaps(boxes, boxes), expected)
