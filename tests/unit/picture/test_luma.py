from __future__ import annotations

import numpy as np
import pytest

from vidrestore.picture.luma import luma_of


def test_luma_is_that_of_bt601_whatever_the_depth() -> None:
    crop = np.zeros((4, 4, 3), np.uint8)
    crop[..., 1] = 200
    np.testing.assert_allclose(luma_of(crop), 0.587 * 200, rtol=1e-5)
    deep = crop.astype(np.uint16) * np.uint16(257)
    np.testing.assert_allclose(luma_of(deep), luma_of(crop), rtol=1e-5)
    assert luma_of(np.full((2, 2, 3), 255, np.uint8)) == pytest.approx(255)
