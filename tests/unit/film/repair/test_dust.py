from __future__ import annotations

import numpy as np
import pytest

from tests.made_pictures.faces import frame_format, landmarks, paint, skin, tracked
from tests.stand_ins.stages import aligning
from vidrestore.datatypes import TrackedFrame
from vidrestore.film import RepairFaces

COUNT = 7
POINTS = landmarks(160, 120, 110)


def dusty(x, y):
    return np.where(np.hypot(x - 145, y - 100)[..., None] < 3, 250.0, skin(x, y))


def clip(bad=(3,), shots=(0,), faces=lambda _: (1,), size=96):
    """Aligned frames; those of ``bad`` have dust on the forehead."""
    align = aligning(size)
    items = []
    for t in range(COUNT):
        frame = paint(dusty if t in bad else skin, frame_format("yuv444p"), t)
        seen = tuple(tracked(POINTS, key) for key in faces(t))
        items += align.push(TrackedFrame(frame, t in shots, seen))
    return items


def repaired(items):
    stage = RepairFaces()
    return [*(done for item in items for done in stage.push(item)), *stage.flush()]


def changed(before, after):
    return [b.frame.index for b, a in zip(before, after, strict=True) if a is not b]


def test_dust_goes_and_what_has_none_passes_as_it_is():
    items = clip()
    result = repaired(items)
    assert [item.frame.index for item in result] == list(range(COUNT))
    assert changed(items, result) == [3]
    clean = clip(bad=())[3].crops.pixels[0].astype(int)
    assert np.abs(result[3].crops.pixels[0] - clean).max() <= 12
    assert np.abs(items[3].crops.pixels[0] - clean).max() > 60
    assert result[3].source[0] is items[3].crops.pixels[0]
    assert np.array_equal(result[3].crops.crop_from_frame, items[3].crops.crop_from_frame)


@pytest.mark.parametrize("bad", [0, COUNT - 1])
def test_first_and_last_frame_stay(bad):
    items = clip((bad,))
    assert changed(items, repaired(items)) == []


@pytest.mark.parametrize("shots", [(0, 3), (0, 4)])
def test_nothing_comes_from_another_shot(shots):
    items = clip(shots=shots)
    assert changed(items, repaired(items)) == []


@pytest.mark.parametrize("away", [2, 4])
def test_a_face_that_was_away_beside_it_stays(away):
    items = clip(faces=lambda t: () if t == away else (1,))
    assert changed(items, repaired(items)) == []


def test_faces_are_told_apart():
    items = clip(faces=lambda t: (1, 2) if t != 4 else (2,))
    result = repaired(items)[3]
    assert result.crops.pixels[0] is items[3].crops.pixels[0]
    assert result.crops.pixels[1] is not items[3].crops.pixels[1]


def test_a_frame_waits_for_one_more_and_depends_on_no_other():
    items, stage = clip(), RepairFaces()
    came = [[done.frame.index for done in stage.push(item)] for item in items]
    assert came == [[], *([t] for t in range(COUNT - 1))]
    (alone,) = [item for item in repaired(items[2:5]) if item.frame.index == 3]
    assert np.array_equal(alone.crops.pixels[0], repaired(items)[3].crops.pixels[0])
