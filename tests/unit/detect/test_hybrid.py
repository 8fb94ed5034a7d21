from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.made_pictures.portraits import ASTRONAUT, astronaut, coffee
from vidrestore.datatypes import Face
from vidrestore.detect.hybrid import LOOKED_AT, HybridDetector, default_detector
from vidrestore.detect.networks.onet import Refined
from vidrestore.detect.second_look import Seen

ROUGH = np.array([(10, 10), (30, 10), (20, 20), (12, 30), (28, 30)], float)
BOX = np.array([0.0, 0, 40, 44])


class Boxes:
    """Gives prepared faces for each picture."""

    def __init__(self, *faces_per_image):
        self._faces = faces_per_image

    def detect(self, images, /):
        return list(self._faces[: len(images)])


class Looks:
    """Gives prepared opinions and notes the windows it was asked about."""

    def __init__(self, *opinions):
        self._opinions = opinions
        self.windows = []

    def refine(self, images, windows):
        self.windows += windows
        return list(self._opinions[: len(windows)])


class Second:
    """Gives one prepared second look, and counts."""

    def __init__(self, score=0.0, turns=0):
        self._seen = Seen(score, turns)
        self.asked = 0

    def look(self, image, face):
        self.asked += 1
        return self._seen


def opinion(score: float, drift: float = 0.0):
    first = Refined(ROUGH + 4 + (drift * 20, 0), np.zeros(2), 1.0, score)
    return first, Refined(ROUGH + 4, np.zeros(2), 1.0, score)


def found(score=0.8):
    return Face(BOX, ROUGH, score)


def judged(face, looks, threshold=0.0, second=None):
    detector = HybridDetector(threshold, Boxes((face,)), Looks(looks), second or Second())
    return detector.detect([np.zeros((50, 50, 3))])[0]


def test_a_believed_face_keeps_its_score_and_takes_the_refined_landmarks():
    (face,) = judged(found(), opinion(0.99))
    assert face.score == pytest.approx(0.8)
    np.testing.assert_allclose(face.landmarks, ROUGH + 4)
    np.testing.assert_array_equal(face.box, BOX)


@pytest.mark.parametrize("looks", [opinion(0.05), opinion(0.99, drift=0.5)])
def test_a_doubted_face_cannot_begin_a_track_and_keeps_its_own_landmarks(looks):
    (face,) = judged(found(0.95), looks)
    assert 0.3 < face.score < 0.5
    np.testing.assert_allclose(face.landmarks, ROUGH)


def test_between_doubt_and_belief_everything_is_gradual():
    faces = [judged(found(), opinion(score))[0] for score in np.linspace(0, 1, 101)]
    places = np.array([face.landmarks[0, 0] for face in faces])
    scores = np.array([face.score for face in faces])
    assert (np.diff(places) >= -1e-12).all()
    assert np.diff(places).max() < 0.15
    assert np.diff(scores).max() < 0.02


def test_faces_of_several_pictures_go_through_as_one_batch_and_come_back_in_place():
    boxes = Boxes((found(0.6), found(0.9)), (), (found(0.7),))
    looks = Looks(opinion(0.99), opinion(0.99), opinion(0.0))
    detector = HybridDetector(0.5, boxes, looks, Second())
    results = detector.detect([np.zeros((50, 50, 3), np.uint8)] * 3)
    assert [[round(face.score, 3) for face in faces] for faces in results] == [[0.9, 0.6], [], []]
    assert [window.image for window in looks.windows] == [0, 0, 2]
    assert looks.windows[0].side == 44
    np.testing.assert_array_equal(looks.windows[0].centre, (20, 22))


def test_a_face_that_nobody_doubts_is_not_looked_at_again():
    second = Second(0.9, 2)
    (face,) = judged(found(), opinion(0.99), second=second)
    assert second.asked == 0
    np.testing.assert_allclose(face.landmarks, ROUGH + 4)


def test_a_low_score_counts_if_both_looks_are_sure():
    (face,) = judged(found(0.2), opinion(0.99), 0.3, Second(0.8))
    assert face.score == pytest.approx(0.8)
    np.testing.assert_allclose(face.landmarks, ROUGH + 4)
    assert judged(found(0.2), opinion(0.99), 0.3, Second(0.4)) == ()
    assert judged(found(0.2), opinion(0.05), 0.3, Second(0.9)) == ()


def test_a_profile_may_begin_a_track_if_the_second_look_is_sure():
    (face,) = judged(found(0.84), opinion(0.05), second=Second(0.8))
    assert face.score > 0.5
    np.testing.assert_allclose(face.landmarks, ROUGH)
    (face,) = judged(found(0.6), opinion(0.05), second=Second(0.8))  # as flags may score
    assert face.score < 0.5


def test_a_rolled_face_is_turned_the_way_up_that_the_second_look_tells():
    down = BOX[2:] - ROUGH  # the same points, upside down
    upside = Face(BOX, down, 0.7)
    looks = Looks(opinion(0.99), opinion(0.99))
    detector = HybridDetector(0.3, Boxes((upside,)), looks, Second(0.9, 2))
    (face,) = detector.detect([np.zeros((50, 50, 3))])[0]
    assert face.score == pytest.approx(0.9)
    first, last = looks.windows[0], looks.windows[-1]
    assert abs(first.angle) == pytest.approx(np.pi)
    assert last.angle == pytest.approx(0)
    np.testing.assert_array_equal(first.centre, last.centre)


def test_second_looks_are_few_and_go_to_the_likeliest():
    scores = np.linspace(0.13, 0.29, 9)
    second = Second(0.9)
    faces = [Face(BOX + 50 * k, ROUGH + 50 * k, score) for k, score in enumerate(scores)]
    moved = [
        tuple(Refined(ROUGH + 50 * k, np.zeros(2), 1.0, 0.99) for _ in range(2)) for k in (8, 7)
    ]
    detector = HybridDetector(0.3, Boxes(faces), Looks(*moved), second)
    kept = detector.detect([np.zeros((500, 500, 3))])[0]
    assert second.asked == len(kept) == LOOKED_AT


def test_two_finds_of_one_face_are_one():
    faces = (found(0.8), Face(BOX + 3, ROUGH + 3, 0.2))
    looks = Looks(opinion(0.99))
    detector = HybridDetector(0.3, Boxes(faces), looks, Second(0.9))
    (face,) = detector.detect([np.zeros((50, 50, 3))])[0]
    assert face.score == pytest.approx(0.8)


@pytest.fixture(scope="module")
def detector():
    return default_detector(0.3)


@pytest.mark.parametrize("size", [512, 256, 160])
def test_landmarks_are_accurate_at_every_size(detector, size):
    picture = cv2.resize(astronaut(), (size, size), interpolation=cv2.INTER_AREA)
    ((face,),) = detector.detect([picture])
    assert face.score > 0.5
    landmarks = (face.landmarks + 0.5) * 512 / size - 0.5
    # 4 % of the distance of the eyes, the truth being by hand.
    assert np.linalg.norm(landmarks - ASTRONAUT, axis=1).mean() < 1.75


def test_landmarks_are_accurate_through_blur_noise_and_compression(detector):
    generator = np.random.default_rng(0)
    worn = cv2.resize(astronaut(), (256, 256), interpolation=cv2.INTER_AREA).astype(float)
    worn = cv2.GaussianBlur(worn, (0, 0), 1.2) + generator.normal(0, 8, worn.shape)
    _, coded = cv2.imencode(
        ".jpg", np.clip(worn, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 30]
    )
    ((face,),) = detector.detect([cv2.imdecode(coded, cv2.IMREAD_COLOR)])
    landmarks = (face.landmarks + 0.5) * 2 - 0.5
    assert np.linalg.norm(landmarks - ASTRONAUT, axis=1).mean() < 3


def test_nobody_is_found_where_nobody_is(detector):
    assert detector.detect([coffee()]) == [()]
