"""Facts of parts, put together through JSON, are those of the whole."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vidrestore.datatypes import Frame, FrameFormat, LeftAlone, PastedFrame, Reason, Region
from vidrestore.report import Facts, ModelUsed, to_json

GRAY = FrameFormat(2, 2, "gray", layout="gray")
PLANE = np.zeros((2, 2), np.uint8)
PLANE.flags.writeable = False


@st.composite
def videos(draw):
    """Frames with some of three tracks each: restored, left alone or not seen."""
    frames, now = [], draw(st.integers(0, 1000))
    for index in range(draw(st.integers(1, 14))):
        duration = draw(st.sampled_from([0, 40]))
        frame = Frame(
            index,
            now,
            duration,
            Fraction(1, 1000),
            (PLANE,),
            GRAY,
            colourless=draw(st.booleans()),
            deflickered=draw(st.booleans()),
        )
        now += draw(st.integers(1, 90))
        regions, left = [], []
        for track in draw(st.lists(st.integers(1, 3), unique=True, max_size=3).map(sorted)):
            reason = draw(st.sampled_from([None, Reason.UNSEEN, Reason.SMALL, Reason.SHARP]))
            if reason is None:
                regions.append(Region(track, 0, index, 4, index + 2, draw(st.floats(0.1, 1))))
            else:
                left.append(LeftAlone(track, reason))
        shot_start = index == 0 or draw(st.booleans())
        frames.append(PastedFrame(frame, shot_start, tuple(regions), tuple(left)))
    return frames


def observed(frames):
    facts = Facts()
    for frame in frames:
        facts.observe(frame)
    return facts


def report(facts):
    told = facts.finish(
        source="in",
        output="out",
        frames_in=1,
        model=ModelUsed("m", "f", "0"),
        settings={},
        timing={},
        version="1",
        device="cpu",
        precision="exact",
        started=datetime(2026, 1, 1, tzinfo=UTC),
        seconds=1.0,
    )
    return to_json(replace(told, run=None))  # when it ended is nobody's doing


@given(videos(), st.data())
def test_parts_are_put_together_as_if_nothing_had_been_divided(frames, data):
    edges = sorted(data.draw(st.sets(st.integers(1, len(frames)), max_size=3)) | {0, len(frames)})
    joined = Facts()
    for begin, end in itertools.pairwise(edges):
        part = Facts.from_dict(json.loads(json.dumps(observed(frames[begin:end]).as_dict())))
        joined.extend(part, {number: number for number in (1, 2, 3)})
    assert report(joined) == report(observed(frames))


def test_tracks_are_renamed():
    facts = Facts()
    part = observed([PastedFrame(Frame(7, 0, 40, Fraction(1), (PLANE,), GRAY), True, (REGION,))])
    facts.extend(part, {1: 5})
    facts.extend(part, {1: 2})
    assert facts.track_ids() == [2, 5]


REGION = Region(1, 0, 0, 1, 1)
