from __future__ import annotations

import cv2
import numpy as np

from benchmarks.against_filters.filters.motion import motion_filter


def moving_texture(frames: int) -> np.ndarray:
    """A smooth texture that moves by one pixel a frame."""
    texture = np.random.default_rng(0).uniform(0, 255, (80, 96, 3)).astype(np.float32)
    texture = cv2.normalize(cv2.GaussianBlur(texture, (0, 0), 3), None, 30, 220, cv2.NORM_MINMAX)
    return np.stack([texture[8:72, 10 + t : 74 + t] for t in range(frames)])


def error(pictures: np.ndarray, truth: np.ndarray) -> float:
    inner = np.s_[:, 8:-8, 8:-8]
    return float(np.mean((pictures[inner].astype(np.float64) - truth[inner]) ** 2))


def test_noise_of_moving_frames_is_averaged_away():
    truth = moving_texture(9)
    noise = np.random.default_rng(1).normal(0, 8, truth.shape)
    noisy = (truth + noise).round().clip(0, 255).astype(np.uint8)
    assert error(motion_filter(noisy), truth) < 0.35 * error(noisy, truth)


def test_what_shows_in_one_frame_alone_is_kept():
    truth = moving_texture(9).round().astype(np.uint8)
    truth[4, 28:36, 28:36] = 0
    filtered = motion_filter(truth)
    assert filtered[4, 30:34, 30:34].max() < 12
    assert (
        np.abs(filtered[[3, 5], 30:34, 30:34].astype(int) - truth[[3, 5], 30:34, 30:34]).max() < 12
    )


def test_a_single_frame_stays_as_it_is():
    truth = moving_texture(1).round().astype(np.uint8)
    assert np.array_equal(motion_filter(truth), truth)
