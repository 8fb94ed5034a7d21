from __future__ import annotations

import numpy as np
import pytest

from tests.faces import frame_format, landmarks, paint, skin, tracked
from vidrestore.align import Align
from vidrestore.align.hold import HeldCrops
from vidrestore.datatypes import TrackedFrame

SIZE = 256


def at(x, y=0.0):
    matrix = np.eye(2, 3)
    matrix[:, 2] = x, y
    return matrix


def places(xs, slack=0.008):
    held = HeldCrops(SIZE, slack)
    return [held.hold({1: at(x)}, shot_start=False)[1][0, 2] for x in xs]


def test_a_face_at_rest_keeps_its_crop():
    wander = np.sin(np.arange(60)) + 0.5 * np.cos(np.arange(60) / 9) - 0.5
    assert np.ptp(wander) > 2
    assert np.ptp(places(wander)) == 0


def test_a_face_that_moves_is_followed_frame_by_frame():
    walk = 0.6 * np.arange(30)
    found = np.array(places(walk))
    assert (np.abs(found - walk) <= 0.008 * SIZE).all()
    assert np.array_equal(found[5:], walk[5:])


def test_a_face_that_stops_is_held_again():
    walk = np.concatenate([0.6 * np.arange(20), np.full(20, 12.0) + 0.3 * np.sin(np.arange(20))])
    found = np.array(places(walk))
    assert np.ptp(found[30:]) == 0
    assert abs(found[-1] - 12) < 0.5


def test_a_turn_on_the_spot_is_motion():
    held = HeldCrops(SIZE, 0.008)
    middle = SIZE / 2
    found = []
    for angle in np.radians([0, 1, 2, 3]):
        linear = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        shift = middle - linear @ (middle, middle)
        matrix = np.concatenate([linear, shift[:, None]], axis=1)
        found.append(held.hold({1: matrix}, shot_start=False)[1][1, 0])
    assert found[-1] == pytest.approx(np.sin(np.radians(3)))


def test_no_slack_follows_at_once():
    walk = np.sin(np.arange(10))
    assert np.array_equal(places(walk, slack=0.0), walk)


def test_tracks_have_places_of_their_own():
    held = HeldCrops(SIZE, 0.008)
    held.hold({1: at(0), 2: at(10)}, shot_start=True)
    found = held.hold({1: at(0.5), 2: at(10.5)}, shot_start=False)
    assert (found[1][0, 2], found[2][0, 2]) == (0, 10)


def test_the_crops_of_a_shot_stand_still_and_the_next_shot_begins_anew():
    frame = paint(skin, frame_format("yuv420p"))
    align = Align(128, slack=0.008)
    matrices = []
    for index, x in enumerate((160, 160.2, 160.1, 160.2)):
        face = tracked(landmarks(x, 120, 90, 0), 1)
        (item,) = align.push(TrackedFrame(frame, index in {0, 3}, (face,)))
        matrices.append(item.crops.crop_from_frame[0])
    assert np.array_equal(matrices[0], matrices[2])
    assert not np.array_equal(matrices[0], matrices[3])
