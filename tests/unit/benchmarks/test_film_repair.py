from __future__ import annotations

import numpy as np

from benchmarks.film_repair import HEIGHT, VALUES, WIDTH, Sums, clips, panels


def test_the_sample_is_damaged_in_part_and_sound_beside() -> None:
    first = next(clips("sample", [], 0))
    assert first.truth is None
    assert len(first.damaged) == len(first.sound) == 52
    changed = [
        float((a != b).any(axis=2).mean()) for a, b in zip(first.damaged, first.sound, strict=True)
    ]
    assert 0 < np.mean(changed) < 0.2
    assert first.sound[0].shape == (HEIGHT, WIDTH, 3)


def test_figures_are_over_all_samples() -> None:
    sums = Sums(squared=4.0 * 100, count=100, left=3.0, added=12.0)
    assert abs(sums.told()["psnr"] - 42.11) < 0.01
    assert sums.told()["left"] == 0.25


def test_rows_of_several_sizes_make_one_picture() -> None:
    rows = [[np.zeros((side, 90, 3), np.uint8)] * (1 + len(VALUES)) for side in (90, 120)]
    assert panels(rows).shape == (360 + 480, 4 * 360, 3)
