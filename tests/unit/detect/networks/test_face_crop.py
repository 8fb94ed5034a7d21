from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.made_pictures.faces import FORMATS, frame_format, paint
from tests.made_pictures.strategies import landmarks_at
from vidrestore.detect.networks.face_crop import crop_from_picture, frame_crop, gray_crop
from vidrestore.detect.networks.landmark_network import EYES, SIDE, TEMPLATE


def grays(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Waves without colour, so that luma is what every format agrees on."""
    value = 128 + 60 * np.sin(x / 23) * np.cos(y / 17)
    return np.repeat(value[..., None], 3, axis=-1)


def test_landmarks_come_to_the_template() -> None:
    about = (TEMPLATE - 31.5) * 2.5 + 300
    matrix = crop_from_picture(about)
    np.testing.assert_allclose(about @ matrix[:, :2].T + matrix[:, 2], TEMPLATE, atol=1e-9)


def test_a_face_of_any_size_and_roll_is_upright_and_as_large() -> None:
    for roll in (-0.7, 0.0, 2.5):
        about = landmarks_at(200, 150, 71.0, roll)
        matrix = crop_from_picture(about)
        there = about @ matrix[:, :2].T + matrix[:, 2]
        across = there[1] - there[0]
        assert abs(across[1]) < 0.5
        assert np.linalg.norm(across) == pytest.approx(EYES, rel=0.1)


@pytest.mark.parametrize("scale", [0.1, 0.25, 0.4])
def test_a_crop_shows_what_its_matrix_says(scale: float) -> None:
    y, x = np.mgrid[:700, :700]
    ramp = np.rint(x * 0.2 + y * 0.1).astype(np.uint8)
    about = (TEMPLATE - 31.5) / scale + 350
    matrix = crop_from_picture(about)
    crop = gray_crop(ramp, matrix, SIDE).astype(float)
    places = np.stack(np.mgrid[:SIDE, :SIDE][::-1], axis=-1).reshape(-1, 2)
    image = (places - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
    inside = ((image > 5) & (image < 694)).all(axis=1)
    error = crop.reshape(-1)[inside] - (image @ (0.2, 0.1))[inside]
    assert inside.sum() > 1000
    assert np.abs(error).max() < 1.1
    # Half a pixel of the crop would be 0.37 or more.
    assert abs(error.mean()) < 0.2


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_gray(name: str) -> None:
    matrix = crop_from_picture(landmarks_at(160, 120, 40.0, 0.2))
    places = cv2.invertAffineTransform(matrix)
    y, x = np.mgrid[:SIDE, :SIDE].astype(float)
    truth = grays(*(row[0] * x + row[1] * y + row[2] for row in places))[..., 0]
    crop = frame_crop(paint(grays, frame_format(name)), matrix)
    assert crop.dtype == np.uint8
    assert np.abs(crop - truth).max() < 3
    assert abs((crop - truth).mean()) < 0.6
