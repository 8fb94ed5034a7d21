from __future__ import annotations

import numpy as np
import pytest

from benchmarks.film_frame import Score, judge, psnr, squared

AGED = np.full((40, 40, 3), 100, np.uint8)


def speck(x, level):
    picture = AGED.copy()
    picture[10:13, x : x + 3] = level
    return picture


@pytest.mark.parametrize(
    ("worn", "result", "told"),
    [
        (speck(10, 200), AGED, {"pieces": 1, "recall": 1.0, "clear": 1.0, "precision": 1.0}),
        (speck(10, 130), AGED, {"pieces": 1, "recall": 1.0, "clear": 0.0, "precision": 1.0}),
        (speck(10, 200), speck(10, 200), {"pieces": 1, "recall": 0.0, "clear": 0, "precision": 0}),
        (AGED, speck(10, 200), {"pieces": 0, "recall": 0.0, "clear": 0.0, "precision": 0.0}),
    ],
    ids=["gone", "faint", "left", "invented"],
)
def test_pieces_of_damage_are_counted(worn, result, told):
    score = Score()
    judge(score, AGED, worn, result)
    assert score.told() == told | {"edge": told["recall"]}


def test_psnr_is_of_all_frames_together():
    errors = squared([AGED, speck(10, 200)], [AGED, AGED])
    assert errors == [0.0, pytest.approx(100.0**2 * 9 / 1600)]
    assert psnr(errors) == pytest.approx(10 * np.log10(255**2 / np.mean(errors)))
    assert psnr([0.0]) == 99.0
