from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch

from training.evaluate import Product
from training.pool import Pool
from training.refinement import Samples, joined, learn, sample_of, samples_of, won
from vidrestore.restore.detail import BANDS, PARTS, STRENGTHS, Refinable

SIDE = 128
EVEN = np.ones((SIDE, SIDE), np.float32)


def textured(seed: int, side: int = SIDE) -> np.ndarray:
    fine = np.random.default_rng(seed).normal(0, 30, (side, side)).astype(np.float32)
    return np.asarray(128 + cv2.GaussianBlur(fine, (0, 0), 1.0), np.float32)


def of(result: np.ndarray, truth: np.ndarray) -> Samples:
    """A sample of which nothing was restored."""
    face = Refinable.of(result, result, result, 1.0)
    return sample_of(face, truth - result, truth - result, EVEN)


def test_what_is_left_is_what_the_gains_leave() -> None:
    own, base, result, truth = (textured(seed) for seed in range(4))
    face = Refinable.of(own, base, result, 1.5)
    sample = sample_of(face, truth - result, truth - base, EVEN)
    drawn = np.random.default_rng(9).normal(0, 0.5, (PARTS, BANDS)).astype(np.float32)
    left = np.square(truth - result - face.summed(drawn)).mean()
    np.testing.assert_allclose(sample.left(torch.from_numpy(drawn)[None]), left, rtol=1e-3)
    np.testing.assert_allclose(sample.source, np.square(truth - base).mean(), rtol=1e-5)


def blurred(numbers: range) -> Samples:
    truths = [textured(number) for number in numbers]
    return joined([of(cv2.GaussianBlur(truth, (0, 0), 0.8), truth) for truth in truths])


def noisy(numbers: range) -> Samples:
    pairs = []
    for number in numbers:
        truth = cv2.GaussianBlur(textured(number), (0, 0), 3.0)
        draws = np.random.default_rng(number).normal(0, 5, truth.shape).astype(np.float32)
        pairs.append(of(truth + draws, truth))
    return joined(pairs)


def test_it_learns_to_strengthen_what_blur_left_and_to_weaken_noise() -> None:
    network = learn(joined([blurred(range(8)), noisy(range(8))]), 300, seed=1)
    for of_kind in (blurred, noisy):
        nearer, than_source = won(network, of_kind(range(50, 54)))
        assert float(nearer.min()) > 0.5
        torch.testing.assert_close(nearer, than_source, rtol=1e-3, atol=1e-3)


def test_what_needs_nothing_is_left() -> None:
    truths = [textured(number) for number in range(8)]
    whole = joined([of(truth, truth) for truth in truths])
    network = learn(joined([whole, blurred(range(8))]), 300, seed=1)
    left = network(whole.known).abs().mean()
    assert float(left) < 0.5 * float(network(blurred(range(4)).known).abs().mean())


def test_samples_of_a_pool_know_the_frame_alone_and_its_scale(tmp_path: Path) -> None:
    class Copies:
        size = 256

        def restore(self, crops: np.ndarray) -> np.ndarray:
            return crops

    pool = Pool(tmp_path, 2)
    pool.pictures[:] = textured(1, 512)[None, None, ..., None].round()
    pool.pictures[1, 2] = textured(2, 512)[..., None].round()  # the frame alone
    pool.pixels[:] = 1.2, 1.5
    pool.note(2)
    samples = samples_of(pool, Product(Copies()), 2)
    np.testing.assert_allclose(samples.known[:, -1], np.log2([1.2, 1.5]), rtol=1e-5)
    assert not samples.lacking.any()
    assert (samples.known[1, 5 * BANDS : STRENGTHS] > samples.known[0, 5 * BANDS : STRENGTHS]).all()
