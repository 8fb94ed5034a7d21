from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_pictures.faces import frame_format, landmarks, paint, skin
from vidrestore.datatypes import Face, Look, crosses_grid
from vidrestore.detect.cadence import Cadence, merged

WIDTH, HEIGHT = 160, 120
PATH = [np.array([80 + 14 * np.sin(i / 5), 60 + 8 * np.sin(i / 4)]) for i in range(60)]


def texture(seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    total = np.zeros((HEIGHT, WIDTH, 3))
    for sigma, weight in ((2, 25), (5, 35)):
        layer = cv2.GaussianBlur(generator.normal(size=total.shape), (0, 0), sigma)
        total += weight * layer / layer.std()
    return np.clip(total + 128, 0, 255).astype(np.uint8)


def scene(count: int, seed: int = 0) -> list[np.ndarray]:
    """A textured picture that moves along PATH."""
    still = texture(seed)
    return [
        cv2.warpAffine(
            still,
            np.array([[1.0, 0, x - 80], [0, 1, y - 60]]),
            (WIDTH, HEIGHT),
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REFLECT,
        )
        for x, y in PATH[:count]
    ]


def looks(pictures, starts=(0,), frame_scale=1) -> list[Look]:
    fmt = frame_format("gray", WIDTH * frame_scale, HEIGHT * frame_scale)
    return [
        Look(paint(skin, fmt, index), picture, index in starts)
        for index, picture in enumerate(pictures)
    ]


def face(centre, height=40.0, score=0.9) -> Face:
    points = landmarks(*centre, height)
    return Face(np.concatenate([points.min(axis=0) - 9, points.max(axis=0) + 9]), points, score)


class Scripted:
    """Knows the faces of each picture by heart and notes which pictures it was asked about."""

    def __init__(self, pictures, faces):
        self._index = {picture.tobytes(): index for index, picture in enumerate(pictures)}
        self._faces = faces
        self.asked = []
        self.calls = 0

    def detect(self, images, /):
        self.calls += 1
        indices = [self._index[image.tobytes()] for image in images]
        self.asked += indices
        return [tuple(self._faces[index]) for index in indices]


def run(detector, every, items):
    stage = Cadence(detector, every)
    results = [result for item in items for result in stage.push(item)]
    return results + list(stage.flush())


@given(count=st.integers(0, 24), every=st.integers(1, 9), starts=st.sets(st.integers(1, 23)))
@settings(max_examples=60, deadline=None)
def test_each_frame_once_in_order_and_detected_when_due(count, every, starts):
    pictures = [np.full((8, 8, 3), index, np.uint8) for index in range(count)]
    detector = Scripted(pictures, [()] * count)
    stage = Cadence(detector, every)
    results, most_held = [], 0
    for pushed, item in enumerate(looks(pictures, starts | {0}), start=1):
        results += stage.push(item)
        most_held = max(most_held, pushed - len(results))
    results += stage.flush()
    assert [result.frame.index for result in results] == list(range(count))
    assert most_held < every
    shots = sorted(start for start in {0, *starts} if start < count)
    due = set()
    for start, end in pairwise([*shots, count]):
        due |= {start, end - 1, *(index for index in range(start, end) if index % every == 0)}
    assert sorted(detector.asked) == sorted(due)
    measured = {result.frame.index for result in results if result.state == "measured"}
    assert measured == due
    assert {result.frame.index for result in results if result.shot_start} == set(shots)


def test_the_grid_lies_still_on_the_sources_clock():
    # Matroska's milliseconds: 1001/30000 s a frame, rounded.
    times = [round(index * 1001 / 30) for index in range(400)]
    frame = paint(skin, frame_format("gray", 8, 8))
    frames = [replace(frame, index=i, pts=pts, duration=33) for i, pts in enumerate(times)]
    on = [b.index for a, b in pairwise(frames) if crosses_grid(a, b, 3)]
    assert max(np.diff(on)) <= 4
    pictures = [np.full((8, 8, 3), index % 256, np.uint8) for index in range(256)]
    items = [Look(f, p) for f, p in zip(frames, pictures, strict=False)]

    def measured(first):
        stage = Cadence(Scripted(pictures, [()] * 256), 3)
        results = [r for k, i in enumerate(items[first:]) for r in stage.push(start(i, k == 0))]
        return {r.frame.index for r in results if r.state == "measured"}

    def start(item, first):
        return replace(item, shot_start=first)

    whole = measured(0)
    for first in (1, 2, 50, 100):
        assert {k for k in measured(first) if k >= first + 6} == {
            k for k in whole if k >= first + 6
        }


def test_frames_without_a_duration_are_counted_from_the_shots_start():
    frame = replace(paint(skin, frame_format("gray", 8, 8)), duration=0)
    assert not crosses_grid(frame, replace(frame, pts=9), 3)
    pictures = [np.full((8, 8, 3), index, np.uint8) for index in range(8)]
    detector = Scripted(pictures, [()] * 8)
    run(detector, 3, [Look(replace(frame, index=i), p, i == 0) for i, p in enumerate(pictures)])
    assert sorted(detector.asked) == [0, 3, 6, 7]


@pytest.mark.parametrize("every", [2, 3, 7])
def test_carried_faces_are_where_the_picture_went(every):
    pictures = scene(20)
    results = run(Scripted(pictures, [[face(c)] for c in PATH]), every, looks(pictures))
    assert [len(result.faces) for result in results] == [1] * 20
    for result, centre in zip(results, PATH, strict=False):
        np.testing.assert_allclose(result.faces[0].landmarks, face(centre).landmarks, atol=0.3)
        np.testing.assert_allclose(result.faces[0].box, face(centre).box, atol=0.5)


def test_between_two_detections_their_errors_are_blended():
    pictures = scene(5)
    script = [[face(centre)] for centre in PATH[:5]]
    script[4] = [face(PATH[4] + (2.0, 0), score=0.5)]
    results = run(Scripted(pictures, script), 4, looks(pictures))
    errors = [
        (result.faces[0].landmarks - face(centre).landmarks)[:, 0].mean()
        for result, centre in zip(results, PATH, strict=False)
    ]
    np.testing.assert_allclose(errors, [0, 0.5, 1, 1.5, 2], atol=0.15)
    scores = [result.faces[0].score for result in results]
    np.testing.assert_allclose(scores, [0.9, 0.8, 0.7, 0.6, 0.5])


def test_faces_are_given_in_the_frames_coordinates():
    pictures = scene(4)
    script = [[face(centre)] for centre in PATH[:4]]
    results = run(Scripted(pictures, script), 3, looks(pictures, frame_scale=4))
    for result, centre in zip(results, PATH, strict=False):
        expected = (face(centre).landmarks + 0.5) * 4 - 0.5
        np.testing.assert_allclose(result.faces[0].landmarks, expected, atol=1.2)
    np.testing.assert_allclose(results[0].faces[0].box, (face(PATH[0]).box + 0.5) * 4 - 0.5)


def test_nothing_crosses_the_start_of_a_shot():
    # The same scene goes on, so that only the flag keeps the face from being carried over.
    pictures = scene(9)
    script = [[face(centre)] if index < 4 else [] for index, centre in enumerate(PATH[:9])]
    results = run(Scripted(pictures, script), 3, looks(pictures, {0, 4}))
    assert [len(result.faces) for result in results] == [1, 1, 1, 1, 0, 0, 0, 0, 0]
    script = [[] if index < 4 else [face(centre)] for index, centre in enumerate(PATH[:9])]
    results = run(Scripted(pictures, script), 3, looks(pictures, {0, 4}))
    assert [len(result.faces) for result in results] == [0, 0, 0, 0, 1, 1, 1, 1, 1]


def test_a_face_seen_at_one_end_only_is_carried_as_far_as_it_goes():
    pictures = scene(7)
    script = [[face(PATH[0])], *[[]] * 6]
    results = run(Scripted(pictures, script), 6, looks(pictures))
    assert [len(result.faces) for result in results] == [1, 1, 1, 1, 1, 1, 0]
    assert results[-1].state == "measured"


def test_a_face_lost_on_the_way_is_looked_for_again():
    pictures = scene(7)
    pictures[2] = texture(50)  # something passes
    pictures[4] = texture(51)  # a flash of another scene in which there is a face too
    script = [[face(centre)] for centre in PATH[:7]]
    script[2] = []
    script[4] = [face((30, 40))]
    detector = Scripted(pictures, script)
    results = run(detector, 6, looks(pictures))
    assert [len(result.faces) for result in results] == [1, 1, 0, 1, 1, 1, 1]
    assert {2, 4} <= set(detector.asked)
    np.testing.assert_array_equal(results[4].faces[0].landmarks, face((30, 40)).landmarks)
    assert [result.state for result in results if result.frame.index in {2, 4}] == ["measured"] * 2


def test_after_a_flush_it_starts_afresh():
    pictures = scene(5)
    detector = Scripted(pictures, [[face(centre)] for centre in PATH])
    stage = Cadence(detector, 3)
    items = looks(pictures)
    first = [r for item in items for r in stage.push(item)] + list(stage.flush())
    detector.asked.clear()
    again = [r for item in items for r in stage.push(item)] + list(stage.flush())
    assert sorted(detector.asked) == [0, 3, 4]
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.faces[0].landmarks, other.faces[0].landmarks)


def test_a_cut_asks_about_both_sides_in_one_call():
    pictures = scene(4)
    detector = Scripted(pictures, [()] * 4)
    stage = Cadence(detector, 5)
    for item in looks(pictures, {0, 3}):
        stage.push(item)
    assert detector.asked == [0, 2, 3]
    assert detector.calls == 2


def test_merging_pairs_the_nearest_and_keeps_singles():
    one, other, third = face((40, 40)), face((44, 40)), face((120, 90))
    result = merged([one, third], [other], 0.25)
    assert len(result) == 2
    centres = sorted(f.landmarks[:, 0].mean() for f in result)
    np.testing.assert_allclose(centres, [41, 120])


def test_merging_drops_what_one_end_alone_saw_in_doubt():
    doubtful = face((40, 40), score=0.41)
    assert merged([doubtful], [], 0.25) == ()
    assert len(merged([doubtful], [face((41, 40), score=0.45)], 0.25)) == 1


def test_merging_keeps_the_nearer_of_two_that_overlap_but_do_not_agree():
    one, other = face((40, 40)), face((40, 70))
    low = np.concatenate([one.landmarks.min(axis=0), other.landmarks.max(axis=0)])
    one, other = Face(low, one.landmarks, 0.9), Face(low, other.landmarks, 0.9)
    (kept,) = merged([one], [other], 0.75)
    assert kept is other
    (kept,) = merged([one], [other], 0.25)
    assert kept is one


def test_every_must_be_positive():
    with pytest.raises(ValueError, match="every"):
        Cadence(Scripted([], []), 0)
