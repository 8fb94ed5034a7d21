"""The file comes back whole: time and streams in the ways that files differ."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests import witness
from tests.made_files import clips, synthetic
from tests.made_files.synthetic import NTSC, Clip, add_video, video_packets, when
from vidrestore.video import probe

Pass = Callable[..., list[str]]
MILLISECOND = Fraction(1, 1000)
HOURS = 100 * 3600


@pytest.mark.parametrize(
    ("ending", "coarse"),
    [(".mp4", Fraction(0)), (".mov", Fraction(0)), (".mkv", MILLISECOND / 2)],
)
def test_a_hundred_hours_without_drift(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass, ending: str, coarse: Fraction
) -> None:
    """NTSC frames, far apart: whatever is rounded is rounded once."""
    step = round(HOURS * NTSC / 11)
    long = Clip("long.mp4", rate=NTSC, time_base=1 / NTSC, ticks=[step * n for n in range(12)])
    source, out = clip(long), tmp_path / f"out{ending}"
    passed_through(source, out)
    after = [seen.pts for seen in witness.frames(out)]
    assert after[-1] > HOURS - 1
    for pts, tick in zip(after, long.pts, strict=True):
        assert abs(pts - tick / NTSC) <= coarse


@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
def test_a_copied_video_with_reordered_pictures_keeps_its_times(
    tmp_path: Path, passed_through: Pass, ending: str
) -> None:
    """Matroska tells no decoding times: they are found again, and no picture moves."""
    source, out = tmp_path / "two.mkv", tmp_path / f"out{ending}"
    made = [Clip(count=16, options=clips.B_FRAMES), Clip(count=16, options=clips.B_FRAMES, seed=2)]
    with av.open(str(source), "w") as output:
        streams = [add_video(output, each) for each in made]
        streams[0].disposition = av.stream.Disposition.default
        packets = [p for s, c in zip(streams, made, strict=True) for p in video_packets(s, c)]
        output.start_encoding()
        for packet in sorted(packets, key=when):
            output.mux(packet)
    assert passed_through(source, out) == []
    before, after = witness.frames(source, "0:1"), witness.frames(out, "0:1")
    assert [(s.pts, s.digest) for s in after] == [(s.pts, s.digest) for s in before]


@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
def test_reordered_pictures_in_avi_stay_in_step(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass, ending: str
) -> None:
    source = clip(Clip("b.avi", count=20, options=clips.B_FRAMES, audio=("ac3",)))
    out = tmp_path / f"out{ending}"
    assert passed_through(source, out) == []
    before, after = witness.frames(source), witness.frames(out)
    assert [s.pts for s in after] == [s.pts for s in before]


def test_the_last_packet_of_a_sound_is_kept_even_if_it_does_not_say_how_long_it_lasts(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    source, out = clip(Clip("flac.nut", audio=("flac",))), tmp_path / "out.mp4"
    passed_through(source, out)
    before = [s.digest for s in witness.packets(source, "0:a:0") if s.size]
    assert [s.digest for s in witness.packets(out, "0:a:0")] == before


@pytest.mark.parametrize(
    "case",
    [
        ("clip.mpg", {"codec": "mpeg2video", "audio": ("mp2",)}),
        ("clip.vob", {"codec": "mpeg2video", "audio": ("ac3",)}),
        ("clip.flv", {"codec": "flv1", "audio": ()}),
        ("clip.wmv", {"codec": "wmv2", "audio": ()}),
        ("clip.mxf", {"codec": "mpeg2video", "audio": ("pcm_s16le",)}),
        ("clip.mov", {"codec": "mpeg4", "audio": ("pcm_s16be",)}),
    ],
)
@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
def test_every_container_in(
    clip: synthetic.ClipMaker,
    tmp_path: Path,
    passed_through: Pass,
    case: tuple[str, dict[str, object]],
    ending: str,
) -> None:
    name, options = case
    described = Clip(name, width=96, height=64, **{"options": {}, **options})  # type: ignore[arg-type]
    source, out = clip(described), tmp_path / f"out{ending}"
    told = passed_through(source, out)
    pcm = ending == ".mp4" and "pcm" in "".join(described.audio)
    assert ["few players play that" in line for line in told] == [True] * pcm
    before, after = witness.frames(source), witness.frames(out)
    assert len(after) == len(before)
    coarse = MILLISECOND / 2 if ending == ".mkv" else Fraction(0)
    assert all(abs(a.pts - b.pts) <= coarse for a, b in zip(before, after, strict=True))
    for number in range(len(described.audio)):
        was, now = (witness.packets(p, f"0:a:{number}") for p in (source, out))
        assert sum(s.size for s in now) == sum(s.size for s in was)
        assert abs(was[0].pts - now[0].pts) <= MILLISECOND / 2
        ends = [seen[-1].pts + seen[-1].duration for seen in (was, now)]
        assert abs(ends[0] - ends[1]) <= MILLISECOND


@pytest.mark.parametrize("ending", [".mp4", ".mov"])
def test_the_timecode_track_is_written_anew(
    tmp_path: Path, passed_through: Pass, ending: str
) -> None:
    source, out = tmp_path / "tape.mov", tmp_path / f"out{ending}"
    clip = synthetic.make(tmp_path, Clip("plain.mov", rate=NTSC))
    witness.run("-i", clip, "-c", "copy", "-timecode", "01:02:03;04", source)
    assert probe(source).stream.metadata["timecode"] == "01:02:03;04"
    assert passed_through(source, out) == []
    assert "timecode        : 01:02:03;04" in witness.describe(out)
    assert [s.kind for s in probe(out).streams] == ["video", "data"]


def test_the_file_is_as_old_as_it_was(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    source = tmp_path / "in.mp4"
    source.write_bytes(clip(clips.TIMINGS["cfr"]).read_bytes())
    os.utime(source, ns=(10**18, 10**18 + 7))
    passed_through(source, tmp_path / "out.mkv")
    assert (tmp_path / "out.mkv").stat().st_mtime_ns == 10**18 + 7


@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
def test_sound_stays_in_step_where_recordings_are_joined(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass, ending: str
) -> None:
    """Time starts again at each joint; frames and sound go on at their own pace."""
    part = clip(clips.TIMINGS["transport stream"])
    joined, out = tmp_path / "joined.ts", tmp_path / f"out{ending}"
    joined.write_bytes(3 * part.read_bytes())
    passed_through(joined, out)
    pictures, sound = witness.frames(out), witness.packets(out, "0:a:0")
    assert len(pictures) == 60
    assert [s.digest for s in sound] == [s.digest for s in witness.packets(joined, "0:a:0")]
    steps = [b.pts - a.pts for a, b in itertools.pairwise(sound)]
    assert max(abs(step - sound[0].duration) for step in steps[1:-1]) <= 2 * MILLISECOND
    assert abs(pictures[-1].pts - sound[-1].pts) < Fraction(1, 10)
