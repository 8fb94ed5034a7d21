from __future__ import annotations

import cv2
import numpy as np

from training.learning.trainer import face_weights
from training.refinement import Samples, drawn, gains, learn

SIDE = 256


def textured(seed: int) -> np.ndarray:
    fine = np.random.default_rng(seed).normal(0, 30, (SIDE, SIDE)).astype(np.float32)
    return 128 + cv2.GaussianBlur(fine, (0, 0), 1.0)


def of(pairs: list[tuple[np.ndarray, np.ndarray]]) -> Samples:
    """Samples of results and their truths; nothing was restored."""
    luma, errors = [], []
    for result, truth in pairs:
        kept = np.stack([result, result, truth]).round().clip(0, 255).astype(np.uint8)
        _, after, true = kept.astype(np.float32)
        luma.append(kept)
        errors.append(np.square(true - after).mean())
    return Samples(np.stack(luma), np.array(errors, np.float32))


def test_patches_are_judged_within_their_margins() -> None:
    truth = textured(0)
    batch = drawn(of([(truth, truth + 2)]), face_weights(SIDE).numpy(), np.random.default_rng(1), 3)
    assert batch.base.shape == batch.result.shape == batch.truth.shape == (3, 1, 256, 256)
    assert batch.weights.shape == (3, 256, 256)
    assert not batch.weights[:, :32].any()
    assert batch.weights[:, 32:-32, 32:-32].min() > 0
    apart = (batch.truth - batch.result).flatten(1)
    assert (apart.std(1) < 1e-4).all(), "a patch and its truth lie in the same place"
    assert (apart.mean(1) >= 1.2).all()


def blurred(numbers: range) -> Samples:
    truths = [textured(number) for number in numbers]
    return of([(cv2.GaussianBlur(truth, (0, 0), 0.8), truth) for truth in truths])


def test_it_learns_to_strengthen_what_blur_left() -> None:
    network = learn(blurred(range(6)), 40, seed=1, batch=2)
    assert gains(network, blurred(range(50, 52))).min() > 0.1


def test_light_is_not_learned() -> None:
    truth = textured(0)
    samples = of([(truth - 3, truth)])
    network = learn(samples, 10, seed=1, batch=2)
    assert abs(float(gains(network, samples)[0])) < 0.2
