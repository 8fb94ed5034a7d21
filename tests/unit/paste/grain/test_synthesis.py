from __future__ import annotations

import cv2
import numpy as np
import pytest

from vidrestore.paste.grain.blocks import powers
from vidrestore.paste.grain.synthesis import drawn, kernel_of

SHAPE = (240, 320)


def spectrum(picture, side=16):
    places = np.stack(np.mgrid[: 240 - side : side, : 320 - side : side], -1).reshape(-1, 2)
    return powers(picture, places, side).mean(axis=0)


@pytest.mark.parametrize("sigmas", [(0.01, 0.01), (0.8, 0.8), (1.6, 0.4)])
def test_what_is_drawn_has_the_spectrum_and_the_strength_of_what_was_measured(sigmas):
    white = np.random.default_rng(1).normal(0, 9, SHAPE).astype(np.float32)
    grain = cv2.GaussianBlur(white, (0, 0), sigmas[0], sigmaY=sigmas[1])
    wanted = spectrum(grain)
    again = drawn(kernel_of(wanted), SHAPE, (5,))
    assert again.std() == pytest.approx(grain.std(), rel=0.12)
    assert np.abs(spectrum(again) - wanted).mean() < 0.12 * wanted.mean()
    assert abs(again.mean()) < 0.3
    beside = [float((p[:, 1:] * p[:, :-1]).mean() / p.var()) for p in (grain, again)]
    assert beside[1] == pytest.approx(beside[0], abs=0.08)


def test_the_same_seed_gives_the_same_grain_and_another_another():
    kernel = kernel_of(np.ones((8, 5), np.float32))
    one, same, other = (drawn(kernel, (40, 50), seed) for seed in ((3, 4), (3, 4), (4, 4)))
    assert np.array_equal(one, same)
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.1


def test_no_power_is_no_grain():
    assert not drawn(kernel_of(np.zeros((8, 5), np.float32)), (9, 9), (1,)).any()
