from __future__ import annotations

import cv2
import numpy as np
import pytest

from training.samples.turning import turn

LANDMARKS = np.array([[190.0, 238], [322, 238], [256, 312], [202, 370], [310, 370]])


def picture() -> np.ndarray:
    """Dots on the landmarks."""
    dots = np.full((512, 512, 3), 0.1, np.float32)
    for x, y in LANDMARKS:
        dots[int(y), int(x)] = 1.0
    return cv2.GaussianBlur(dots, (0, 0), 3.0)


@pytest.mark.parametrize("seed", range(12))
def test_landmarks_go_where_the_picture_goes(seed: int) -> None:
    turned, landmarks = turn(picture(), LANDMARKS, np.random.default_rng(seed))
    assert turned.shape == (512, 512, 3)
    for x, y in landmarks:
        around = turned[int(y) - 12 : int(y) + 13, int(x) - 12 : int(x) + 13, 0]
        row, column = np.unravel_index(around.argmax(), around.shape)
        assert abs(row - 12 - y % 1) <= 2.5
        assert abs(column - 12 - x % 1) <= 2.5


def test_the_nose_moves_against_eyes_and_mouth_whose_middle_stays() -> None:
    moves = []
    for seed in range(60):
        _, landmarks = turn(picture(), LANDMARKS, np.random.default_rng(seed))
        around = landmarks[[0, 1, 3, 4]]
        assert np.allclose(around.mean(0), LANDMARKS[[0, 1, 3, 4]].mean(0), atol=0.5)
        moves.append(np.abs(landmarks[2] - LANDMARKS[2]).max())
    assert 0.25 < np.mean(np.array(moves) < 0.5) < 0.6, "some are left as they were"
    assert max(moves) > 15


def test_what_is_beside_the_head_keeps_its_shape() -> None:
    stripes = np.repeat(np.sin(np.arange(512) / 3)[None, :, None], 512, 0).repeat(3, 2)
    turned, _ = turn(stripes.astype(np.float32), LANDMARKS, np.random.default_rng(0))
    assert np.allclose(turned[20], turned[40], atol=1e-3)
