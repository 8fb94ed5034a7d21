"""What heads do, through tracker and smoother: one id, nothing claimed where nothing is seen."""

from __future__ import annotations

import numpy as np
import pytest

from tests.made_pictures.strategies import ROOM, empty_frame, landmarks_at
from tests.stand_ins.stages import smoothing, tracking
from vidrestore.datatypes import DetectedFrame, Face, TrackedFrame

SIZE = 60.0


def face(points: np.ndarray) -> Face:
    return Face(np.concatenate([points.min(axis=0), points.max(axis=0)]), points, 0.9)


def followed(path: list[np.ndarray], hidden: range = range(0)) -> list[TrackedFrame]:
    """A face on a path, not seen while hidden."""
    items = [
        DetectedFrame(
            empty_frame(k, fmt=ROOM),
            k == 0,
            "measured" if k % 3 == 0 else "propagated",
            () if k in hidden else (face(points),),
        )
        for k, points in enumerate(path)
    ]
    tracker, smoother = tracking(), smoothing()
    tracked = [out for item in items for out in tracker.push(item)] + list(tracker.flush())
    return [out for item in tracked for out in smoother.push(item)] + list(smoother.flush())


def turning(k: int) -> np.ndarray:
    points = landmarks_at(300, 200, SIZE)
    yaw = 0.9 * np.sin(k / 8)
    points[:, 0] = 300 + (points[:, 0] - 300) * np.cos(yaw)
    points[2, 0] += 0.5 * SIZE * np.sin(yaw)
    return points


def nodding(k: int) -> np.ndarray:
    return landmarks_at(300, 200 + 25 * np.sin(k / 2.2), SIZE)


def closer(k: int) -> np.ndarray:
    return landmarks_at(300 + k, 200, SIZE * 4 ** (k / 59))


@pytest.mark.parametrize("motion", [turning, nodding, closer])
def test_one_head_is_one_track_and_is_followed(motion) -> None:
    path = [motion(k) for k in range(60)]
    out = followed(path)
    assert {f.track_id for frame in out for f in frame.faces} == {1}
    errors = [
        np.linalg.norm(frame.faces[0].landmarks - points, axis=1).mean()
        for frame, points in zip(out, path, strict=True)
    ]
    assert max(errors) < 0.12 * SIZE


@pytest.mark.parametrize("gap", [1, 2, 6, 12])
@pytest.mark.parametrize("start", [9, 10, 11])
def test_what_hides_a_face_keeps_its_id_and_is_never_taken_for_it(gap: int, start: int) -> None:
    path = [landmarks_at(200 + 2 * k, 200, SIZE) for k in range(45)]
    hidden = range(start, start + gap)
    out = followed(path, hidden)
    for k, (frame, points) in enumerate(zip(out, path, strict=True)):
        (one,) = frame.faces
        assert one.track_id == 1
        # Faces that coast get no crop, so nothing is pasted.
        assert (one.state == "coasting") == (k in hidden)
        if k not in hidden:
            assert np.linalg.norm(one.landmarks - points, axis=1).mean() < 0.05 * SIZE


def test_a_torn_frame_does_not_leak_into_its_neighbours() -> None:
    path = [landmarks_at(300, 200, SIZE) for _ in range(40)]
    torn = [points.copy() for points in path]
    torn[18] += (0.3 * SIZE, -0.2 * SIZE)
    out = followed(torn)
    for k in (*range(16), *range(21, 40)):
        assert np.abs(out[k].faces[0].landmarks - path[k]).max() < 0.05 * SIZE


@pytest.mark.parametrize("off", [(0.0, 0.9), (-0.8, 0.2), (0.7, -0.6)])
@pytest.mark.parametrize("bad", [9, 10])
def test_one_frame_of_wrong_landmarks_leads_no_track_astray(
    off: tuple[float, float], bad: int
) -> None:
    path = [landmarks_at(200 + 2 * k, 200, SIZE) for k in range(30)]
    path[bad] = path[bad] + SIZE * np.array(off)
    tracked = followed(path)
    for k, item in enumerate(tracked):
        assert [face.track_id for face in item.faces] == [1]
        assert item.faces[0].state != "coasting"
        if abs(k - bad) > 3:
            assert np.linalg.norm(item.faces[0].landmarks - path[k], axis=1).mean() < 3
