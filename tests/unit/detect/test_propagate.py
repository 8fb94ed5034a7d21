from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_pictures.faces import landmarks
from vidrestore.datatypes import Face
from vidrestore.detect.propagate import Propagation, toned_like

SIZE = (240, 180)
CENTRE = np.array([120.0, 90.0])


def texture(seed: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """Something like skin under grain: detail at several scales, (h, w) uint8."""
    generator = np.random.default_rng(seed)
    total = np.zeros(size[::-1])
    for sigma, weight in ((2, 25), (5, 35), (12, 45)):
        layer = cv2.GaussianBlur(generator.normal(size=size[::-1]), (0, 0), sigma)
        total += weight * layer / layer.std()
    return np.clip(total + 128, 0, 255).astype(np.uint8)


def motion(dx: float, dy: float, degrees: float = 0.0, growth: float = 1.0) -> np.ndarray:
    """(2, 3): turns and grows around the middle, then shifts."""
    angle = np.radians(degrees)
    cosine, sine = np.cos(angle) * growth, np.sin(angle) * growth
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return np.column_stack([turn, CENTRE - turn @ CENTRE + (dx, dy)])


def moved(gray: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return cv2.warpAffine(
        gray, matrix, gray.shape[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )


def face_at(x: float, y: float, height: float = 60) -> Face:
    points = landmarks(x, y, height)
    low, high = points.min(axis=0), points.max(axis=0)
    return Face(np.concatenate([low - 15, high + 15]), points, 0.8)


@pytest.mark.parametrize(
    "matrix",
    [
        motion(0, 0),
        motion(2.5, -1.25),
        motion(18, 9),
        motion(1, 1, degrees=6),
        motion(0, 2, growth=1.08),
        motion(-6, 3, degrees=-4, growth=0.93),
    ],
)
def test_landmarks_and_box_move_with_the_picture(matrix):
    gray = texture(1)
    face = face_at(*CENTRE)
    way = Propagation(gray, face)
    assert way.advance(moved(gray, matrix))
    expected = face.landmarks @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(way.face.landmarks, expected, atol=0.25)
    box = way.face.box
    middle = (face.box[:2] + face.box[2:]) / 2 @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose((box[:2] + box[2:]) / 2, middle, atol=0.25)
    growth = np.sqrt(np.linalg.det(matrix[:, :2]))
    np.testing.assert_allclose(box[2:] - box[:2], (face.box[2:] - face.box[:2]) * growth, rtol=0.02)
    assert way.face.score == face.score


def test_errors_do_not_build_up_over_many_steps():
    gray = texture(2)
    face = face_at(*CENTRE)
    way = Propagation(gray, face)
    for step in range(1, 21):
        matrix = motion(12 * np.sin(step / 4), 5 * np.sin(step / 3), 8 * np.sin(step / 5))
        assert way.advance(moved(gray, matrix))
    expected = face.landmarks @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(way.face.landmarks, expected, atol=0.5)


def test_a_mouth_that_opens_takes_its_corners_along():
    gray = texture(3)
    face = face_at(*CENTRE)
    mouth = face.landmarks[3:].mean(axis=0)
    y, x = np.mgrid[: SIZE[1], : SIZE[0]].astype(np.float32)
    near = np.exp(-((x - mouth[0]) ** 2 + (y - mouth[1]) ** 2) / (2 * 14**2))
    from_x = (x - (x - mouth[0]) * 0.2 * near).astype(np.float32)
    wider = cv2.remap(gray, from_x, y, cv2.INTER_CUBIC)
    way = Propagation(gray, face)
    assert way.advance(wider)
    change = way.face.landmarks - face.landmarks
    assert change[3, 0] < -0.3
    assert change[4, 0] > 0.3
    np.testing.assert_allclose(change[:2], 0, atol=0.3)


@pytest.mark.parametrize("other", [texture(99), np.full(SIZE[::-1], 128, np.uint8)])
def test_a_face_is_lost_where_something_else_is_shown(other):
    assert not Propagation(texture(4), face_at(*CENTRE)).advance(other)


def test_a_face_is_lost_behind_something_that_passes():
    gray = texture(5)
    hidden = gray.copy()
    hidden[:, 80:160] = texture(6)[:, 80:160]
    assert not Propagation(gray, face_at(*CENTRE)).advance(hidden)


def test_something_beside_the_face_changes_nothing():
    gray = texture(5)
    crowded = gray.copy()
    crowded[:, :60] = texture(6)[:, :60]
    way = Propagation(gray, face_at(*CENTRE))
    assert way.advance(crowded)
    np.testing.assert_allclose(way.face.landmarks, face_at(*CENTRE).landmarks, atol=0.2)


def test_a_face_that_leaves_the_picture_is_lost():
    gray = texture(7)
    way = Propagation(gray, face_at(200, 90))
    steps = [moved(gray, motion(9.0 * step, 0)) for step in range(1, 12)]
    followed = [way.advance(step) for step in steps]
    assert followed[0]
    assert not all(followed)


@pytest.mark.parametrize("place", [(0, 0), (239, 179), (-40, 90), (500, 500)])
@pytest.mark.parametrize("height", [4, 60, 400])
def test_faces_over_the_edge_do_no_harm(place, height):
    gray = texture(8)
    way = Propagation(gray, face_at(*place, height))
    if way.advance(moved(gray, motion(2, 1))):
        assert np.isfinite(way.face.landmarks).all()


def test_tiny_pictures_do_no_harm():
    gray = np.full((3, 2), 50, np.uint8)
    assert not Propagation(gray, face_at(1, 1, 10)).advance(gray)


@given(gain=st.floats(0.7, 1.2), offset=st.floats(-15, 15), seed=st.integers(0, 20))
@settings(max_examples=20, deadline=None)
def test_a_change_of_light_is_taken_back(gain, offset, seed):
    gray = cv2.normalize(texture(seed), None, 40, 180, cv2.NORM_MINMAX)
    flickered = np.clip(np.rint(gray * gain + offset), 0, 255).astype(np.uint8)
    restored = toned_like(flickered, gray)
    assert np.abs(restored.astype(int) - gray).max() <= 2


def test_toning_a_flat_picture_gives_the_mean():
    flat = np.full((4, 4), 90, np.uint8)
    np.testing.assert_array_equal(toned_like(flat, np.full((4, 4), 200, np.uint8)), 200)
