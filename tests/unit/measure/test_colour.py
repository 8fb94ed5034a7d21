from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidrestore.measure import (
    TONE_BANDS,
    colour_shift,
    gray_departure,
    skin_tone_angle,
    skin_tone_band,
)


def flat(*rgb: int) -> np.ndarray:
    return np.full((32, 32, 3), rgb, np.uint8)


def test_known_distance_of_grays():
    """Grays of L* 50 and 51 differ by the lightness term alone: 1 / S_L, S_L = 1 at L* 50."""
    grays = [flat(level, level, level) for level in (118, 119, 121)]
    lightness = [50.034, 50.431, 51.222]  # of sRGB grays, by IEC 61966-2-1 and CIE 15
    assert colour_shift(grays[1], grays[0]) == pytest.approx(lightness[1] - lightness[0], abs=0.01)
    assert colour_shift(grays[2], grays[0]) == pytest.approx(lightness[2] - lightness[0], abs=0.02)


def test_equal_pictures_have_no_shift():
    assert colour_shift(flat(180, 120, 90), flat(180, 120, 90)) == 0.0


def test_fine_detail_is_no_shift_but_colour_is():
    skin = flat(180, 130, 100).astype(float)
    checker = (np.indices((32, 32)).sum(axis=0) % 2 * 2 - 1)[..., None] * 12.0
    assert colour_shift(skin + checker, skin) < 0.1
    assert colour_shift(skin + np.array([6.0, -4.0, 0.0]), skin) > 2.0


def test_only_the_mask_counts():
    source, output = flat(180, 130, 100), flat(180, 130, 100)
    output[:, 24:] = (0, 255, 0)
    skin = np.zeros((32, 32), bool)
    skin[:, :10] = True
    assert colour_shift(output, source, skin) < 0.01
    assert colour_shift(output, source) > 5


def test_typology_angle_falls_from_light_to_dark_skin():
    skins = [
        (244, 220, 200),
        (224, 172, 105 + 30),
        (198, 134, 66 + 34),
        (141, 85, 50),
        (70, 42, 30),
    ]
    angles = [skin_tone_angle(flat(*rgb)) for rgb in skins]
    assert angles == sorted(angles, reverse=True)
    assert skin_tone_band(angles[0]) == "light"
    assert skin_tone_band(angles[-1]) == "dark"


@given(st.floats(-90, 90))
def test_every_angle_has_a_band(angle):
    bounds = dict(TONE_BANDS)
    name = skin_tone_band(angle)
    assert bounds[name] <= angle
    assert not any(bounds[name] < low <= angle for low in bounds.values())


def test_an_impossible_angle_is_refused():
    with pytest.raises(ValueError, match="below -90"):
        skin_tone_band(-120.0)


def test_gray_departure():
    assert gray_departure(flat(77, 77, 77)) == 0.0
    assert gray_departure(flat(70, 77, 80)) == 10.0
