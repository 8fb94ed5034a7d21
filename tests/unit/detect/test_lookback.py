from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest

from tests.made_pictures.faces import landmarks
from vidrestore.datatypes import Frame, FrameFormat, TrackedFace, TrackedFrame
from vidrestore.detect.lookback import Lookback

GRAY = FrameFormat(320, 240, "gray", "gray", chroma_shift=(0, 0), full_range=True)
SIDE = 320
STEP = (2.0, -1.0)  # px a frame
POINTS = landmarks(120, 160, 60)


def texture(seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    layers = [cv2.GaussianBlur(generator.normal(size=(240, 320)), (0, 0), s) for s in (2, 5, 12)]
    total = sum(w * layer / layer.std() for w, layer in zip((25, 35, 45), layers, strict=True))
    return np.clip(total + 128, 0, 255)


SKIN = texture(1)


def picture(index: int, light: float = 1.0) -> np.ndarray:
    matrix = np.array([[1, 0, STEP[0] * index], [0, 1, STEP[1] * index]])
    moved = cv2.warpAffine(SKIN, matrix, (320, 240), borderMode=cv2.BORDER_REFLECT)
    return (moved * light).round().clip(0, 255).astype(np.uint8)


def where(index: int) -> np.ndarray:
    return POINTS + np.array(STEP) * index


def face(index: int, track_id: int = 1, state: str = "measured", age: int = 0) -> TrackedFace:
    return TrackedFace(track_id, where(index), state, age, 0.9)


def item(index, *faces, plane=None, shot_start=False):
    plane = picture(index) if plane is None else plane
    plane.flags.writeable = False
    frame = Frame(index, index, 1, Fraction(1, 25), (plane,), GRAY)
    return TrackedFrame(frame, shot_start or index == 0, faces)


def run(items, frames=24):
    stage = Lookback(frames, SIDE)
    return [out for each in items for out in stage.push(each)] + list(stage.flush())


def found(results, track_id=1):
    """Frames on which a track is seen."""
    return [
        r.frame.index
        for r in results
        for f in r.faces
        if f.track_id == track_id and f.state != "coasting"
    ]


def test_a_new_track_is_followed_back_to_the_shots_first_frame():
    results = run([*(item(i) for i in range(12)), item(12, face(12)), item(13, face(13, age=1))])
    assert [r.frame.index for r in results] == list(range(14))
    assert found(results) == list(range(14))
    for index, result in enumerate(results):
        (seen,) = result.faces
        assert seen.age == index - 12
        assert seen.state == ("propagated" if index < 12 else "measured")
        np.testing.assert_allclose(seen.landmarks, where(index), atol=0.6)


def test_a_face_that_comes_out_of_the_dark_is_followed_into_it():
    dim = [item(i, plane=picture(i, 0.2 + 0.08 * i)) for i in range(10)]
    assert found(run([*dim, item(10, face(10))])) == list(range(11))


def test_nothing_crosses_the_start_of_a_shot():
    items = [*(item(i) for i in range(6)), *(item(i, shot_start=i == 6) for i in range(6, 10))]
    assert found(run([*items, item(10, face(10))])) == [6, 7, 8, 9, 10]


def test_what_hides_the_face_ends_the_way_back():
    hidden = [item(i, plane=texture(2).astype(np.uint8)) for i in range(5)]
    results = run([*hidden, *(item(i) for i in range(5, 10)), item(10, face(10))])
    assert found(results) == [5, 6, 7, 8, 9, 10]


def test_another_track_in_the_same_place_is_not_found_twice():
    others = [item(i, face(i, 1, age=i)) if i < 4 else item(i) for i in range(8)]
    results = run([*others, item(8, face(8, 2))])
    assert found(results, 1) == [0, 1, 2, 3]
    assert found(results, 2) == [4, 5, 6, 7, 8]
    assert all(list(r.faces) == sorted(r.faces, key=lambda f: f.track_id) for r in results)


def test_a_track_seen_again_is_followed_back_over_its_gap():
    gap = [item(i, face(i, state="coasting", age=i)) for i in range(3, 7)]
    results = run([*(item(i, face(i, age=i)) for i in range(3)), *gap, item(7, face(7, age=7))])
    assert found(results) == list(range(8))
    assert [r.faces[0].state for r in results] == ["measured"] * 3 + ["propagated"] * 4 + [
        "measured"
    ]
    assert [r.faces[0].age for r in results] == list(range(8))


def test_what_still_coasts_is_left_as_it_is():
    items = [item(0, face(0)), *(item(i, face(i, state="coasting", age=i)) for i in range(1, 5))]
    assert found(run(items)) == [0]


@pytest.mark.parametrize("frames", [0, 1, 4])
def test_no_more_frames_are_held_and_none_gains_a_face_later(frames):
    stage, items = Lookback(frames, SIDE), [item(i) for i in range(9)]
    given = []
    for index, each in enumerate([*items, item(9, face(9))]):
        given += stage.push(each)
        assert len(given) == max(0, index + 1 - frames)
    given += stage.flush()
    assert found(given) == list(range(9 - frames, 10))
    assert list(stage.flush()) == []


def test_a_way_back_depends_on_the_frames_held_alone():
    """A piece of a shot says of its later frames what the whole shot does, bit for bit."""
    items = [item(i, *([face(i, age=i - 14)] if i >= 14 else [])) for i in range(18)]
    whole, piece = run(items, 6), run(items[8:], 6)
    for one, other in zip(whole[8:], piece, strict=True):
        assert len(one.faces) == len(other.faces)
        for a, b in zip(one.faces, other.faces, strict=True):
            np.testing.assert_array_equal(a.landmarks, b.landmarks)


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="-1"):
        Lookback(-1, SIDE)
