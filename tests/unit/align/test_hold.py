from __future__ import annotations

import numpy as np
import pytest

from tests.made_pictures.faces import frame_format, landmarks, paint, skin, tracked
from tests.stand_ins.stages import aligning
from vidrestore.align.hold import MEMORY, HeldCrops
from vidrestore.config import Config
from vidrestore.datatypes import TrackedFrame

SIZE = 256


def at(x, y=0.0):
    matrix = np.eye(2, 3)
    matrix[:, 2] = x, y
    return matrix


def places(xs, slack=0.008):
    held = HeldCrops(SIZE, slack)
    return [held.hold({1: at(x)}, shot_start=False)[1][0, 2] for x in xs]


def test_the_crop_of_a_face_at_rest_hardly_stirs():
    wander = 0.5 * np.random.default_rng(0).standard_normal(120)
    found = np.array(places(wander, Config().align.hold))[MEMORY:]
    assert found.std() < 0.35 * wander.std()
    assert np.abs(np.diff(found)).mean() < 0.2 * np.abs(np.diff(wander)).mean()


def test_a_face_that_moves_is_followed():
    for pace in (0.1, 0.6, 3.0):
        walk = pace * np.arange(60)
        found = np.array(places(walk))
        assert (np.abs(found - walk) <= 0.5 * 0.008 * SIZE).all()
    assert found[-1] == walk[-1]  # the frame before lies beyond the slack


def test_a_place_depends_on_the_last_frames_alone():
    random = np.random.default_rng(1)
    first, second = random.normal(0, 2, (2, 40))
    shared = random.normal(0, 1, MEMORY + 5)
    mine, other = (places([*before, *shared]) for before in (first, second))
    assert mine[-5:] == other[-5:]
    assert mine[40] != other[40]


def test_a_turn_on_the_spot_is_motion():
    held = HeldCrops(SIZE, 0.008)
    middle = SIZE / 2
    found = []
    for angle in np.radians([0, 1, 2, 3]):
        linear = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        shift = middle - linear @ (middle, middle)
        matrix = np.concatenate([linear, shift[:, None]], axis=1)
        found.append(held.hold({1: matrix}, shot_start=False)[1][1, 0])
    # A degree moves the features by 1.6 px, more than half the slack.
    assert np.degrees(np.arcsin(found[-1])) == pytest.approx(3, abs=0.2)


def test_no_slack_follows_at_once():
    walk = np.sin(np.arange(10))
    assert np.array_equal(places(walk, slack=0.0), walk)


def test_tracks_have_places_of_their_own():
    held = HeldCrops(SIZE, 0.008)
    held.hold({1: at(0), 2: at(10)}, shot_start=True)
    found = held.hold({1: at(0.5), 2: at(10.5)}, shot_start=False)
    assert 0.2 < found[1][0, 2] < 0.3
    assert found[2][0, 2] == pytest.approx(found[1][0, 2] + 10)


def test_the_crops_of_a_shot_lie_together_and_the_next_shot_begins_anew():
    frame = paint(skin, frame_format("yuv420p"))
    align = aligning(128, slack=0.008)
    lefts = []
    for index, x in enumerate((160, 160.2, 160.1, 160.2)):
        face = tracked(landmarks(x, 120, 90, 0), 1)
        (item,) = align.push(TrackedFrame(frame, index in {0, 3}, (face,)))
        lefts.append(item.crops.crop_from_frame[0][0, 2])
    wanted = [
        aligning(128).push(TrackedFrame(frame, True, (tracked(landmarks(x, 120, 90, 0), 1),)))
        for x in (160.1, 160.2)
    ]
    middle, alone = (next(iter(items)).crops.crop_from_frame[0][0, 2] for items in wanted)
    assert lefts[2] == pytest.approx(middle, abs=0.01)
    assert lefts[3] == alone
