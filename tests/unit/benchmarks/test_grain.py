from __future__ import annotations

import numpy as np
import pytest

from benchmarks.grain import grain_of
from tests.made_pictures.faces import landmarks

POINTS = np.stack([landmarks(120, 120, 90)] * 2)


def pictures(inside: float, around: float) -> np.ndarray:
    random = np.random.default_rng(0)
    y, x = np.mgrid[:240, :240]
    near = np.hypot(x - 120, y - 125) < 75
    white = random.standard_normal((2, 240, 240))
    noisy = 120 + 20 * np.sin(x / 40) + white * np.where(near, inside, around)
    return np.repeat(noisy.round().clip(0, 255).astype(np.uint8)[..., None], 3, axis=-1)


@pytest.mark.parametrize(("inside", "around"), [(4.0, 4.0), (2.0, 6.0)])
def test_grain_is_told_apart_in_and_around_a_face(inside: float, around: float) -> None:
    found = grain_of(pictures(inside, around), POINTS)
    assert found.inside == pytest.approx(inside, rel=0.15)
    assert found.around == pytest.approx(around, rel=0.15)


def test_shading_is_no_grain() -> None:
    found = grain_of(pictures(0, 0), POINTS)
    assert max(found.inside, found.around) < 0.4
