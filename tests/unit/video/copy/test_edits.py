"""Files whose time does not begin at zero, or of which an edit list hides a part."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from tests import witness
from tests.made_files.edits import edited
from tests.stand_ins.passing import passed_through
from vidrestore.video import VideoSource

Pass = Callable[..., list[str]]
MILLISECOND = Fraction(1, 1000)
PACKET = Fraction(1152, 44_100)  # the longest there is here

COPY = ("-map", "0:v", "-map", "0:a", "-c", "copy")
AS_IS = ("-copyts", "-avoid_negative_ts", "disabled")
# What is done to the base clip: options before it, options after it, the ending.
REMUXED = {
    "from the middle of a GOP": (("-ss", "0.7"), COPY, ".mp4"),
    "a piece of the middle": (("-ss", "0.3", "-t", "0.5"), COPY, ".mov"),
    "all begins before zero": (("-itsoffset", "-0.4"), (*COPY, *AS_IS), ".mp4"),
    "a transport stream at 12.34 s": (
        ("-itsoffset", "12.34"),
        (*COPY, "-copyts", "-muxdelay", "0"),
        ".ts",
    ),
    "a programme stream at 7.7 s": (
        (),
        ("-c:v", "mpeg2video", "-bf", "2", "-c:a", "mp2", "-output_ts_offset", "7.7"),
        ".mpg",
    ),
    "90 kHz": ((), (*COPY, "-video_track_timescale", "90000"), ".mp4"),
    "units of a prime": ((), (*COPY, "-video_track_timescale", "24989"), ".mp4"),
}
LATE = {"sound later": ("0:v", "1:a"), "picture later": ("1:v", "0:a")}
EDITED = {
    "another edit for each": [(Fraction(52, 100), Fraction(1)), (Fraction(3, 10), Fraction(9, 10))],
    "the end is hidden": [(Fraction(8, 100), Fraction(3, 5)), (Fraction(4, 100), Fraction(3, 5))],
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The clip of a name, made once."""
    folder = tmp_path_factory.mktemp("edits")
    base = folder / "base.mp4"
    witness.run(
        *("-f", "lavfi", "-i", "testsrc2=d=1.2:s=64x48:r=25"),
        *("-f", "lavfi", "-i", "sine=d=1.2:r=44100", "-c:v", "libx264", "-preset", "veryfast"),
        *("-bf", "2", "-g", "12", "-x264-params", "b-adapt=0:scenecut=0", "-c:a", "aac", base),
    )

    def make(name: str) -> Path:
        path = folder / name.replace(" ", "-")
        if name in EDITED:
            return edited(base, EDITED[name])
        if name in LATE:
            picture, sound = LATE[name]
            path = path.with_suffix(".mp4")
            mapped = ("-map", picture, "-map", sound, "-c", "copy", "-y", path)
            witness.run("-i", base, "-itsoffset", "0.4", "-i", base, *mapped)
            return path
        before, after, ending = REMUXED[name]
        path = path.with_suffix(ending)
        witness.run(*before, "-i", base, *after, "-y", path)
        return path

    return make


def _heard(path: Path) -> tuple[Fraction, Fraction]:
    """When the witness hears the first and the last sample."""
    hashes = ("-f", "framehash", "-hash", "md5", "-")
    seen = witness._parse(witness.run("-copyts", "-i", path, "-map", "0:a:0", *hashes).stdout)
    return seen[0].pts, seen[-1].pts + seen[-1].duration


@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
@pytest.mark.parametrize("name", [*REMUXED, *LATE, *EDITED])
def test_what_is_shown_and_heard_stays_in_step(
    made: Callable[[str], Path], tmp_path: Path, passed_through: Pass, name: str, ending: str
) -> None:
    source, out = made(name), tmp_path / f"out{ending}"
    assert passed_through(source, out, crf=0) == []
    coarse = MILLISECOND / 2 if ending == ".mkv" else Fraction(0)
    before, after = witness.frames(source), witness.frames(out)
    assert [s.digest for s in after] == [s.digest for s in before]
    assert all(abs(a.pts - b.pts) <= coarse for a, b in zip(before, after, strict=True))
    was, now = _heard(source), _heard(out)
    # Matroska cannot tell to skip a part of the first packet, and one before it to get going.
    assert -MILLISECOND <= was[0] - now[0] <= (2 * PACKET if ending == ".mkv" else MILLISECOND)
    # Where an MP4 file says that its last packet is short, FFmpeg plays it whole at times.
    assert now[1] <= was[1] + MILLISECOND
    assert now[1] >= was[1] - PACKET / 2
    # AAC loses its ADTS headers, of seven bytes, on the way out of a transport stream.
    header = 7 if source.suffix == ".ts" else 0
    packets = [(s.size - header, s.digest) for s in witness.packets(source, "0:a:0")]
    copied = [(s.size, s.digest) for s in witness.packets(out, "0:a:0")]
    if header:
        packets, copied = [(size, "") for size, _ in packets], [(size, "") for size, _ in copied]
    assert copied == packets[len(packets) - len(copied) :]


def test_a_piece_of_an_edited_file_is_in_step(
    made: Callable[[str], Path], tmp_path: Path, passed_through: Pass
) -> None:
    source, out = made("another edit for each"), tmp_path / "out.mp4"
    begin = Fraction(1, 5)
    passed_through(source, out, crf=0, start=begin)
    frames = {s.digest: s.pts for s in witness.frames(source)}
    sound = {s.digest: s.pts for s in witness.packets(source, "0:a:0")}
    first = next(iter(VideoSource(source, start=begin)))
    assert first.pts * first.time_base == begin
    for seen in witness.frames(out):
        assert seen.pts == frames[seen.digest] - begin
    copied = witness.packets(out, "0:a:0")
    assert copied
    for seen in copied:
        assert abs(seen.pts - (sound[seen.digest] - begin)) <= MILLISECOND / 10


def test_a_clock_that_starts_again_in_the_first_second(
    made: Callable[[str], Path], tmp_path: Path, passed_through: Pass
) -> None:
    """A transport stream's has 33 bits: FFmpeg tells what is before the wrap in negative times."""
    source, out = tmp_path / "wrap.ts", tmp_path / "out.mkv"
    late = Fraction(2**33, 90_000) - Fraction(2, 5)
    base = made("a piece of the middle")
    clock = ("-output_ts_offset", f"{float(late):.6f}", "-muxdelay", "0", "-muxpreload", "0")
    witness.run("-i", base, *COPY, *clock, source)
    assert VideoSource(source).info.start < 0
    assert passed_through(source, out, crf=0) == []
    before, after = witness.frames(source), witness.frames(out)
    assert [s.digest for s in after] == [s.digest for s in before]
    # No block of Matroska has a time before zero, so that all is moved by the same.
    moved = after[0].pts - before[0].pts
    assert after[0].pts >= 0
    for a, b in zip(before, after, strict=True):
        assert abs(b.pts - a.pts - moved) <= MILLISECOND
    was, now = _heard(source), _heard(out)
    assert abs(now[0] - was[0] - moved) <= MILLISECOND


@pytest.mark.parametrize("name", ["in.mp4", "in.mkv"])
@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv"])
def test_a_shorter_one_keeps_the_sound_before_its_picture(
    tmp_path: Path, ending: str, name: str
) -> None:
    source, out = tmp_path / name, tmp_path / f"out{ending}"
    picture = ("-itsoffset", "0.4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1")
    sound = ("-f", "lavfi", "-i", "sine=d=1.4:r=48000")
    witness.run(*picture, *sound, "-c:v", "libx264", "-pix_fmt", "yuv420p", source)
    passed_through(source, out, end=Fraction(1))
    assert [seen.pts for seen in witness.frames(out)] == [Fraction(n, 25) for n in range(10, 25)]
    first, *_, last = witness.packets(out, "0:a:0")
    assert first.pts <= 0
    assert Fraction(95, 100) < last.pts + last.duration < Fraction(105, 100)


@pytest.mark.parametrize("name", ["in.mp4", "in.mov"])
@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
def test_reordered_pictures_have_a_time_each_where_only_decoding_times_are_told(
    tmp_path: Path, name: str, ending: str
) -> None:
    source, out = tmp_path / name, tmp_path / f"out{ending}"
    witness.run("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-c:v", "libx264", source)
    data = source.read_bytes()
    assert b"ctts" in data
    source.write_bytes(data.replace(b"ctts", b"free").replace(b"edts", b"free"))
    passed_through(source, out)
    times = [seen.pts for seen in witness.frames(out)]
    assert len(times) == 25
    assert all(b - a >= Fraction(1, 25) for a, b in pairwise(times))
