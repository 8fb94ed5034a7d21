from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_pictures.strategies import ROOM, empty_frame, face_at
from tests.made_pictures.strategies import faces as any_face
from tests.stand_ins.stages import tracking
from vidrestore.datatypes import DetectedFrame, Face, TrackedFrame

Faces = tuple[Face, ...]


def detected(
    shots: list[list[Faces]] | list[Faces], every: int = 3, fps: int = 25
) -> list[DetectedFrame]:
    """Frames with these faces; the cadence of detection starts anew at each shot."""
    if not shots or isinstance(shots[0], tuple):
        shots = [shots]  # type: ignore[list-item]
    result: list[DetectedFrame] = []
    for shot in shots:
        for index, found in enumerate(shot):
            state = "measured" if index % every == 0 else "propagated"
            frame = empty_frame(len(result), fps, ROOM)
            result.append(DetectedFrame(frame, index == 0, state, found))
    return result


def run(items: list[DetectedFrame], **options: float) -> list[TrackedFrame]:
    stage = tracking(**options)  # type: ignore[arg-type]
    return [out for item in items for out in stage.push(item)] + list(stage.flush())


def ids(frames: list[TrackedFrame]) -> list[list[int]]:
    return [[face.track_id for face in frame.faces] for frame in frames]


def states(frames: list[TrackedFrame], track_id: int = 1) -> str:
    """One letter per frame: m, p, c, or a dot where the track is not."""
    found = [{f.track_id: f.state[0] for f in frame.faces} for frame in frames]
    return "".join(frame.get(track_id, ".") for frame in found)


STREAMS = st.tuples(
    st.lists(st.lists(any_face(300), max_size=4), min_size=1, max_size=6),
    st.lists(st.lists(any_face(300), max_size=4), max_size=6),
)


@settings(max_examples=40, deadline=None)
@given(STREAMS, st.integers(1, 4), st.integers(1, 3), st.integers(0, 5), st.randoms())
def test_any_stream_gives_each_frame_once_in_order_and_ids_in_order_of_appearance(
    stream: tuple[list[list[Face]], ...],
    every: int,
    confirm: int,
    max_gap: int,
    shuffle: random.Random,
) -> None:
    shots = [[tuple(found) for found in part] for part in stream if part]
    items = detected(shots, every)
    out = run(items, confirm=confirm, max_gap=max_gap)
    assert [frame.frame for frame in out] == [item.frame for item in items]
    assert [frame.shot_start for frame in out] == [item.shot_start for item in items]
    first_seen: list[int] = []
    for frame, item in zip(out, items, strict=True):
        here = [face.track_id for face in frame.faces]
        assert here == sorted(set(here))
        fresh = [track_id for track_id in here if track_id not in first_seen]
        first_seen += fresh
        sources = {face.landmarks.tobytes() for face in item.faces}
        for face in frame.faces:
            assert face.state in {item.state, "coasting"}
            assert (face.age == 0) == (face.track_id in fresh)
            # Nothing counts as seen but what was.
            assert face.state == "coasting" or face.landmarks.tobytes() in sources
    assert first_seen == list(range(1, len(first_seen) + 1))

    for part in shots:
        for k, found in enumerate(part):
            part[k] = tuple(shuffle.sample(found, len(found)))
    again = run(detected(shots, every), confirm=confirm, max_gap=max_gap)
    assert ids(again) == ids(out)


def test_a_face_exists_from_its_first_sight() -> None:
    out = run(detected([(face_at(100, 100),)] * 12))
    assert ids(out) == [[1]] * 12
    assert states(out) == "mppmppmppmpp"
    assert [frame.faces[0].age for frame in out] == list(range(12))


def test_frames_wait_for_the_verdict_and_no_longer() -> None:
    stage = tracking(confirm=2)
    counts = [len(list(stage.push(item))) for item in detected([(face_at(9, 9),)] * 8)]
    assert counts == [0, 0, 0, 4, 1, 1, 1, 1]
    stage = tracking(confirm=1)
    assert all(len(list(stage.push(item))) == 1 for item in detected([(face_at(9, 9),)] * 8))
    stage = tracking()
    assert all(len(list(stage.push(item))) == 1 for item in detected([()] * 8))


@pytest.mark.parametrize("every", [1, 3, 30])
def test_the_wait_is_bounded_whatever_the_options(every: int) -> None:
    stage = tracking(confirm=10, max_gap=300, max_delay=20)
    taken = given_back = 0
    rng = np.random.default_rng(0)
    stream = [
        (face_at(100, 100), face_at(*rng.uniform(0, 900, 2), score=rng.uniform(0.4, 1)))
        for _ in range(150)
    ]
    for item in detected(stream, every):
        taken += 1
        given_back += len(list(stage.push(item)))
        assert taken - given_back <= 20
    assert given_back + len(list(stage.flush())) == taken


def test_a_single_sight_leaves_no_trace_and_uses_no_id() -> None:
    ghost, face = face_at(500, 100, score=0.95), face_at(100, 100)
    stream = [(ghost,)] * 2 + [()] * 4 + [(face,)] * 9
    assert ids(run(detected(stream))) == [[]] * 6 + [[1]] * 9


def test_one_missed_detection_does_not_end_a_young_track() -> None:
    face = face_at(100, 100)
    stream = [(face,)] * 2 + [()] * 4 + [(face,)] * 6
    assert states(run(detected(stream))) == "mpccccmppmpp"


def test_doubtful_faces_continue_a_track_but_start_none() -> None:
    sure, doubtful = face_at(100, 100, score=0.8), face_at(101, 100, score=0.35)
    assert states(run(detected([(sure,)] * 6 + [(doubtful,)] * 6))) == "mppmppmppmpp"
    assert ids(run(detected([(doubtful,)] * 12))) == [[]] * 12
    faint = face_at(101, 100, score=0.25)
    assert states(run(detected([(sure,)] * 6 + [(faint,)] * 3))) == "mppmppccc"


def test_a_track_coasts_through_a_gap_and_dies_after_a_long_one() -> None:
    face = face_at(100, 100)
    seen, nothing = [(face,)] * 6, [()]
    assert states(run(detected(seen + nothing * 6 + seen))) == "mppmppccccccmppmpp"
    late = run(detected(seen + nothing * 15 + seen), max_gap=14)
    assert states(late, 1) == "mppmpp" + "c" * 14 + "." * 7
    assert states(late, 2) == "." * 21 + "mppmpp"
    assert states(run(detected(seen + nothing * 3), max_gap=0)) == "mppmpp..."


def test_a_face_that_moves_on_behind_something_keeps_its_id() -> None:
    stream = [(face_at(100 + 8 * k, 100),) if not 12 <= k < 24 else () for k in range(40)]
    out = run(detected(stream, every=1))
    assert {track_id for frame in ids(out) for track_id in frame} == {1}
    assert states(out) == "m" * 12 + "c" * 12 + "m" * 16


def test_a_face_that_leaves_at_the_edge_and_comes_back_keeps_its_id() -> None:
    x = [60 - 6 * k if k < 10 else 6 * k - 102 for k in range(30)]
    stream = [(face_at(x[k], 100),) if not 10 <= k < 18 else () for k in range(30)]
    assert {i for frame in ids(run(detected(stream, every=1))) for i in frame} == {1}


def test_a_face_that_hurries_out_and_comes_back_keeps_its_id() -> None:
    x = [60 - 16 * k if k < 4 else 16 * k - 220 for k in range(30)]
    stream = [(face_at(x[k], 100),) if not 4 <= k < 14 else () for k in range(30)]
    assert {i for frame in ids(run(detected(stream, every=1))) for i in frame} == {1}


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("hidden", [False, True])
def test_crossing_faces_keep_their_ids(every: int, hidden: bool) -> None:
    stream = []
    for k in range(60):
        near = face_at(100 + 6 * k, 100, 44)
        far = face_at(460 - 6 * k, 110, 38)
        covered = hidden and abs((460 - 6 * k) - (100 + 6 * k)) < 50
        stream.append((near,) if covered else (near, far))
    out = run(detected(stream, every))
    for k, frame in enumerate(out):
        centres = {face.track_id: face.landmarks[:, 0].mean() for face in frame.faces}
        assert centres[1] == pytest.approx(100 + 6 * k, abs=1)
        assert centres[2] == pytest.approx(460 - 6 * k, abs=40 if hidden else 1)


def test_a_face_that_comes_four_times_closer_keeps_its_id() -> None:
    stream = [(face_at(300 + k, 200, 30 * 4 ** (k / 40)),) for k in range(41)]
    assert ids(run(detected(stream))) == [[1]] * 41


def test_neighbours_are_not_confused() -> None:
    row = tuple(face_at(100 + 90 * k, 100 + 3 * k) for k in range(4))
    assert ids(run(detected([row] * 9))) == [[1, 2, 3, 4]] * 9


def test_those_that_appear_together_count_from_the_left() -> None:
    pair = (face_at(400, 100, score=0.9), face_at(100, 300, score=0.7))
    first = run(detected([pair] * 6))[0].faces
    assert first[0].landmarks[:, 0].mean() == pytest.approx(100, abs=1)


def test_one_face_found_twice_is_one_track() -> None:
    twice = (face_at(100, 100, score=0.9), face_at(104, 103, 44, score=0.6))
    assert ids(run(detected([twice] * 9))) == [[1]] * 9


def test_everything_ends_at_a_cut() -> None:
    shot: list[Faces] = [(face_at(100, 100),)] * 6
    out = run(detected([shot, shot, [()] * 3]))
    assert ids(out) == [[1]] * 6 + [[2]] * 6 + [[]] * 3
    assert out[6].faces[0].age == 0


def test_short_shots_are_judged_by_score() -> None:
    strong, weak = face_at(100, 100, score=0.8), face_at(100, 100, score=0.55)
    assert ids(run(detected([[(strong,)] * 2, [(weak,)] * 2]))) == [[1], [1], [], []]
    # Two detections are enough for the weak one.
    assert ids(run(detected([[(weak,)] * 4]))) == [[1]] * 4


def test_a_face_lost_again_before_the_end_of_the_shot_does_not_count() -> None:
    strong = face_at(100, 100, score=0.9)
    assert ids(run(detected([(strong,)] * 2 + [()] * 3))) == [[]] * 5


def test_scores_and_gaps_are_what_is_asked_for() -> None:
    stage = tracking(birth_score=0.9, continue_score=0.1, confirm=1, max_gap=1)
    sure, doubtful = face_at(9, 9, score=0.95), face_at(9, 9, score=0.15)
    stream: list[Faces] = [(doubtful,), (sure,), (doubtful,), (), (), (doubtful,)]
    out = [frame for item in detected(stream, 1) for frame in stage.push(item)]
    assert states([*out, *stage.flush()]) == ".mmc.."
