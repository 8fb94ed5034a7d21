from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.portraits import ASTRONAUT, astronaut
from vidrestore.detect import landmark_network
from vidrestore.detect.landmark_network import (
    SIDE,
    TEMPLATE,
    LandmarkPlacer,
    crop_from_image,
    gray_crop,
)
from vidrestore.detect.onet import MIRRORED_ORDER
from vidrestore.errors import ModelError

EYES = 43.0


@pytest.fixture(scope="module")
def placer():
    return LandmarkPlacer()


def off(picture: np.ndarray, about: np.ndarray, truth: np.ndarray, placer: LandmarkPlacer) -> float:
    (placed,) = placer.place([picture], [about])
    return float(np.linalg.norm(placed - truth, axis=1).mean())


def test_landmarks_are_found_from_rough_ones(placer):
    generator = np.random.default_rng(0)
    for _ in range(8):
        about = ASTRONAUT + generator.normal(0, 0.05 * EYES, 2)
        about = about + generator.normal(0, 0.05 * EYES, (5, 2))
        # The truth is by hand: within 4 % of the distance of the eyes.
        assert off(astronaut(), about, ASTRONAUT, placer) < 0.04 * EYES


def test_landmarks_are_found_in_worn_pictures(placer):
    generator = np.random.default_rng(0)
    small = cv2.resize(astronaut(), (256, 256), interpolation=cv2.INTER_AREA).astype(float)
    worn = cv2.GaussianBlur(small, (0, 0), 1.5) + generator.normal(0, 10, small.shape)
    picture = np.clip(worn, 0, 255).astype(np.uint8)
    truth = (ASTRONAUT + 0.5) / 2 - 0.5
    assert off(picture, truth + 1, truth, placer) < 0.06 * EYES / 2


def test_a_mirror_image_gives_mirrored_landmarks(placer):
    mirrored = np.ascontiguousarray(astronaut()[:, ::-1])
    swap = list(MIRRORED_ORDER)
    about = ((ASTRONAUT + 2) * (-1, 1) + (511, 0))[swap]
    plain, other = placer.place([astronaut(), mirrored], [ASTRONAUT + 2, about])
    assert np.abs((other * (-1, 1) + (511, 0))[swap] - plain).max() < 0.3


def test_a_turned_picture_gives_turned_landmarks(placer):
    turned = np.ascontiguousarray(np.rot90(astronaut(), -1))

    def turn(points: np.ndarray) -> np.ndarray:
        return np.stack([511 - points[:, 1], points[:, 0]], axis=1)

    plain, other = placer.place([astronaut(), turned], [ASTRONAUT, turn(ASTRONAUT)])
    np.testing.assert_allclose(other, turn(plain), atol=0.3)


def test_nobody_no_work(placer):
    assert placer.place([], []) == []


@pytest.mark.parametrize("scale", [0.1, 0.25, 0.4])
def test_a_crop_shows_what_its_matrix_says(scale):
    y, x = np.mgrid[:700, :700]
    ramp = np.repeat(np.rint(x * 0.2 + y * 0.1)[..., None], 3, axis=2).astype(np.uint8)
    about = (TEMPLATE - 31.5) / scale + 350
    matrix = crop_from_image(about)
    crop = gray_crop(ramp, matrix, SIDE).astype(float)
    places = np.stack(np.mgrid[:SIDE, :SIDE][::-1], axis=-1).reshape(-1, 2)
    image = (places - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
    inside = ((image > 5) & (image < 694)).all(axis=1)
    error = crop.reshape(-1)[inside] - (image @ (0.2, 0.1))[inside]
    assert inside.sum() > 1000
    assert np.abs(error).max() < 1.1
    # Half a pixel of the crop would be 0.37 or more.
    assert abs(error.mean()) < 0.2


def test_other_weights_are_refused(monkeypatch):
    monkeypatch.setattr(landmark_network, "SHA256", "0" * 64)
    with pytest.raises(ModelError, match="reinstall vidrestore"):
        LandmarkPlacer()


def test_missing_weights_are_told(monkeypatch):
    monkeypatch.setattr(landmark_network, "WEIGHTS", "nothing.safetensors")
    with pytest.raises(ModelError, match=r"nothing\.safetensors"):
        LandmarkPlacer()
