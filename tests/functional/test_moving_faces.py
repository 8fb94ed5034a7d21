"""What faces do in films, through every stage from the picture to the pasted frame.

The restorer darkens crops and nothing holds it back, so where a face was pasted the frame differs.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import cv2
import numpy as np
import pytest

from tests.made_pictures.portraits import ASTRONAUT, astronaut, coffee
from tests.stand_ins.fakes import FakeRestorer
from vidrestore.build import (
    build_detector,
    build_finder,
    build_finding,
    build_restoring,
    given_engine,
)
from vidrestore.config import Config
from vidrestore.datatypes import Frame, FrameFormat, PastedFrame, TrackedFrame
from vidrestore.pipeline import chain

SIDE = 256
HEAD = ASTRONAUT.mean(axis=0)
CONFIG = Config().with_options(
    {"paste.colour": False, "restore.adaptive": False, "paste.occlusion": False}
)
Clip = list[np.ndarray]


@pytest.fixture(scope="module")
def detector():
    return build_detector(CONFIG.detect, CONFIG.track.continue_score)


@cache
def room() -> np.ndarray:
    """A picture without a face."""
    return np.ascontiguousarray(coffee()[:SIDE, :SIDE])


def shown(
    x: float, y: float, scale: float = 0.5, *, mirror: bool = False, over: np.ndarray | None = None
) -> np.ndarray:
    """A head around (x, y) before a room."""
    matrix = np.array([[scale * (-1 if mirror else 1), 0, 0], [0, scale, 0]])
    matrix[:, 2] = (x, y) - matrix[:, :2] @ HEAD
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    head = cv2.warpAffine(astronaut(), matrix, (SIDE, SIDE), flags=flags)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    inside = np.hypot((columns - x) / (75 * scale), (rows - y) / (100 * scale)) < 1
    return np.where(inside[..., None], head, room() if over is None else over)


def frames_of(clip: Clip) -> list[Frame]:
    fmt = FrameFormat(SIDE, SIDE, "gbrp", "rgb", chroma_shift=(0, 0), full_range=True)
    frames = []
    for index, picture in enumerate(clip):
        planes = tuple(np.ascontiguousarray(picture[..., channel]) for channel in (1, 2, 0))
        for plane in planes:
            plane.flags.writeable = False
        frames.append(Frame(index, index, 1, Fraction(1, 25), planes, fmt))
    return frames


def played(clip: Clip, detector) -> tuple[list[TrackedFrame], list[np.ndarray]]:
    """Who is where, and where each frame was changed."""
    frames = frames_of(clip)
    finder = build_finder(CONFIG, detector)
    finding = [stage for _, part in build_finding(CONFIG, finder) for stage in part]
    tracked: list[TrackedFrame] = list(chain(frames, finding))
    engine = given_engine(FakeRestorer(lambda crops: crops // 2), CONFIG.restore)
    restoring = [stage for _, part in build_restoring(CONFIG, engine) for stage in part]
    pasted: list[PastedFrame] = list(chain(tracked, restoring))
    assert [item.frame.index for item in pasted] == list(range(len(clip)))
    changed = [
        np.any([a != b for a, b in zip(before.planes, after.frame.planes, strict=True)], axis=0)
        for before, after in zip(frames, pasted, strict=True)
    ]
    return tracked, changed


def ids(item: TrackedFrame) -> set[int]:
    return {face.track_id for face in item.faces if face.state != "coasting"}


def test_what_passes_before_a_face_is_left_alone_and_the_face_keeps_its_id(detector) -> None:
    clip = [shown(112 + 0.2 * k, 120) for k in range(40)]
    hidden = range(14, 26)
    for k, picture in enumerate(clip):
        # A hand-sized board that comes down, stays, and goes up again.
        bottom = int(np.interp(k, (11, 14, 25, 28), (0, 160, 160, 0)))
        top = max(bottom - 76, 0)
        picture[top:bottom, 78:152] = coffee()[250 - (bottom - top) : 250, 300:374]
    tracked, changed = played(clip, detector)
    for k in range(40):
        assert ids(tracked[k]) <= (set() if k in hidden else {1})
        assert not (changed[k].any() and k in hidden)
    assert all(changed[k].any() for k in (*range(12), *range(29, 40)))


def test_somebody_who_passes_close_before_the_camera_ends_no_track(detector) -> None:
    clip = [shown(112 + 0.2 * k, 120) for k in range(36)]
    wide, speed = 190, 64  # three quarters of the picture within three frames
    fronts = {k: speed * (k - 11) for k in range(12, 12 + -(-(SIDE + wide) // speed))}
    for k, front in fronts.items():
        left, right = max(front - wide, 0), min(front, SIDE)
        clip[k][16:, left:right] = coffee()[
            100 : 84 + SIDE, 300 + left - front : 300 + right - front
        ]
    tracked, changed = played(clip, detector)
    assert not [k for k, item in enumerate(tracked) if item.shot_start and k]
    assert {number for item in tracked for number in ids(item)} == {1}
    for k, front in fronts.items():
        if front - wide < 60 and front > 170:  # nothing of the face is seen
            assert not changed[k].any()
    assert all(changed[k].any() for k in (*range(12), *range(22, 36)))


def test_a_face_that_leaves_and_enters_is_restored_where_it_is_and_nowhere_else(detector) -> None:
    way = np.r_[np.linspace(150, 330, 12), np.linspace(330, 150, 12)]
    tracked, changed = played([shown(x, 120) for x in way], detector)
    for x, item, where in zip(way, tracked, changed, strict=True):
        if x <= 200:
            assert ids(item) == {1}
        if x >= 310:
            assert not where.any()
        if where.any():
            assert abs(np.nonzero(where)[1].mean() - min(x, SIDE)) < 40


def test_who_comes_four_times_closer_is_one_person(detector) -> None:
    tracked, changed = played([shown(128, 128, 0.35 * 4 ** (k / 39)) for k in range(40)], detector)
    assert {number for item in tracked for number in ids(item)} == {1}
    assert all(where.any() for where in changed)


def test_a_flash_and_a_blot_end_no_track_and_leave_no_trace(detector) -> None:
    calm = [shown(110 + 0.5 * k, 120) for k in range(30)]
    worn = [picture.copy() for picture in calm]
    worn[10] = np.full_like(worn[10], 255)
    worn[19][60:190, 60:200] = 15
    (one, _), (other, changed) = played(calm, detector), played(worn, detector)
    assert not changed[10].any()
    assert not changed[19].any()
    for k in set(range(30)) - {10, 19}:
        assert ids(other[k]) == {1}
        apart = other[k].faces[0].landmarks - one[k].faces[0].landmarks
        assert np.linalg.norm(apart, axis=1).mean() < 1.0


def test_a_face_that_dissolves_into_another_shot_is_not_pasted_over_it(detector) -> None:
    weights = np.clip((np.arange(36) - 12) / 12, 0, 1)
    face = shown(120, 120)
    clip = [np.uint8(np.rint((1 - w) * face + w * room())) for w in weights]
    _, changed = played(clip, detector)
    assert all(where.any() for where in changed[:14])
    assert [k for k in range(36) if changed[k].any() and weights[k] > 0.75] == []


def test_heads_that_cross_keep_their_ids(detector) -> None:
    clip = []
    for k in range(40):
        behind = shown(190 - 3 * k, 105, 0.45, mirror=True)
        clip.append(shown(60 + 3.5 * k, 150, 0.5, over=behind))
    tracked, _ = played(clip, detector)
    first = {face.track_id: face.landmarks.mean(axis=0)[1] for face in tracked[2].faces}
    last = {face.track_id: face.landmarks.mean(axis=0)[1] for face in tracked[-3].faces}
    assert set(first) == set(last) == {1, 2}
    for number, height in first.items():
        assert abs(last[number] - height) < 15


def test_a_turning_and_a_nodding_head_are_one_person(detector) -> None:
    clip = []
    for k in range(40):
        corners = np.float32([(60, 50), (190, 50), (190, 190), (60, 190)])
        turn, nod = 22 * np.sin(k / 5), 22 * np.sin(k / 2.5)
        moved = corners + np.float32([(0, turn), (0, -turn), (nod / 2, turn), (-nod / 2, -turn)])
        moved += np.float32([0, nod])
        matrix = cv2.getPerspectiveTransform(corners, moved)
        clip.append(
            cv2.warpPerspective(
                shown(125, 120), matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT
            )
        )
    tracked, changed = played(clip, detector)
    assert all(ids(item) == {1} for item in tracked)
    assert all(where.any() for where in changed)
