from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from benchmarks.against_filters.measures import Reference, measured
from benchmarks.against_filters.measures.detail import detail
from benchmarks.against_filters.measures.fidelity import fidelity
from benchmarks.against_filters.measures.lag import lag
from benchmarks.against_filters.measures.mesh import eye_aspects, gazes, mouth_aspects
from benchmarks.against_filters.measures.perceptual import perceptual
from benchmarks.against_filters.measures.steadiness import steadiness
from benchmarks.against_filters.measures.vmaf import vmaf
from vidrestore.measure import IdentityEmbedder, mouth_region
from vidrestore.picture.template import template

SIDE, FRAMES = 128, 14


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    """A texture whose mouth opens and shuts."""
    random = np.random.default_rng(0)
    texture = cv2.GaussianBlur(random.uniform(0, 255, (SIDE, SIDE, 3)), (0, 0), 1.2)
    texture = cv2.normalize(texture, None, 40, 215, cv2.NORM_MINMAX)
    mouth = mouth_region(SIDE)[..., None]
    opened = 50 + 40 * np.sin(np.arange(FRAMES) * 0.8)
    frames = [np.where(mouth, texture * 0.5 + level, texture) for level in opened]
    return np.stack(frames).round().astype(np.uint8)


@pytest.fixture(scope="module")
def reference(truth) -> Reference:
    landmarks = np.tile(template("gpen", SIDE), (FRAMES, 1, 1))
    motion = np.tile([2.0, 0.0], (FRAMES, 1))
    return Reference(truth, truth, landmarks, motion, IdentityEmbedder())


def blurred(truth: np.ndarray, sigma: float = 1.5) -> np.ndarray:
    return np.stack([cv2.GaussianBlur(picture, (0, 0), sigma) for picture in truth])


def noisy(truth: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, 8, truth.shape)
    return (truth + noise).round().clip(0, 255).astype(np.uint8)


def test_the_truth_is_perfect(truth, reference):
    found = measured(truth, reference)
    for name in ("psnr", "psnr skin", "psnr eyes", "psnr mouth"):
        assert found[name] == 60
    for name in ("ssim", "ssim eyes", "sharpness", "energy mouth"):
        assert found[name] == pytest.approx(1)
    for name in ("identity", "swd", "flicker", "light", "boil", "features", "lag px"):
        assert found[name] == pytest.approx(0, abs=1e-6)
    assert found["lag frames"] == pytest.approx(0, abs=0.2)
    assert found["vmaf neg"] > 90


def test_what_lies_beside_a_turned_face_is_no_skin(truth, reference):
    landmarks = reference.landmarks.copy()
    landmarks[:, 2, 0] += 0.12 * SIDE  # the nose: the face is turned to the right
    turned = replace(reference, landmarks=landmarks)
    assert (turned.skin <= turned.face.mask).all()
    beside = truth.copy()
    outside = turned.face.of_picture(beside)
    outside[~turned.skin] ^= 64
    found = fidelity(beside, turned)
    assert found["psnr skin"] == 60
    assert found["psnr"] < 40


def test_a_late_result_is_late(truth, reference):
    late = np.concatenate([truth[:1], truth[:-1]])
    assert lag(late, reference)["lag frames"] == pytest.approx(1, abs=0.35)
    early = np.concatenate([truth[1:], truth[-1:]])
    assert lag(early, reference)["lag frames"] == pytest.approx(-1, abs=0.35)


def test_features_that_trail_the_head_are_behind(truth, reference):
    trailing = np.roll(truth, -1, axis=2)
    assert lag(trailing, reference)["lag px"] == pytest.approx(1, abs=0.2)


def test_blur_takes_detail_and_noise_is_no_detail(truth, reference):
    soft, rough = detail(blurred(truth), reference), detail(noisy(truth), reference)
    assert soft["sharpness"] < 0.5
    assert soft["energy"] < 0.5
    assert rough["energy"] > 1
    assert rough["sharpness"] == pytest.approx(1, abs=0.1)
    assert soft["swd"] > 0.3


def test_unrest_is_told_by_its_kind(truth, reference):
    flashing = truth.astype(float) + 10 * (np.arange(FRAMES) % 2)[:, None, None, None]
    light = steadiness(flashing.clip(0, 255).astype(np.uint8), reference)
    grain = steadiness(noisy(truth), reference)
    assert light["light"] == pytest.approx(5, abs=0.6)
    assert grain["light"] < 0.3
    assert grain["flicker"] > 3
    assert grain["boil"] == pytest.approx(8, abs=0.6)


def test_one_region_says_nothing_of_another(truth, reference):
    spoilt = truth.copy()
    spoilt[:, mouth_region(SIDE)] = 128
    found = fidelity(spoilt, reference)
    assert found["psnr eyes"] == 60
    assert found["psnr mouth"] < 25


def test_more_blur_is_farther_away(truth, reference):
    soft, softer = blurred(truth, 1.0), blurred(truth, 3.0)
    for measure, name, sign in ((perceptual, "features", 1), (vmaf, "vmaf neg", -1)):
        assert sign * measure(softer, reference)[name] > sign * measure(soft, reference)[name]


def test_aspects_and_gaze_are_read_off_a_mesh():
    points = np.zeros((1, 478, 2))
    for outer, inner, upper, lower, iris in ((33, 133, 159, 145, 468), (263, 362, 386, 374, 473)):
        points[0, [outer, inner, upper, lower, iris]] = (0, 0), (20, 0), (10, -3), (10, 2), (13, -1)
    points[0, [78, 308, 13, 14]] = (0, 0), (40, 0), (20, 0), (20, 10)
    assert np.allclose(eye_aspects(points), 0.25)
    assert np.allclose(mouth_aspects(points), 0.25)
    assert np.allclose(gazes(points), (0.15, -0.05))
