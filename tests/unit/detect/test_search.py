"""Faces of photos are found at every size, in every place, and whichever way up they lie."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.made_pictures.faces import frame_format, paint
from vidrestore.datatypes import Face, Look
from vidrestore.detect.search import TILE, Search

_SIDE = 24  # of the mark that stands for a face, px of what is searched


class MarkDetector:
    """Finds bright squares with a dark one above their middle: upright ones, 20 to 60 px high."""

    def __init__(self) -> None:
        self.largest = 0

    def detect(self, images, /):
        return [tuple(self._faces(image)) for image in images]

    def _faces(self, image):
        self.largest = max(self.largest, *image.shape[:2])
        bright = (image[..., 0] > 200).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(bright)
        for x, y, width, height, _ in stats[1:]:
            patch = image[y : y + height, x : x + width, 0]
            if not 20 <= height <= 60 or patch[: height // 2].mean() > patch[height // 2 :].mean():
                continue
            box = np.array([x, y, x + width - 1, y + height - 1], float)
            eyes = [(x + 0.3 * width, y + 0.3 * height), (x + 0.7 * width, y + 0.3 * height)]
            rest = [(x + 0.5 * width, y + 0.5 * height)]
            mouth = [(x + 0.35 * width, y + 0.8 * height), (x + 0.65 * width, y + 0.8 * height)]
            yield Face(box, np.array(eyes + rest + mouth), 0.9)


def marked(width, height, places, turns=0):
    """A gray frame with marks (x, y, side), turned counter-clockwise."""
    fmt = frame_format("gray", width, height)
    canvas = np.full((height, width), 60, np.uint8)
    for x, y, side in places:
        canvas[y : y + side, x : x + side] = 250
        third = side // 3
        canvas[y + third // 2 : y + third, x + third : x + 2 * third] = 60
    canvas = np.rot90(canvas, turns)
    fmt = frame_format("gray", canvas.shape[1], canvas.shape[0])
    frame = paint(lambda x, y: np.repeat((0 * x)[..., None], 3, -1), fmt)
    plane = np.ascontiguousarray(canvas)
    return frame.pasted((plane,))


def found(frame):
    detector = MarkDetector()
    (item,) = Search(detector, 0.5).push(Look(frame, np.zeros((8, 8, 3), np.uint8), True))
    assert detector.largest <= TILE
    return item.faces


def test_small_and_large_faces_all_over_a_large_picture():
    places = [(x, y, 30) for x in range(40, 2900, 397) for y in range(30, 1900, 311)]
    places += [(1000, 900, 300)]
    places = [p for p in places if p[2] == 300 or not (960 < p[0] < 1330 and 860 < p[1] < 1230)]
    faces = found(marked(3000, 2000, places))
    assert len(faces) == len(places)
    wanted = np.array([(x + 0.5 * side, y + 0.5 * side) for x, y, side in places])
    noses = np.array([face.landmarks[2] for face in faces])
    apart = np.linalg.norm(wanted[:, None] - noses[None], axis=2)
    assert apart.min(axis=1).max() < 8
    assert [face.track_id for face in faces] == list(range(1, len(faces) + 1))


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_scan_that_lies_on_its_side_or_upside_down(turns):
    frame = marked(900, 700, [(100, 100, 40), (500, 300, 40)], turns)
    faces = found(frame)
    assert len(faces) == 2
    for face in faces:  # the left eye is the one on the left of the upright face
        down = face.landmarks[3:].mean(axis=0) - face.landmarks[:2].mean(axis=0)
        across = face.landmarks[1] - face.landmarks[0]
        assert across[0] * down[1] - across[1] * down[0] > 0


def test_a_picture_without_faces():
    assert found(marked(1500, 200, [])) == ()
