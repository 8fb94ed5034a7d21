"""Reading: every frame, its own time, its own samples."""

from __future__ import annotations

import hashlib
import threading
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests import witness
from tests.made_files import clips, odd_files, synthetic
from vidrestore.datatypes import Frame
from vidrestore.errors import InputError
from vidrestore.video import VideoSource
from vidrestore.video.pixels.planes import Copier

EVERY = clips.EVERY


def _bytes(frame: Frame) -> bytes:
    return b"".join(np.ascontiguousarray(plane).tobytes() for plane in frame.planes)


@pytest.mark.parametrize("name", EVERY)
def test_frames_are_what_an_independent_reader_sees(clip: synthetic.ClipMaker, name: str) -> None:
    path = clip(EVERY[name])
    source = VideoSource(path)
    frames = [(f.pts * f.time_base, hashlib.md5(_bytes(f)).hexdigest()) for f in source]
    raw = source.format.pix_fmt if source.format.layout == "rgb" else None
    truth = [(seen.pts, seen.digest) for seen in witness.frames(path, pix_fmt=raw)]
    assert frames == truth
    assert len(frames) == EVERY[name].count
    assert source.warnings == []


def test_indices_and_format(clip: synthetic.ClipMaker) -> None:
    source = VideoSource(clip(clips.PICTURES["odd size"]))
    frames = list(source)
    assert [frame.index for frame in frames] == list(range(12))
    assert {frame.format for frame in frames} == {source.format}
    assert [plane.shape for plane in frames[0].planes] == [(47, 63), (24, 32), (24, 32)]
    assert not any(frame.touched for frame in frames)


def test_durations_reach_to_the_next_frame(clip: synthetic.ClipMaker) -> None:
    """MP4 tells durations in the order of decoding; with B-frames they belong to no picture."""
    frames = list(VideoSource(clip(clips.TIMINGS["vfr"])))
    for frame, following in pairwise(frames):
        assert frame.pts + frame.duration == following.pts


def test_planes_cannot_be_written(clip: synthetic.ClipMaker) -> None:
    frame = next(iter(VideoSource(clip(clips.TIMINGS["b-frames"]))))
    for plane in frame.planes:
        with pytest.raises(ValueError, match="read-only"):
            plane[0, 0] = 1


def test_frames_outlive_the_source(clip: synthetic.ClipMaker) -> None:
    source = VideoSource(clip(clips.TIMINGS["b-frames"]))
    kept = list(source)
    before = [_bytes(frame) for frame in kept]
    source.close()
    del source
    assert [_bytes(frame) for frame in kept] == before


@pytest.mark.parametrize("name", ["b-frames", "vfr", "late start", "transport stream", "gaps"])
@pytest.mark.parametrize(("begin", "end"), [(0.1, 0.4), (0.21, None), (None, 0.2), (0.0, 0.04)])
def test_a_piece_is_part_of_the_whole(
    clip: synthetic.ClipMaker, name: str, begin: float | None, end: float | None
) -> None:
    path = clip(EVERY[name])
    whole = VideoSource(path)
    start = None if begin is None else Fraction(begin).limit_denominator(1000)
    stop = None if end is None else Fraction(end).limit_denominator(1000)
    wanted = [
        (frame.pts, _bytes(frame))
        for frame in whole
        if (start or 0) <= frame.pts * frame.time_base - whole.info.start
        and (stop is None or frame.pts * frame.time_base - whole.info.start < stop)
    ]
    if not wanted:
        with pytest.raises(InputError, match="no frame in the range"):
            VideoSource(path, start=start, end=stop)
        return
    piece = VideoSource(path, start=start, end=stop)
    frames = list(piece)
    assert [(frame.pts, _bytes(frame)) for frame in frames] == wanted
    assert [frame.index for frame in frames] == list(range(len(wanted)))


def test_ranges_that_hold_nothing(clip: synthetic.ClipMaker) -> None:
    path = clip(clips.TIMINGS["cfr"])
    with pytest.raises(InputError, match="no frame in the range") as caught:
        VideoSource(path, start=Fraction(100))
    assert "0.480 s" in str(caught.value), "how long it is"
    with pytest.raises(InputError, match="later end"):
        VideoSource(path, start=Fraction(2), end=Fraction(1))


def test_a_range_before_the_first_picture_is_told_as_that(tmp_path: Path) -> None:
    """Sound may begin long before it."""
    options = {"preset": "ultrafast", "g": "5"}
    whole = synthetic.make(tmp_path, synthetic.Clip("a.mkv", audio=("flac",), options=options))
    late = odd_files.without_start(whole, "late.mkv", keyframes=1)
    with pytest.raises(InputError, match=r"range asked for; the next one comes at 0\.\d+ s"):
        VideoSource(late, end=Fraction(1, 50))


def test_estimates(clip: synthetic.ClipMaker) -> None:
    path = clip(clips.TIMINGS["cfr"])
    whole = VideoSource(path)
    assert whole.frame_estimate == 12
    assert whole.duration == Fraction(12, 25)
    piece = VideoSource(path, start=Fraction(1, 5), end=Fraction(2, 5))
    assert piece.frame_estimate == 5
    assert piece.duration == Fraction(1, 5)


@pytest.mark.parametrize(
    "name", ["cfr", "b-frames", "late start", "ntsc", "transport stream", "millisecond mkv"]
)
@pytest.mark.parametrize(
    ("start", "end"), [(None, "0.05"), (None, "0.09"), ("0.01", "0.13"), ("0.11", "0.27")]
)
def test_pieces_are_estimated_to_the_frame(
    clip: synthetic.ClipMaker, name: str, start: str | None, end: str
) -> None:
    path = clip(clips.TIMINGS[name])
    piece = VideoSource(path, start=None if start is None else Fraction(start), end=Fraction(end))
    assert piece.frame_estimate == sum(1 for _ in piece)


def test_what_lies_beyond_the_end_is_not_estimated(clip: synthetic.ClipMaker) -> None:
    piece = VideoSource(clip(clips.TIMINGS["cfr"]), start=Fraction("0.4"), end=Fraction(9))
    assert piece.frame_estimate == 2 == sum(1 for _ in piece)


def test_damage_is_survived_and_told(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    path = tmp_path / "bad.mp4"
    whole = clip(clips.TIMINGS["b-frames"])
    path.write_bytes(odd_files.damaged(whole, begin=0.3, end=0.4).read_bytes())
    source = VideoSource(path)
    frames = list(source)
    assert len(frames) == 20
    times = [frame.pts for frame in frames]
    assert times == sorted(set(times))
    assert source.warnings
    assert all("bad.mp4" in line and "\n" not in line for line in source.warnings)


@pytest.mark.parametrize("name", ["millisecond mkv", "transport stream", "intra avi"])
@pytest.mark.parametrize("keep", [0.5, 0.75, 0.93])
def test_a_cut_off_tail_loses_only_the_tail(
    clip: synthetic.ClipMaker, tmp_path: Path, name: str, keep: float
) -> None:
    whole = clip(EVERY[name])
    path = tmp_path / whole.name
    path.write_bytes(odd_files.truncated(whole, keep).read_bytes())
    frames = list(VideoSource(path))
    truth = list(VideoSource(whole))
    assert keep / 2 < len(frames) / len(truth) <= 1
    # The last frame may lack a slice; all before it are whole.
    for a, b in zip(frames[:-1], truth, strict=False):
        assert a.pts == b.pts
        assert _bytes(a) == _bytes(b)


def test_a_change_of_size_is_refused_when_it_comes(tmp_path: Path) -> None:
    source = VideoSource(odd_files.joined_sizes(tmp_path))
    seen = []
    with pytest.raises(InputError, match=r"64x48.*96x64.*0\.480 s"):
        seen.extend(source)
    assert len(seen) == 12


def test_missing_time_stamps_are_estimated(clip: synthetic.ClipMaker) -> None:
    """A raw H.264 stream has no time stamps at all."""
    path = clip(synthetic.Clip("raw.h264", rate=Fraction(25)))
    frames = list(VideoSource(path))
    assert len(frames) == 12
    steps = {b.pts - a.pts for a, b in pairwise(frames)}
    assert len(steps) == 1
    assert steps.pop() * frames[0].time_base == Fraction(1, 25)


def test_closing_while_another_thread_reads(clip: synthetic.ClipMaker) -> None:
    source = VideoSource(clip(clips.TIMINGS["b-frames"]))
    reached = threading.Event()
    go_on = threading.Event()
    seen: list[int] = []

    def read() -> None:
        for frame in source:
            seen.append(frame.index)
            reached.set()
            go_on.wait(120)

    reader = threading.Thread(target=read)
    reader.start()
    assert reached.wait(120)
    source.close()
    go_on.set()
    reader.join(120)
    assert not reader.is_alive()
    assert seen == [0]


def test_writing_into_a_copy_never_reaches_the_decoder(clip: synthetic.ClipMaker) -> None:
    """What the frames that follow are predicted from must stay as it is."""
    path = clip(clips.TIMINGS["b-frames"])
    truth = [_bytes(frame) for frame in VideoSource(path)]
    copier = Copier()
    seen = []
    for frame in VideoSource(path):
        blank = tuple(np.full_like(plane, 77) for plane in frame.planes)
        picture = copier.picture(frame.pasted(blank))
        assert isinstance(picture, av.VideoFrame)
        assert (np.frombuffer(picture.planes[0], np.uint8)[:64] == 77).all()
        assert picture.pts == frame.pts
        seen.append(_bytes(frame))
    assert seen == truth


def test_untouched_frames_are_not_copied(clip: synthetic.ClipMaker) -> None:
    frame = next(iter(VideoSource(clip(clips.TIMINGS["cfr"]))))
    handle: Any = frame.handle
    picture = Copier().picture(frame)
    assert picture is not handle, "the caller may set its time"
    assert picture.planes[0].buffer_ptr == handle.planes[0].buffer_ptr
