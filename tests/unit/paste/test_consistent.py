from __future__ import annotations

import cv2
import numpy as np
import pytest

from vidrestore.paste.consistent import blur_between, contradicted

SIZE = 256
Y, X = np.mgrid[:SIZE, :SIZE].astype(np.float32)
FACE = np.ones((128, 128), np.float32)
SKIN = np.array([205.0, 160.0, 135.0])
EYE, IRIS, CORNER = np.hypot(X - 90, (Y - 100) * 1.8), np.hypot(X - 90, Y - 100), 12


def painted(iris=(110, 80, 50), teeth=215.0, corners=70.0):
    """A face's make-up: an iris in its white, a row of teeth between dark corners."""
    picture = np.broadcast_to(SKIN, (SIZE, SIZE, 3)).copy()
    picture += (12 * np.sin(X / 40) * np.cos(Y / 35))[..., None]
    picture[EYE < 26] = (215, 210, 205)
    picture[IRIS < 12] = iris
    mouth = (np.abs(Y - 185) < 8) & (np.abs(X - 150) < 36)
    picture[mouth] = np.array([1, 0.97, 0.92]) * teeth
    picture[mouth & (np.abs(X - 150) > 26)] = corners
    return picture.astype(np.float32)


def worn(picture, sigma=5.0, dtype=np.uint8):
    soft = cv2.GaussianBlur(picture, (0, 0), sigma)
    return (soft * (1 if dtype == np.uint8 else 257)).round().astype(dtype)


def corrected(result, source):
    """The result with what its source contradicts taken away."""
    scale = 1 if source.dtype == np.uint8 else 257
    return result + contradicted(source, result - source.astype(np.float32) / scale, FACE)


def yellow(picture, where):
    """How much less blue than luma."""
    return float((picture[where] @ (0.299, 0.587, 0.114) - picture[where][:, 2]).mean())


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_who_draws_the_truth_is_not_corrected(dtype):
    truth = painted()
    moved = np.abs(corrected(truth, worn(truth, dtype=dtype)) - truth)
    assert moved.mean() < 0.5
    assert np.percentile(moved, 99) < 6


@pytest.mark.parametrize("sigma", [2.0, 4.0, 6.0])
def test_brown_eyes_that_were_drawn_gray_become_brown_again(sigma):
    truth, gray = painted(), painted(iris=(88, 92, 100))
    where = IRIS < 9
    before, after = yellow(gray, where), yellow(corrected(gray, worn(truth, sigma)), where)
    wanted = yellow(truth, where)
    assert abs(after - wanted) < 0.75 * abs(before - wanted)
    # Blue ones stay blue.
    blue = painted(iris=(80, 100, 130))
    assert yellow(corrected(blue, worn(blue, sigma)), where) == pytest.approx(
        yellow(blue, where), abs=3
    )


def test_teeth_brighter_than_all_and_black_corners_come_back_to_what_the_source_supports():
    truth = painted(teeth=190, corners=95)
    glaring = painted(teeth=250, corners=5)
    result = corrected(glaring, worn(truth, 4))
    mouth = (np.abs(Y - 185) < 6) & (np.abs(X - 150) < 20)
    corner = (np.abs(Y - 185) < 5) & (np.abs(np.abs(X - 150) - 31) < 3)
    for where in (mouth, corner):
        before, after = (np.abs(p - truth)[where].mean() for p in (glaring, result))
        assert after < 0.7 * before


def test_fine_detail_is_left_to_the_restorer():
    truth = painted()
    detail = 10 * np.sin(X * 1.6) * np.sin(Y * 1.5)
    kept = corrected(truth + detail[..., None], worn(truth)) - corrected(truth, worn(truth))
    assert (kept[..., 1] * detail).sum() / (detail**2).sum() == pytest.approx(1, abs=0.05)


def test_a_gray_source_gets_no_colour():
    gray = np.repeat(painted()[..., 1:2], 3, axis=-1)
    correction = contradicted(worn(gray), gray - worn(gray), FACE)
    assert np.abs(correction - correction[..., :1]).max() < 0.01


@pytest.mark.parametrize("sigma", [0.7, 1.2, 2.4])
def test_the_blur_between_two_pictures_is_found(sigma):
    sharp = cv2.resize(painted(), (128, 128), interpolation=cv2.INTER_AREA)[..., 1]
    blurred = cv2.GaussianBlur(sharp, (0, 0), sigma)
    blurred = blurred + np.random.default_rng(0).normal(0, 1.5, blurred.shape).astype(np.float32)
    assert blur_between(sharp, blurred + 20 + 0.1 * X[:128, :128], FACE) == pytest.approx(
        sigma, rel=0.2
    )


def test_what_the_source_shows_is_not_corrected():
    source = worn(painted(), 0.6)
    assert not contradicted(source, np.zeros((SIZE, SIZE, 3), np.float32), FACE).any()


def test_an_empty_mask_is_no_error():
    truth = painted()
    assert np.isfinite(contradicted(worn(truth), truth - worn(truth), np.zeros_like(FACE))).all()
