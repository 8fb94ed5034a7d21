"""Headers that lie about size, rate, duration and frame count: the pictures themselves decide.

Every lie is written into the bytes of a good file; FFmpeg's own binary says what it makes of it.
"""

from __future__ import annotations

import struct
import subprocess
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from tests import witness
from tests.fuzzing.fuzz_seeds import SEEDS
from tests.made_files import synthetic
from vidrestore.config import InputConfig
from vidrestore.errors import InputError
from vidrestore.video import VideoSource


@dataclass(frozen=True)
class Lie:
    """A field of a header with another value.

    Attributes:
        mark: the bytes that the field is counted from; every occurrence is changed.
        offset: bytes from the mark's beginning to the field.
        form: how ``struct`` writes it.
        value: what it shall say.
    """

    mark: bytes
    offset: int
    form: str
    value: float

    def told_in(self, data: bytearray) -> int:
        """Write it into a file; how often."""
        count, at = 0, data.find(self.mark)
        while at >= 0:
            struct.pack_into(self.form, data, at + self.offset, self.value)
            count, at = count + 1, data.find(self.mark, at + len(self.mark))
        return count


# Offsets: ISO/IEC 14496-12 and -15, RFC 9559, Microsoft's AVIMAINHEADER, AVISTREAMHEADER and
# BITMAPINFOHEADER, ISO/IEC 13818-1 and -2.
LIES: dict[str, tuple[str, tuple[Lie, ...]]] = {
    "mp4 size": (
        "mp4",
        (Lie(b"avc1\0\0", 28, ">I", 4000 << 16 | 3000), Lie(b"tkhd", 80, ">I", 9000 << 16)),
    ),
    "mp4 duration": ("mp4", (Lie(b"mvhd", 20, ">I", 0x7FFFFFF0), Lie(b"mdhd", 20, ">I", 1))),
    "mp4 frame count": ("mp4", (Lie(b"stts", 12, ">I", 0x00FFFFFF),)),
    "mp4 rate": ("mp4", (Lie(b"mdhd", 16, ">I", 25_600),)),
    "mkv width": ("mkv", (Lie(b"\xb0\x81\x40", 2, "B", 127),)),
    "mkv height": ("mkv", (Lie(b"\xba\x81\x30", 2, "B", 16),)),
    "mkv rate": ("mkv", (Lie(b"\x23\xe3\x83\x84", 4, ">I", 400_000_000),)),
    "mkv duration": ("mkv", (Lie(b"\x44\x89\x88", 3, ">d", 9e8),)),
    "mkv no duration": ("mkv", (Lie(b"\x44\x89\x88", 3, ">d", 0),)),
    "avi size": ("avi", (Lie(b"avih", 40, "<I", 4000), Lie(b"avih", 44, "<I", 3000))),
    "avi rate": ("avi", (Lie(b"avih", 8, "<I", 1),)),
    "avi duration": ("avi", (Lie(b"vids", 32, "<I", 1_000_000),)),
    "avi frame count": ("avi", (Lie(b"avih", 24, "<I", 1), Lie(b"vids", 32, "<I", 2))),
    "mpg rate": ("mpg", (Lie(b"\0\0\1\xb3", 7, "B", 0x18),)),
    "mpg bit rate": ("mpg", (Lie(b"\0\0\1\xbb", 6, ">H", 0xFFFF),)),
    "ts rate": ("mpeg2 ts", (Lie(b"\0\0\1\xb3", 7, "B", 0x18),)),
}
CLIPS = {
    **SEEDS,
    "mp4": replace(SEEDS["mp4"], subtitle=None, audio=()),
    "mpeg2 ts": replace(SEEDS["mpg"], name="mpeg2.ts", audio=()),
}


def _lied(clip: synthetic.ClipMaker, folder: Path, name: str) -> tuple[Path, Path]:
    kind, lies = LIES[name]
    whole = clip(CLIPS[kind])
    data = bytearray(whole.read_bytes())
    for lie in lies:
        assert lie.told_in(data), lie
    assert data != whole.read_bytes()
    path = folder / whole.name
    path.write_bytes(data)
    return whole, path


@pytest.mark.parametrize("name", LIES)
def test_the_pictures_decide(clip: synthetic.ClipMaker, tmp_path: Path, name: str) -> None:
    whole, path = _lied(clip, tmp_path, name)
    source = VideoSource(path)
    frames = list(source)
    truth = list(VideoSource(whole))
    assert len(frames) == len(truth)
    for frame, same in zip(frames, truth, strict=True):
        assert frame.format == same.format
        assert (frame.planes[0] == same.planes[0]).all()
    times = [frame.pts * frame.time_base for frame in frames]
    assert all(a < b for a, b in pairwise(times))
    seen = [each.pts for each in witness.frames(path)]
    assert len(seen) == len(times)
    assert max(abs(a - b) for a, b in zip(times, seen, strict=True)) <= Fraction(1, 1000)
    # An estimate may be wrong, progress is built on it; a number it must be.
    assert source.frame_estimate is None or source.frame_estimate > 0


@pytest.mark.parametrize("name", ["mkv duration", "avi duration"])
def test_a_promise_that_is_not_kept_is_told(
    clip: synthetic.ClipMaker, tmp_path: Path, name: str
) -> None:
    _, path = _lied(clip, tmp_path, name)
    source = VideoSource(path)
    list(source)
    (early,) = [entry for entry in source.damage if entry["kind"] == "early"]
    assert early["from"] == pytest.approx(0.48, abs=0.05)
    assert float(str(early["to"])) > 1000


def test_a_sequence_header_that_lies_about_the_size(
    clip: synthetic.ClipMaker, tmp_path: Path
) -> None:
    """MPEG-2's header is the picture's size: what follows it is refused, or scaled to the first."""
    whole = clip(CLIPS["mpg"])
    data = bytearray(whole.read_bytes())
    at = data.index(b"\0\0\1\xb3")
    data[at + 4 : at + 7] = bytes((80 >> 4, (80 & 15) << 4, 48))
    path = tmp_path / "size.mpg"
    path.write_bytes(data)
    with pytest.raises(InputError, match="80x48"):
        list(VideoSource(path))
    frames = list(VideoSource(path, config=InputConfig(resize="first")))
    assert {frame.format.width for frame in frames} == {80}
    times, truth = [f.pts for f in frames], [f.pts for f in VideoSource(whole)]
    assert set(times) <= set(truth)
    assert (times[0], times[-1]) == (truth[0], truth[-1])


def test_a_table_that_promises_more_than_it_holds(
    clip: synthetic.ClipMaker, tmp_path: Path
) -> None:
    """Sixteen million sizes in a table of twelve: no reader finds a frame, none takes memory."""
    whole = clip(CLIPS["mp4"])
    data = bytearray(whole.read_bytes())
    assert Lie(b"stsz", 12, ">I", 0x00FFFFFF).told_in(data) == 1
    path = tmp_path / "count.mp4"
    path.write_bytes(data)
    with pytest.raises(InputError):
        VideoSource(path)
    with pytest.raises(subprocess.CalledProcessError):
        witness.frames(path)
