from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.made_pictures.portraits import ASTRONAUT, astronaut, coffee
from vidrestore.datatypes import Face
from vidrestore.detect.second_look import SecondLook, stretched


@pytest.fixture(scope="module")
def second():
    return SecondLook()


def rolled(degrees, size=320):
    """The astronaut, smaller and rolled, and her landmarks."""
    matrix = cv2.getRotationMatrix2D(ASTRONAUT.mean(axis=0), -degrees, 0.5)
    matrix[:, 2] += size / 2 - ASTRONAUT.mean(axis=0)
    picture = cv2.warpAffine(astronaut(), matrix, (size, size), borderMode=cv2.BORDER_REFLECT)
    return picture, ASTRONAUT @ matrix[:, :2].T + matrix[:, 2]


def face(points):
    middle, half = points.mean(axis=0), np.ptp(points, axis=0).max() * 0.9
    return Face(np.concatenate([middle - half, middle + half]), points, 0.4)


@pytest.mark.parametrize("degrees", [0, 70, 120, 180, 250])
@pytest.mark.parametrize("turns", range(4))
def test_it_tells_which_way_up_a_face_is(second, degrees, turns):
    picture, points = rolled(degrees)
    offsets = points - points.mean(axis=0)
    for _ in range((4 - turns) % 4):  # landmarks that are wrong by quarter turns
        offsets = np.stack([-offsets[:, 1], offsets[:, 0]], axis=1)
    seen = second.look(picture, face(offsets + points.mean(axis=0)))
    assert seen.turns == turns
    assert seen.score > 0.6


def test_what_is_no_face_scores_low(second):
    points = ASTRONAUT - ASTRONAUT.mean(axis=0)
    places = np.array([(x, y) for x in (150, 300) for y in (120, 250)])
    scores = [second.look(coffee(), face(points + place)).score for place in places]
    assert max(scores) < 0.5


def test_a_face_in_the_dark_and_at_the_edge_is_no_error(second):
    picture, points = rolled(0)
    dark = (picture * 0.1).astype(np.uint8)
    assert second.look(dark, face(points)).score > 0.6
    assert 0 <= second.look(dark, face(points - points.min(axis=0) - 40)).score <= 1
    assert second.look(np.zeros_like(picture), face(points)).score < 0.3


def test_only_dull_tiles_are_stretched():
    bright = astronaut()
    assert stretched(bright) is bright
    dull = (bright * 0.2 + 30).astype(np.uint8)
    assert stretched(dull).std() > 2 * dull.std()
    flat = np.full((8, 8, 3), 40, np.uint8)
    assert np.ptp(stretched(flat)) == 0
