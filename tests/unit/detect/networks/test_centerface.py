from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.made_pictures.portraits import ASTRONAUT, astronaut, coffee
from vidrestore.detect.networks.centerface import CenterFace


@pytest.fixture(scope="module")
def detector():
    return CenterFace(0.3)


def test_the_face_is_found_with_its_landmarks_in_order(detector):
    ((face,),) = detector.detect([astronaut()])
    assert face.score > 0.8
    # CenterFace alone is good to a tenth of the distance of the eyes.
    assert np.linalg.norm(face.landmarks - ASTRONAUT, axis=1).max() < 6
    assert (face.box[:2] < ASTRONAUT.min(axis=0)).all()
    assert (face.box[2:] > ASTRONAUT.max(axis=0)).all()


def test_colour_order_is_rgb(detector):
    ((right,),) = detector.detect([astronaut()])
    ((swapped,),) = detector.detect([astronaut()[..., ::-1]])
    assert right.score > swapped.score


def test_a_mirror_image_gives_a_mirrored_box(detector):
    """Integer coordinates are pixel centres: x becomes width - 1 - x."""
    ((face,),) = detector.detect([astronaut()])
    ((mirrored,),) = detector.detect([np.ascontiguousarray(astronaut()[:, ::-1])])
    back = 511 - mirrored.box[[2, 0]]
    # Half a pixel of wrong convention would show as a shift of one.
    assert abs((back - face.box[[0, 2]]).mean()) < 0.25


@pytest.mark.parametrize("shape", [(512, 512), (470, 333), (301, 350)])
def test_any_size_gives_the_same_places(detector, shape):
    ((whole,),) = detector.detect([astronaut()])
    ((part,),) = detector.detect([np.ascontiguousarray(astronaut()[: shape[0], : shape[1]])])
    np.testing.assert_allclose(part.box, whole.box, atol=2)
    np.testing.assert_allclose(part.landmarks, whole.landmarks, atol=2)


def test_a_face_at_the_edge_stays_inside_the_picture(detector):
    cropped = np.ascontiguousarray(astronaut()[80:, 195:])
    for face in detector.detect([cropped])[0]:
        assert (face.box[:2] >= -0.5).all()
        assert face.box[2] <= cropped.shape[1] - 0.5
        assert face.box[3] <= cropped.shape[0] - 0.5


def test_nobody_is_found_where_nobody_is(detector):
    small = cv2.resize(coffee(), (300, 200), interpolation=cv2.INTER_AREA)
    assert detector.detect([coffee(), small]) == [(), ()]
