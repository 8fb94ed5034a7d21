"""Folds and cracks across faces of photos are found by being straight, thin and long."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.made_pictures.faces import frame_format, landmarks, paint, skin, tracked
from tests.made_pictures.portraits import ASTRONAUT, astronaut
from tests.stand_ins.stages import aligning
from vidrestore.datatypes import TrackedFrame
from vidrestore.film import FacePainter, MendCracks
from vidrestore.film.repair.cracks import cracks
from vidrestore.picture.luma import LUMA
from vidrestore.picture.similarity import similarity
from vidrestore.picture.template import template

SIDE = 256
MATRIX = similarity(ASTRONAUT, template("gpen", SIDE))
POINTS = ASTRONAUT @ MATRIX[:, :2].T + MATRIX[:, 2]


def face():
    crop = cv2.warpAffine(astronaut(), MATRIX, (SIDE, SIDE), flags=cv2.INTER_CUBIC)
    grain = np.random.default_rng(5).normal(0, 3, (SIDE, SIDE, 1))
    return np.clip(crop + grain, 0, 255).astype(np.uint8)


def lined(begin, end, level, width=2):
    crop = face()
    cv2.line(crop, begin, end, (level,) * 3, width, cv2.LINE_AA)
    return crop


def light(crop):
    return crop.astype(np.float32) @ LUMA


LINES = {
    "fold": ((0, 150), (255, 120)),
    "upright": ((140, 0), (120, 255)),
    "slant": ((40, 0), (255, 215)),
}


@pytest.mark.parametrize(
    ("ends", "level"),
    [(LINES["fold"], 250), (LINES["upright"], 250), (LINES["upright"], 5), (LINES["slant"], 5)],
)
def test_lines_across_a_face_are_found_and_little_else(ends, level):
    found = cracks(light(lined(*ends, level)), POINTS) > 0
    drawn = np.zeros((SIDE, SIDE), np.uint8)
    cv2.line(drawn, *ends, 1, 2)
    assert found[drawn > 0].mean() > 0.8
    assert found[cv2.dilate(drawn, np.ones((15, 15), np.uint8)) == 0].mean() < 0.01


@pytest.mark.parametrize("width", [8, 10])
def test_wide_folds_are_found_as_wide_as_they_are(width):
    found = cracks(light(lined(*LINES["fold"], 250, width)), POINTS) > 0
    drawn = np.zeros((SIDE, SIDE), np.uint8)
    cv2.line(drawn, *LINES["fold"], 1, width)
    assert found[drawn > 0].mean() > 0.95
    assert found[cv2.dilate(drawn, np.ones((19, 19), np.uint8)) == 0].mean() < 0.01


@pytest.mark.parametrize("level", [250, 5])
def test_lines_that_mirror_each_other_are_two(level):
    picture = np.full((512, 512), 120, np.float32)
    picture += np.random.default_rng(3).normal(0, 3, picture.shape).astype(np.float32)
    for shift in (28, -28):
        cv2.line(picture, (0, shift), (511, 511 + shift), level, 2, cv2.LINE_AA)
    found = cracks(picture, POINTS * 2) > 0
    for shift in (28, -28):
        drawn = np.zeros(picture.shape, np.uint8)
        cv2.line(drawn, (0, shift), (511, 511 + shift), 1, 1)
        assert found[drawn > 0].mean() > 0.8


SHORT = {"half": ((120, 0), (122, 110)), "beside": ((250, 0), (250, 255))}


@pytest.mark.parametrize("ends", SHORT.values(), ids=SHORT)
def test_what_ends_on_the_face_or_misses_it_is_none(ends):
    assert not cracks(light(lined(*ends, 250)), POINTS).any()


@pytest.mark.parametrize("picture", [face(), face()[:, ::-1], np.zeros((SIDE, SIDE, 3), np.uint8)])
def test_faces_without_any_have_none(picture):
    assert not cracks(light(picture), POINTS).any()


@pytest.mark.parametrize("name", ["gbrp", "gbrp10le"])
def test_a_frame_is_mended_where_a_line_crosses_its_face(name):
    def folded(x, y):
        return np.where((np.abs(y - 118 - 0.1 * x) < 1.2)[..., None], 250.0, skin(x, y))

    seen = (tracked(landmarks(160, 125, 150)),)
    frames = [paint(picture, frame_format(name)) for picture in (folded, skin)]
    (bad, good) = (
        next(iter(aligning(128).push(TrackedFrame(frame, True, seen)))) for frame in frames
    )
    stage = MendCracks(FacePainter(None))
    (mended,), (same,) = stage.push(bad), stage.push(good)
    assert same is good
    assert mended.source[0] is bad.crops.pixels[0]
    left, was = (
        np.abs(each.crops.pixels[0].astype(float) - good.crops.pixels[0]).sum()
        for each in (mended, bad)
    )
    assert left < 0.6 * was
