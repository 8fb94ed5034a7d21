"""Picture and sound end together as they did, last frame and last packet included.

Every container that films come in, into every one that is written.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from tests import witness
from tests.made_files.synthetic import Clip, make

Pass = Callable[..., list[str]]
Maker = Callable[[str], Path]
MILLISECOND = Fraction(1, 1000)
# AVI's sound may lie off by what nobody notices.
IN_STEP = Fraction(1, 25)

FAST = ("-preset", "ultrafast", "-pix_fmt", "yuv420p")
# Video encoder, sound encoder of each.
SOURCES = {
    ".mp4": (("libx264", *FAST), "libmp3lame"),
    ".mov": (("libx264", *FAST), "pcm_s16le"),
    ".mkv": (("libx264", *FAST), "ac3"),
    ".webm": (("libvpx-vp9", "-deadline", "realtime"), "libopus"),
    ".avi": (("mpeg4",), "libmp3lame"),
    ".ts": (("libx264", *FAST), "mp2"),
    ".mpg": (("mpeg2video",), "mp2"),
}
# WebM and its Opus go into Matroska; MP4 holds it, too, but FFmpeg plays its last packet whole.
PAIRS = [(was, becomes) for was in SOURCES for becomes in (".mp4", ".mov", ".mkv", ".avi")]
PAIRS = [pair for pair in PAIRS if pair[0] != ".webm"] + [(".webm", ".mkv"), (".webm", ".webm")]


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """A clip of each container whose sound ends before its picture, made by the witness."""
    folder = tmp_path_factory.mktemp("filmed")

    def source(ending: str) -> Path:
        path = folder / f"clip{ending}"
        if not path.exists():
            video, sound = SOURCES[ending]
            witness.run(
                *("-f", "lavfi", "-i", "testsrc=d=0.48:s=96x64:r=25"),
                *("-f", "lavfi", "-i", "sine=d=0.377:r=48000"),
                *("-c:v", *video, "-c:a", sound, path),
            )
        return path

    return source


def _ends(path: Path) -> tuple[Fraction, Fraction, Fraction]:
    """The first picture's time, the picture's end, the sound's end as it is heard."""
    frames = witness.frames(path)
    hashes = ("-f", "framehash", "-hash", "md5", "-")
    heard = witness._parse(witness.run("-copyts", "-i", path, "-map", "0:a:0", *hashes).stdout)
    return frames[0].pts, *(s.pts + s.duration for s in (frames[-1], heard[-1]))


@pytest.mark.parametrize(("was", "becomes"), PAIRS)
def test_picture_and_sound_end_as_they_did(
    filmed: Maker, tmp_path: Path, passed_through: Pass, was: str, becomes: str
) -> None:
    source, out = filmed(was), tmp_path / f"out{becomes}"
    told = passed_through(source, out)
    # PCM fits into MP4, and few players know it there.
    pcm = (was, becomes) == (".mov", ".mp4")
    assert ["few players play that" in line for line in told] == [True] * pcm
    before, after = witness.packets(source, "0:a:0"), witness.packets(out, "0:a:0")
    assert [s.digest for s in after] == [s.digest for s in before]
    assert len(witness.frames(out)) == len(witness.frames(source))
    was_first, *ends = _ends(source)
    now_first, *now = _ends(out)
    assert becomes == ".avi" or abs(now_first - was_first) <= MILLISECOND
    off = [abs((a - was_first) - (b - now_first)) for a, b in zip(ends, now, strict=True)]
    assert off[0] <= MILLISECOND
    assert off[1] <= (IN_STEP if becomes == ".avi" else 2 * MILLISECOND)


@pytest.mark.parametrize("becomes", [".mp4", ".mov", ".mkv", ".webm"])
@pytest.mark.parametrize("was", [".mp4", ".mkv"])
def test_a_last_picture_that_stands_still_stands_as_long(
    tmp_path: Path, passed_through: Pass, was: str, becomes: str
) -> None:
    still = [*[40] * 5, 1500]
    clip = Clip(
        f"still{was}",
        count=6,
        ticks=[40 * n for n in range(6)],
        durations=still,
        time_base=MILLISECOND,
    )
    out = tmp_path / f"out{becomes}"
    passed_through(make(tmp_path, clip), out)
    assert [s.duration for s in witness.frames(out)] == [n * MILLISECOND for n in still]
