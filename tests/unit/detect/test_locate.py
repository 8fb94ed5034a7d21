from __future__ import annotations

import numpy as np
import pytest

from tests.made_pictures.faces import frame_format, paint
from tests.made_pictures.strategies import landmarks_at
from vidrestore.datatypes import TrackedFace, TrackedFrame
from vidrestore.detect.locate import DETECTOR_SHARE, Locate
from vidrestore.detect.networks.face_crop import crop_from_picture
from vidrestore.detect.networks.landmark_network import EYES, SIDE, TEMPLATE, Placed

FRAME = paint(lambda x, y: np.stack([x % 97, y % 89, x % 71], axis=-1), frame_format("yuv420p"))


class Moves:
    """Finds every landmark where it was thought to be, and a step away in the crop."""

    def __init__(self, step: tuple[float, float] = (0.0, 0.0), error: float = 0.5) -> None:
        self.step, self.error = np.array(step), error
        self.about: list[np.ndarray] = []
        self.crops: list[np.ndarray] = []

    def place(self, crops: np.ndarray) -> Placed:
        self.crops.append(crops)
        given = np.stack(self.about[-len(crops) :])
        return Placed(given + self.step, np.full((len(crops), 5), self.error))


def seen(points: np.ndarray, track_id: int = 1, state: str = "measured") -> TrackedFace:
    return TrackedFace(track_id, points, state, 0, 0.9)


def through(
    stage: Locate, placer: Moves, *faces: TrackedFace, shot_start: bool = False
) -> tuple[TrackedFace, ...]:
    for face in (face for face in faces if face.state != "coasting"):
        matrix = crop_from_picture(face.landmarks)
        placer.about.append(face.landmarks @ matrix[:, :2].T + matrix[:, 2])
    (item,) = stage.push(TrackedFrame(FRAME, shot_start, faces))
    return item.faces


def frontal(x: float = 160, y: float = 120, scale: float = 2.0) -> np.ndarray:
    return (TEMPLATE - 31.5) * scale + (x, y)


def test_landmarks_go_where_the_network_has_them_in_the_frames_pixels() -> None:
    placer = Moves((1.0, -0.5), error=0.8)
    stage = Locate(placer)
    through(stage, placer, seen(frontal(), state="propagated"), shot_start=True)
    (face,) = through(stage, placer, seen(frontal(), state="propagated"))
    # Nothing was detected yet that could say otherwise, but for what the first frame had.
    there = frontal() + 2.0 * (1 - DETECTOR_SHARE) * placer.step
    np.testing.assert_allclose(face.landmarks, there, atol=1e-9)
    assert face.error == pytest.approx(2.0 * 0.8)
    assert placer.crops[0].shape == (1, SIDE, SIDE)


def test_what_the_detector_says_counts_on_average_over_the_track() -> None:
    placer = Moves()
    stage = Locate(placer)
    for step in (2.0, 0.0, 1.0):
        placer.step = np.array([step, 0.0])
        (face,) = through(stage, placer, seen(frontal()))
    expected = frontal() + 2.0 * np.array([1.0 - DETECTOR_SHARE * 1.0, 0.0])
    np.testing.assert_allclose(face.landmarks, expected, atol=1e-9)


def test_a_new_shot_begins_anew() -> None:
    placer = Moves((1.0, 0.0))
    stage = Locate(placer)
    through(stage, placer, seen(frontal()), shot_start=True)
    placer.step = np.array([0.0, 0.0])
    (face,) = through(stage, placer, seen(frontal()), shot_start=True)
    np.testing.assert_allclose(face.landmarks, frontal(), atol=1e-9)


def test_tracks_that_ended_are_forgotten_and_those_that_coast_are_not() -> None:
    placer = Moves((1.0, 0.0))
    stage = Locate(placer)
    for track_id in range(1, 6):
        coasting = seen(frontal(100), track_id - 1, "coasting")
        through(stage, placer, coasting, seen(frontal(), track_id))
    assert len(stage._differences) == 3  # those of the last frame and of the one before it


def test_faces_that_coast_stay_and_all_others_are_one_batch() -> None:
    placer = Moves((1.0, 0.0))
    stage = Locate(placer)
    lost = seen(frontal(100), 2, "coasting")
    placer.about.clear()
    faces = through(stage, placer, seen(frontal()), seen(frontal(220), 3))
    assert placer.crops[-1].shape == (2, SIDE, SIDE)
    assert [face.track_id for face in faces] == [1, 3]
    (item,) = stage.push(TrackedFrame(FRAME, False, (lost,)))
    assert item.faces == (lost,)
    assert lost.error is None


def test_a_profile_keeps_the_landmarks_that_it_came_with() -> None:
    placer = Moves((1.0, 0.0))
    points = frontal()
    points[2, 0] += 2.0 * EYES  # the nose beyond the eyes
    (face,) = through(Locate(placer), placer, seen(points))
    assert face.landmarks is points
    assert face.error is None


def test_a_network_gone_astray_is_not_believed() -> None:
    placer = Moves((0.4 * EYES, 0.0))
    points = frontal()
    (face,) = through(Locate(placer), placer, seen(points))
    assert face.landmarks is points


def test_belief_fades_gradually() -> None:
    steps, moved, errors = np.linspace(0, 0.4 * EYES, 81), [], []
    for step in steps:
        placer = Moves((float(step), 0.0))
        (face,) = through(Locate(placer), placer, seen(frontal()))
        moved.append(face.landmarks[0, 0] - frontal()[0, 0])
        errors.append(face.error)
    assert np.abs(np.diff(moved)).max() < 0.5
    believed = [error for error in errors if error is not None]
    assert believed == sorted(believed)


def test_small_and_rolled_faces_are_placed_in_their_own_axes() -> None:
    placer = Moves((0.0, 1.0))
    stage = Locate(placer)
    points = landmarks_at(160, 120, 15.0, np.pi / 2)
    (face,) = through(stage, placer, seen(points))
    moved = face.landmarks - points
    np.testing.assert_allclose(moved, np.broadcast_to(moved[0], (5, 2)), atol=1e-9)
    assert abs(moved[0, 1]) < 0.05 * abs(moved[0, 0])


def test_nobody_no_work() -> None:
    placer = Moves()
    (item,) = Locate(placer).push(TrackedFrame(FRAME, True, ()))
    assert item.faces == ()
    assert placer.crops == []
    assert list(Locate(placer).flush()) == []
