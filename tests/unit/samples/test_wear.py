from __future__ import annotations

import numpy as np
import pytest

from samples.wear import Wear, WornFilm
from vidrestore.measure import boil, high_frequency_energy

NONE = Wear(softness=0.01, grain=0.0, flicker=0.0, fade=0.0, scratches=0.0, dust=0.0)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    random = np.random.default_rng(1)
    return random.uniform(40, 200, (96, 128, 3)).astype(np.float32)


def film(seed: int = 3, **changes: float) -> WornFilm:
    return WornFilm(Wear(**{**vars(NONE), **changes}), (96, 128), seed)


def test_the_seed_decides_everything(picture):
    wear = {"grain": 5.0, "flicker": 0.02, "scratches": 4.0, "dust": 3.0, "softness": 1.0}
    first, second = film(**wear), film(**wear)
    for _ in range(4):
        assert np.array_equal(first.frame(picture), second.frame(picture))
    assert not np.array_equal(film(4, **wear).frame(picture), film(3, **wear).frame(picture))


def test_unworn_film_darkens_towards_the_corners_only(picture):
    worn = film().frame(picture)
    assert worn[48, 64] == pytest.approx(picture[48, 64], abs=0.5)
    assert worn[0, 0].sum() < 0.85 * picture[0, 0].sum()


def test_softness_takes_detail(picture):
    assert high_frequency_energy(film(softness=1.5).frame(picture), picture) < 0.1


def test_grain_and_flicker_change_from_frame_to_frame(picture):
    gray = np.full((96, 128, 3), 128, np.float32)
    still = np.stack([film().frame(gray)] * 4)
    grainy, flickering = film(grain=5.0), film(flicker=0.03)
    assert boil(still) == pytest.approx(0.0, abs=1e-6)
    assert 2 < boil(np.stack([grainy.frame(gray) for _ in range(12)])) < 8
    levels = [flickering.frame(gray)[48, 64, 0] for _ in range(12)]
    assert np.std(levels) > 1.5


def test_fading_lifts_the_blacks_and_reddens_the_whites():
    black = np.zeros((96, 128, 3), np.float32)
    white = np.full((96, 128, 3), 220, np.float32)
    assert film(fade=1.0).frame(black)[48, 64].min() > 15
    red, green, blue = film(fade=1.0).frame(white)[48, 64]
    assert red > green > blue


def test_scratches_stay_for_some_frames_and_dust_for_one():
    gray = np.full((96, 128, 3), 128, np.float32)
    clean = film().frame(gray)
    scratched = film(scratches=40.0)
    marks = np.stack([np.abs(scratched.frame(gray) - clean).max(axis=2) > 10 for _ in range(6)])
    columns = marks.mean(axis=1) > 0.3  # a line runs through most of the rows
    assert columns.any(axis=1).sum() >= 2
    dusty = film(dust=8.0)
    specks = np.stack([np.abs(dusty.frame(gray) - clean).max(axis=2) > 10 for _ in range(6)])
    assert all(0 < frame.mean() < 0.1 for frame in specks)
    assert (specks[:-1] & specks[1:]).sum() < 0.2 * specks.sum()
