from __future__ import annotations

import numpy as np
import pytest

from benchmarks.covered import COVERS, covered
from benchmarks.worn_portraits import Truth, face_area, worn
from tests.made_pictures.faces import landmarks

POINTS = landmarks(128, 110, 120)
TRUTH = Truth([np.full((256, 256, 3), 120, np.uint8)] * 3, np.stack([POINTS] * 3), 1)


@pytest.mark.parametrize("name", COVERS)
def test_something_covers_the_face_there_and_nowhere_else(name: str) -> None:
    pictures, masks = covered(TRUTH, name)
    for picture, mask in zip(pictures, masks, strict=True):
        assert 0 <= mask.min() <= mask.max() <= 1
        assert mask[face_area(POINTS, mask.shape)].max() > 0.6
        assert np.all(picture[mask == 0] == 120)
        assert np.abs(picture[mask > 0.6].astype(int) - 120).max() > 20


def test_nothing_covers_and_wear_is_the_same_for_a_seed() -> None:
    pictures, masks = covered(TRUTH, None)
    assert not np.any(masks)
    assert np.array_equal(pictures, TRUTH.pictures)
    assert np.array_equal(worn(pictures, 3), worn(pictures, 3))
    assert not np.array_equal(worn(pictures, 3), worn(pictures, 4))
