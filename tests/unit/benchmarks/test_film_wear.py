from __future__ import annotations

import numpy as np
import pytest

from benchmarks.film_wear import FRAMES, dissolve, dust_left, dusty, features, flicker_left
from benchmarks.worn_portraits import Truth, face_area
from tests.made_pictures.faces import landmarks

POINTS = np.stack([landmarks(80, 60, 70)] * FRAMES)


def truth(seed=1):
    y, x = np.mgrid[:120, :160]
    pictures = []
    for t in range(FRAMES):
        luma = 120 + 50 * np.sin((x + t) / 9 + seed) * np.cos(y / 11)
        pictures.append(np.repeat(luma[..., None], 3, axis=2).astype(np.uint8))
    return Truth(pictures, POINTS, seed)


def test_specks_lie_on_the_face_and_not_in_first_and_last_frame():
    source = truth().pictures
    worn, covers = dusty(source, POINTS, 1)
    for t, (before, after, cover) in enumerate(zip(source, worn, covers, strict=True)):
        changed = (before != after).any(axis=2)
        assert not (changed & (cover == 0)).any()
        assert not (changed.any() and t in {0, FRAMES - 1})
    assert sum(cover.any() for cover in covers) > FRAMES / 2


def test_features_are_part_of_the_face():
    near = features(POINTS[0], (120, 160))
    face = face_area(POINTS[0], (120, 160))
    assert 0.2 < near[face].mean() < 0.8
    for point in (*POINTS[0, :2], POINTS[0, 3:].mean(axis=0)):
        assert near[round(point[1]), round(point[0])]


def test_who_does_nothing_leaves_all_of_it_and_who_knows_the_truth_nothing():
    first, second = truth(), truth(2)
    wanted = {"input": list, "truth": lambda source: [p * 0 + 90 for p in source]}
    dust = dust_left(wanted, first)
    assert dust["input"] == pytest.approx({"all": 1, "features": 1, "skin": 1})
    assert dust["truth"] == pytest.approx({"all": 0, "features": 0, "skin": 0})
    flicker = flicker_left(
        {"input": list, "truth": lambda _: [p + 1 for p in first.pictures]}, first
    )
    assert flicker["input"]["flicker"] > 3
    assert flicker["truth"]["flicker"] < 0.5
    mixed = dissolve({"input": list, "first": lambda _: first.pictures}, first, second)
    assert mixed["input"] > mixed["first"] + 3
