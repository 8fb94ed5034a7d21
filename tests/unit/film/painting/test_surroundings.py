from __future__ import annotations

import cv2
import numpy as np
import pytest

from vidrestore.film.painting import painted_over

SKIN = np.array([190, 140, 110])


@pytest.mark.parametrize("unit", [1, 257])
def test_colour_comes_from_beyond_what_damage_has_bleached(unit):
    """A white fold whose colour has run into the skin, as 4:2:0 has it."""
    clean = np.full((256, 256, 3), SKIN, np.uint8)
    folded = clean.copy()
    folded[124:132] = 250
    ycc = cv2.cvtColor(folded, cv2.COLOR_RGB2YCrCb)
    ycc[..., 1:] = cv2.GaussianBlur(ycc[..., 1:], (0, 0), 2.0)
    worn = cv2.cvtColor(ycc, cv2.COLOR_YCrCb2RGB).astype(np.uint8 if unit == 1 else np.uint16)
    worn *= worn.dtype.type(unit)
    damaged = np.zeros((256, 256), np.uint8)
    damaged[123:133] = 255
    painted = painted_over(worn, damaged)
    assert painted.dtype == worn.dtype
    np.testing.assert_array_equal(painted[damaged == 0], worn[damaged == 0])
    spread = np.ptp(painted[damaged > 0].astype(float) / unit, axis=-1)
    assert spread.min() > 0.9 * np.ptp(SKIN), "as colourful as the skin"
