from __future__ import annotations

import numpy as np
import pytest

from vidrestore.datatypes import Face
from vidrestore.detect.turned import TurnedDetector


class BrightSpots:
    """Takes five gray levels for landmarks; knows upright pictures only by their shape."""

    def __init__(self):
        self.shapes = []

    def detect(self, images, /):
        self.shapes += [image.shape for image in images]
        results = []
        for image in images:
            spots = [np.argwhere(image[..., 0] == level)[0][::-1] for level in range(201, 206)]
            points = np.array(spots, float)
            box = np.concatenate([points.min(axis=0), points.max(axis=0)])
            results.append((Face(box, points, 0.5),))
        return results


@pytest.mark.parametrize("turns", [-1, 0, 1, 2, 3, 5])
def test_faces_come_back_where_they_are_in_the_given_picture(turns):
    generator = np.random.default_rng(turns + 1)
    image = np.zeros((24, 37, 3), np.uint8)
    places = np.array([(3, 2), (30, 4), (18, 11), (5, 20), (33, 22)])
    places = places[generator.permutation(5)]
    for level, (x, y) in enumerate(places):
        image[y, x] = 201 + level
    inner = BrightSpots()
    ((face,),) = TurnedDetector(inner, turns).detect([image])
    np.testing.assert_array_equal(face.landmarks, places)
    assert (face.box[:2] <= places.min(axis=0)).all()
    assert (face.box[2:] >= places.max(axis=0)).all()
    assert inner.shapes == [(37, 24, 3) if turns % 2 else (24, 37, 3)]


def test_one_turn_brings_the_right_edge_to_the_top():
    image = np.zeros((10, 20, 3), np.uint8)
    image[:, -1] = 255

    class Top:
        def detect(self, images, /):
            assert (images[0][0] == 255).all()
            return [()]

    assert TurnedDetector(Top(), 1).detect([image]) == [()]
