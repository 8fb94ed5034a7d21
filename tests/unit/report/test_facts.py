from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidrestore.datatypes import (
    Frame,
    FrameFormat,
    LeftAlone,
    PastedFrame,
    Reason,
    Region,
    TrackedFace,
    TrackedFrame,
)
from vidrestore.report import Facts, InspectionBuilder, ModelUsed, Untouched

GRAY = FrameFormat(2, 2, "gray", layout="gray")
BASE = Fraction(1, 1000)


def frame(index, pts, duration=40):
    plane = np.zeros((2, 2), np.uint8)
    plane.flags.writeable = False
    return Frame(index, pts, duration, BASE, (plane,), GRAY)


def pasted(index, pts, *regions, shot_start=False, duration=40, left=()):
    return PastedFrame(frame(index, pts, duration), shot_start, regions, left)


def finish(builder, **changes):
    values = {
        "source": "in.mkv",
        "output": "out.mkv",
        "frames_in": 0,
        "model": ModelUsed("default", "default.safetensors", "0" * 64),
        "settings": {},
        "timing": {},
        "version": "1",
        "device": "cpu",
        "precision": "float32",
        "started": datetime(2026, 1, 1, tzinfo=UTC),
        "seconds": 2.0,
    }
    return builder.finish(**values | changes)


def test_a_report_counts_what_passed():
    builder = Facts()
    builder.observe(pasted(0, 1000, Region(1, 4, 5, 20, 30), shot_start=True))
    builder.observe(pasted(1, 1040, Region(1, 4, 5, 21, 30), Region(2, 0, 0, 9, 9)))
    builder.observe(pasted(2, 1080, shot_start=True))
    builder.observe(pasted(3, 1120, Region(3, 1, 1, 2, 2)))
    report = finish(builder, frames_in=4)
    assert (report.frames_in, report.frames_out, report.frames, report.faces) == (4, 4, 4, 4)
    assert report.duration == pytest.approx(0.16)
    assert report.frames_per_second == 2.0
    assert [(cut.frame, cut.time) for cut in report.cuts] == [(2, 1.08)]
    assert [track.track_id for track in report.tracks] == [1, 2, 3]
    first = report.tracks[0]
    assert (first.first_frame, first.last_frame, first.faces_restored) == (0, 1, 2)
    assert (first.first_time, first.last_time) == (1.0, 1.04)
    assert first.regions.tolist() == [[0, 4, 5, 20, 30], [1, 4, 5, 21, 30]]
    assert first.shares.tolist() == [1.0, 1.0]
    assert (report.frames_restored, report.frames_without_faces) == (3, 1)
    assert report.left_alone == {}


def test_what_is_left_alone_is_told_with_its_reason():
    builder = Facts()
    sharp, small = (LeftAlone(1, Reason.SHARP), LeftAlone(2, Reason.SMALL))
    unseen = LeftAlone(1, Reason.UNSEEN)
    builder.observe(pasted(0, 0, left=(unseen,)))  # before any sight: of no interest
    builder.observe(pasted(1, 40, left=(sharp, small)))
    builder.observe(pasted(2, 80, left=(sharp,)))
    builder.observe(pasted(3, 120, left=(unseen,)))
    builder.observe(pasted(4, 160, Region(1, 0, 0, 2, 2, 0.75)))
    builder.observe(pasted(5, 200, left=(unseen,)))  # gone: never seen again
    report = finish(builder)
    assert report.faces == 1
    assert report.left_alone == {Reason.SHARP: 2, Reason.SMALL: 1}
    assert (report.frames_restored, report.frames_without_faces) == (1, 3)
    first, second = report.tracks
    assert (first.first_frame, first.last_frame, first.faces_restored) == (1, 4, 1)
    assert first.shares.tolist() == [0.75]
    assert first.left_alone == (Untouched(1, 2, Reason.SHARP), Untouched(3, 3, Reason.UNSEEN))
    assert (second.first_frame, second.last_frame, second.faces_restored) == (1, 1, 0)
    assert second.regions.shape == (0, 5)
    assert second.left_alone == (Untouched(1, 1, Reason.SMALL),)


def test_a_face_that_was_never_seen_is_no_track():
    builder = Facts()
    builder.observe(pasted(0, 0, left=(LeftAlone(1, Reason.UNSEEN),)))
    assert finish(builder).tracks == ()


def test_progress_follows():
    builder = Facts()
    assert builder.progress(10, 0.0).seconds_left is None
    builder.observe(pasted(0, 0, Region(1, 0, 0, 1, 1)))
    builder.observe(pasted(1, 40))
    now = builder.progress(10, 4.0)
    assert (now.frames_done, now.frames_total, now.faces) == (2, 10, 1)
    assert now.frames_per_second == 0.5
    assert now.seconds_left == 16.0
    assert builder.progress(None, 4.0).seconds_left is None
    assert builder.progress(1, 4.0).seconds_left == 0


def test_frames_that_are_held_back_do_not_count_as_slowness():
    builder = Facts()
    builder.observe(pasted(0, 0))
    now = builder.progress(101, 10.0, frames_taken=25)
    assert now.frames_per_second == 2.5
    assert now.seconds_left == 40.0
    assert builder.progress(101, 10.0, frames_taken=0).seconds_left == 1000.0


def test_an_empty_job_has_a_report():
    report = finish(Facts(), seconds=0.0)
    assert (report.frames_out, report.faces, report.duration) == (0, 0, 0.0)
    assert report.frames_per_second == 0.0
    assert report.tracks == report.cuts == ()


def test_a_warning_is_kept_once():
    builder = Facts()
    for text in ("b", "a", "b"):
        builder.warn(text)
    assert finish(builder).warnings == ("b", "a")


def test_a_last_frame_without_duration_lasts_as_long_as_the_one_before():
    builder = Facts()
    builder.observe(pasted(0, 0, duration=0))
    assert finish(builder).duration == 0
    builder.observe(pasted(1, 50, duration=0))
    assert finish(builder).duration == pytest.approx(0.1)


FATES = st.sampled_from([None, *Reason])


@given(st.lists(st.dictionaries(st.integers(1, 4), FATES), max_size=20))
def test_totals_agree_with_tracks(faces):
    builder = Facts()
    for index, fates in enumerate(faces):
        regions = (Region(k, index, k, index + 5, k + 5) for k, fate in fates.items() if not fate)
        left = tuple(LeftAlone(key, fate) for key, fate in fates.items() if fate)
        builder.observe(pasted(index, index * 40, *regions, left=left))
    report = finish(builder)
    assert report.frames_out == len(faces)
    assert report.faces == sum(not fate for fates in faces for fate in fates.values())
    assert report.faces == sum(track.faces_restored for track in report.tracks)
    runs = [run for track in report.tracks for run in track.left_alone]
    for reason in set(Reason) - {Reason.UNSEEN}:
        count = sum(run.last_frame + 1 - run.first_frame for run in runs if run.reason == reason)
        assert report.left_alone.get(reason, 0) == count
    for track in report.tracks:
        told = {index: fates.get(track.track_id) for index, fates in enumerate(faces)}
        seen = [k for k, v in told.items() if track.track_id in faces[k] and v != Reason.UNSEEN]
        assert track.regions[:, 0].tolist() == [k for k in seen if told[k] is None]
        assert (track.first_frame, track.last_frame) == (seen[0], seen[-1])
        for run in track.left_alone:
            inside = range(run.first_frame, run.last_frame + 1)
            assert {told[index] for index in inside} == {run.reason}


def face(track_id, state="measured", shift=0.0, score=0.9):
    landmarks = np.array([[0, 0], [10, 0], [5, 5], [2, 12], [8, 12]], float) + shift
    return TrackedFace(track_id, landmarks, state, 0, score)


def test_an_inspection_counts_faces_that_were_seen():
    builder = InspectionBuilder()
    builder.observe(TrackedFrame(frame(0, 0), True, (face(1), face(2, "coasting"))))
    builder.observe(TrackedFrame(frame(1, 40), False, (face(1, "propagated", 3.0, 0.95),)))
    builder.observe(TrackedFrame(frame(2, 90), True, (face(1, "coasting"),)))
    found = builder.finish(source="in.mkv", media={"format": "matroska"})
    assert (found.frames, found.faces, len(found.tracks)) == (3, 2, 1)
    assert found.frame_interval == pytest.approx((0.04, 0.05))
    assert found.duration == pytest.approx(0.13)
    assert [cut.frame for cut in found.cuts] == [2]
    track = found.tracks[0]
    assert (track.first_frame, track.last_frame, track.frames) == (0, 1, 2)
    assert track.eyes_to_mouth == pytest.approx(12.0)
    assert track.score == 0.95


def test_one_frame_has_no_interval():
    builder = InspectionBuilder()
    builder.observe(TrackedFrame(frame(0, 0), True, ()))
    assert builder.finish(source="x", media={}).frame_interval is None
