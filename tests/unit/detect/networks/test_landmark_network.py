from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from tests.made_pictures.portraits import ASTRONAUT, astronaut
from vidrestore.detect.networks import landmark_network
from vidrestore.detect.networks.face_crop import crop_from_picture, gray_crop
from vidrestore.detect.networks.landmark_network import SIDE, LandmarkPlacer
from vidrestore.detect.networks.onet import MIRRORED_ORDER
from vidrestore.errors import ModelError
from vidrestore.weights.installed import LANDMARKS

EYES = 43.0


@pytest.fixture(scope="module")
def placer():
    return LandmarkPlacer()


def placed(picture: np.ndarray, about: np.ndarray, placer: LandmarkPlacer):
    """Landmarks and expected errors in an RGB picture's own pixels."""
    matrix = crop_from_picture(about)
    gray = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)
    (landmarks,), (error,) = placer.place(gray_crop(gray, matrix, SIDE)[None])
    there = (landmarks - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
    return there, error / np.hypot(matrix[0, 0], matrix[1, 0])


def off(picture: np.ndarray, about: np.ndarray, truth: np.ndarray, placer: LandmarkPlacer) -> float:
    return float(np.linalg.norm(placed(picture, about, placer)[0] - truth, axis=1).mean())


def worn() -> np.ndarray:
    small = cv2.resize(astronaut(), (256, 256), interpolation=cv2.INTER_AREA).astype(float)
    noise = np.random.default_rng(0).normal(0, 10, small.shape)
    return np.clip(cv2.GaussianBlur(small, (0, 0), 1.5) + noise, 0, 255).astype(np.uint8)


def test_landmarks_are_found_from_rough_ones(placer):
    generator = np.random.default_rng(0)
    for _ in range(8):
        about = ASTRONAUT + generator.normal(0, 0.05 * EYES, 2)
        about = about + generator.normal(0, 0.05 * EYES, (5, 2))
        # The truth is by hand: within 4 % of the distance of the eyes.
        assert off(astronaut(), about, ASTRONAUT, placer) < 0.04 * EYES


def test_landmarks_are_found_in_worn_pictures(placer):
    truth = (ASTRONAUT + 0.5) / 2 - 0.5
    assert off(worn(), truth + 1, truth, placer) < 0.06 * EYES / 2


def test_more_error_is_expected_where_less_is_seen(placer):
    _, clean = placed(astronaut(), ASTRONAUT, placer)
    _, poor = placed(worn(), (ASTRONAUT + 0.5) / 2 - 0.5, placer)
    assert 0 < clean.mean() < 0.05 * EYES
    assert poor.mean() > 1.1 * clean.mean() / 2


def test_a_mirror_image_gives_mirrored_landmarks(placer):
    swap = list(MIRRORED_ORDER)
    about = ((ASTRONAUT + 2) * (-1, 1) + (511, 0))[swap]
    plain, error = placed(astronaut(), ASTRONAUT + 2, placer)
    other, mirrored_error = placed(astronaut()[:, ::-1], about, placer)
    assert np.abs((other * (-1, 1) + (511, 0))[swap] - plain).max() < 0.3
    np.testing.assert_allclose(mirrored_error[swap], error, rtol=0.1)


def test_a_turned_picture_gives_turned_landmarks(placer):
    def turn(points: np.ndarray) -> np.ndarray:
        return np.stack([511 - points[:, 1], points[:, 0]], axis=1)

    plain, _ = placed(astronaut(), ASTRONAUT, placer)
    other, _ = placed(np.rot90(astronaut(), -1), turn(ASTRONAUT), placer)
    np.testing.assert_allclose(other, turn(plain), atol=0.3)


def test_each_crop_counts_for_itself(placer):
    crops = np.random.default_rng(0).integers(0, 256, (3, SIDE, SIDE), dtype=np.uint8)
    together = placer.place(crops)
    for index in range(3):
        alone = placer.place(crops[index : index + 1])
        np.testing.assert_allclose(together.landmarks[index], alone.landmarks[0], atol=1e-4)
        np.testing.assert_allclose(together.error[index], alone.error[0], rtol=1e-4)


def test_other_weights_are_refused(monkeypatch):
    other = dataclasses.replace(LANDMARKS, sha256="0" * 64)
    monkeypatch.setattr(landmark_network, "LANDMARKS", other)
    with pytest.raises(ModelError, match="reinstall vidrestore"):
        LandmarkPlacer()


def test_missing_weights_are_told(monkeypatch):
    missing = dataclasses.replace(LANDMARKS, path="vidrestore/nothing.safetensors")
    monkeypatch.setattr(landmark_network, "LANDMARKS", missing)
    with pytest.raises(ModelError, match=r"nothing\.safetensors"):
        LandmarkPlacer()
