"""Segments of a file give the frames of the whole, wherever reading begins."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from tests.made_files.interlaced import make_scanned, top_first
from tests.made_files.synthetic import Clip, make
from vidrestore.config import InputConfig, InterlacedConfig
from vidrestore.job.segments.grid import Around, divide
from vidrestore.video import VideoSource, timetable

KINDS = {
    "b-frames": Clip("b.mp4", 90, options={"bf": "3", "g": "12", "preset": "ultrafast"}),
    "open groups": Clip("o.mkv", 90, options={"x264-params": "open-gop=1:keyint=15:bframes=3"}),
    "variable rate": Clip(
        "r.mp4",
        90,
        time_base=Fraction(1, 1000),
        ticks=[n * 40 + n * n % 7 for n in range(90)],
        options={"g": "12", "preset": "ultrafast"},
    ),
    "matroska": Clip("m.mkv", 90, options={"g": "10"}),
    "transport stream": Clip("t.ts", 90, options={"g": "10", "bf": "2"}),
    "vp9": Clip("v.webm", 60, codec="libvpx-vp9", options={"g": "10", "cpu-used": "8"}),
    "intra only": Clip("f.mkv", 60, codec="ffv1", options={}),
    "late start": Clip("l.mp4", 90, ticks=[50 + n for n in range(90)], options={"g": "9"}),
}


AROUND = Around(context=5, beside=2)


def told(frame):
    return frame.pts, frame.duration, [plane.tobytes() for plane in frame.planes]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cut", [(None, None), (Fraction(1, 2), Fraction(5, 2))])
def test_segments_give_the_frames_of_the_whole(kind, cut, tmp_path):
    path = make(tmp_path, KINDS[kind])
    start, end = cut
    with_range = {"start": start, "end": end}
    source = VideoSource(path, **with_range)
    whole = [told(frame) for frame in source]
    table = timetable(path, InputConfig())
    first = source.info.start
    edges = [None if time is None else first + time for time in cut]
    # What is decoded from its beginning each time is divided more coarsely.
    segments = divide(table, 0.6 if table.exact else 0.075, AROUND, *edges)
    assert len(segments) > 2
    assert any(segment.landing for segment in segments) == table.exact
    found = []
    # Out of order, as processes take them.
    for segment in (*segments[1::2], *segments[::2]):
        frames = list(source.segment(segment))
        assert [frame.index for frame in frames] == list(range(len(frames)))
        own = [frame for frame in frames if frame.role == "result"]
        assert len(own) == segment.frames
        around = [f.role for f in frames if f.role != "result"]
        assert set(around) <= {"beside", "context"}
        found.append((segment.number, [told(frame) for frame in own]))
    source.close()
    assert [frame for _, frames in sorted(found) for frame in frames] == whole


def test_a_file_without_an_index_is_decoded_from_its_beginning(tmp_path):
    table = timetable(make(tmp_path, KINDS["transport stream"]), InputConfig())
    assert not table.exact


def test_deinterlaced_segments_are_those_of_the_whole(tmp_path):
    path = make_scanned(tmp_path / "i.mkv", top_first, 75)
    config = InterlacedConfig(mode="always")
    source = VideoSource(path, interlaced=config)
    whole = [told(frame) for frame in source]
    assert source.deinterlaced == len(whole)
    found, decoded = [], []
    for segment in divide(timetable(path, InputConfig()), 1, AROUND):
        found += [told(f) for f in source.segment(segment) if f.role == "result"]
        decoded.append(source.decoded.as_dict())
    assert found == whole
    source.join(decoded)
    assert source.deinterlaced == len(whole)
    source.close()


def test_damage_counts_once_whatever_segment_sees_it(tmp_path):
    """What lies in the context of one segment is another's to tell."""
    clip = make(tmp_path, Clip("d.mkv", 90, options={"g": "10", "bf": "0"}))
    content = bytearray(clip.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(200)
    clip.write_bytes(content)
    source = VideoSource(clip)
    list(source)
    entries = source.damage
    assert entries
    decoded = []
    for segment in divide(timetable(clip, InputConfig()), 0.6, AROUND):
        list(source.segment(replace(segment, landing=None)))
        decoded.append(source.decoded.as_dict())
    source.join(decoded)
    assert source.damage == entries
    source.close()
