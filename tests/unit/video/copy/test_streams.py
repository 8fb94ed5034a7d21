"""Everything beside the picture: packets, tags, chapters, by an independent reader."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from tests import witness
from tests.made_files import clips, odd_files, synthetic
from tests.stand_ins.passing import COPY
from vidrestore.config import EncoderConfig, OutputConfig
from vidrestore.errors import OutputError
from vidrestore.video import MediaInfo, VideoSource, open_sink, probe

Pass = Callable[..., list[str]]
MILLISECOND = Fraction(1, 1000)


def _copied(info: MediaInfo) -> list[int]:
    kinds = {"audio", "subtitle", "video"}
    return [s.index for s in info.streams if s.kind in kinds and s.index != info.restored]


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("mp4 with sound", ".mp4"),
        ("mp4 with sound", ".mkv"),
        ("mp4 with sound", ".mov"),
        ("mkv with all", ".mkv"),
        ("mp4 with all", ".mp4"),
        ("mov with pcm", ".mov"),
        ("mov with pcm", ".mkv"),
        ("transport stream", ".mkv"),
        ("transport stream", ".mp4"),
        ("intra avi", ".mp4"),
        ("intra avi", ".mkv"),
    ],
)
def test_packets_are_copied(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass, name: str, ending: str
) -> None:
    source = clip({**clips.TIMINGS, **clips.STREAMS}[name])
    out = tmp_path / f"out{ending}"
    told = passed_through(source, out)
    pcm = (name, ending) == ("intra avi", ".mp4")
    assert ["few players play that" in line for line in told] == [True] * pcm
    was, now = probe(source), probe(out)
    pairs = list(zip(_copied(was), _copied(now), strict=True))
    assert pairs
    coarse = MILLISECOND / 2 if ending == ".mkv" else Fraction(1, 20_000)
    for old, new in pairs:
        before = witness.packets(source, f"0:{old}")
        after = witness.packets(out, f"0:{new}")
        assert [s.digest for s in after] == [s.digest for s in before], was.streams[old]
        for a, b in zip(before, after, strict=True):
            assert abs(a.pts - b.pts) <= coarse, was.streams[old]
        # A sound's last packet that is cut short belongs to test_sound.py.
        for a, b in zip(before[:-1], after[:-1], strict=True):
            assert abs(a.duration - b.duration) <= 2 * coarse, was.streams[old]
        # MP4 marks the first stream of a kind as default if none is.
        flags = (set(s.disposition) - {"default"} for s in (now.streams[new], was.streams[old]))
        assert next(flags) == next(flags)
        # MP4 has no way to say that a language is unknown, nor which of layers I to III it holds.
        assert now.streams[new].language in {was.streams[old].language or "und", None}
        same = {was.streams[old].codec, "mp3" if was.streams[old].codec == "mp2" else ""}
        assert now.streams[new].codec in same


@pytest.mark.parametrize("name", ["mkv with all", "mp4 with all"])
def test_order_tags_and_chapters(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass, name: str
) -> None:
    source = clip(clips.STREAMS[name])
    out = tmp_path / f"out{source.suffix}"
    passed_through(source, out)
    was, now = probe(source), probe(out)
    assert [(s.kind, s.codec) for s in now.streams] == [(s.kind, s.codec) for s in was.streams]
    assert [s.disposition for s in now.streams] == [s.disposition for s in was.streams]
    assert [(c.start, c.end, c.metadata) for c in now.chapters] == [
        (c.start, c.end, c.metadata) for c in was.chapters
    ]
    for info in was, now:
        for key in "encoder", "ENCODER":
            info.metadata.pop(key, None)  # type: ignore[attr-defined]
    assert now.metadata == was.metadata
    for old, new in zip(was.streams, now.streams, strict=True):
        assert new.title == old.title
    if name == "mkv with all":
        assert now.streams[0].metadata["title"] == "the picture"
        assert now.metadata["WEATHER"] == "fine"


def test_a_font_is_copied(clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass) -> None:
    out = tmp_path / "out.mkv"
    passed_through(clip(clips.STREAMS["mkv with all"]), out)
    witness.run("-dump_attachment:t:0", tmp_path / "font", "-i", out, "-t", "0", "-f", "null", "-")
    assert (tmp_path / "font").read_bytes() == synthetic.FONT


def test_tags_that_mp4_has_no_place_for(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    source = clip(
        synthetic.Clip("odd tags.mkv", metadata={"TITLE": "A", "WEATHER": "fine"}),
    )
    passed_through(source, tmp_path / "out.mp4")
    told = {k.lower(): v for k, v in probe(tmp_path / "out.mp4").metadata.items()}
    assert (told["title"], told["weather"]) == ("A", "fine")


@pytest.mark.parametrize(
    ("name", "ending", "told"),
    [
        ("mkv with all", ".mp4", ("subtitle stream 3 (subrip, nld)", "output.subtitles convert")),
        ("mp4 with all", ".mkv", ("subtitle stream 3 (mov_text, nld)", "*.mp4")),
        ("mov with pcm", ".webm", ("audio stream 1 (pcm_s16le", "*.mkv")),
    ],
)
def test_what_a_container_cannot_hold_is_told_before_any_work(
    clip: synthetic.ClipMaker, tmp_path: Path, name: str, ending: str, told: tuple[str, str]
) -> None:
    source = VideoSource(clip(clips.STREAMS[name]))
    with pytest.raises(OutputError) as caught:
        open_sink(source, tmp_path / f"out{ending}", EncoderConfig(), OutputConfig(**COPY))
    assert all(part in str(caught.value) for part in told)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_data_stream_that_cannot_be_written_is_left_out(
    tmp_path: Path, passed_through: Pass
) -> None:
    source = odd_files.make_with_data(tmp_path)
    warnings = passed_through(source, tmp_path / "out.mp4")
    assert len(warnings) == 1
    assert "data stream 1" in warnings[0]
    assert "left out" in warnings[0]
    assert len(probe(tmp_path / "out.mp4").streams) == 1


def test_a_second_video_is_copied(tmp_path: Path, passed_through: Pass) -> None:
    source = odd_files.make_two_videos(tmp_path, default=1)
    out = tmp_path / "out.mkv"
    passed_through(source, out)
    before, after = witness.packets(source, "0:0"), witness.packets(out, "0:0")
    assert [(s.pts, s.digest) for s in after] == [(s.pts, s.digest) for s in before]
    assert probe(out).streams[1].codec == "h264"


@pytest.mark.parametrize("limits", [(0.1, 0.4), (None, 0.25), (0.2, None)])
@pytest.mark.parametrize("name", ["mkv with all", "mp4 with all"])
def test_a_piece_takes_its_part_of_every_stream(
    clip: synthetic.ClipMaker,
    tmp_path: Path,
    passed_through: Pass,
    name: str,
    limits: tuple[float | None, float | None],
) -> None:
    source = clip(clips.STREAMS[name])
    out = tmp_path / f"out{source.suffix}"
    start, stop = (None if t is None else Fraction(t).limit_denominator(100) for t in limits)
    passed_through(source, out, start=start, end=stop)
    first = next(iter(VideoSource(source, start=start))).pts * VideoSource(source).time_base
    for stream in ("0:a:0", "0:a:1"):
        wanted = [
            s
            for s in witness.packets(source, stream)
            if (start is None or s.pts >= first) and (stop is None or s.pts < stop)
        ]
        after = witness.packets(out, stream)
        assert [s.digest for s in after] == [s.digest for s in wanted]
        for a, b in zip(wanted, after, strict=True):
            assert abs(a.pts - first - b.pts) <= MILLISECOND
    lines = witness.packets(out, "0:s:0")
    times = [(float(s.pts), float(s.pts + s.duration)) for s in lines if s.size > 2]
    limit = float("inf") if stop is None else float(stop - first)
    shown = [
        (max(0.0, a / 1000 - float(first)), b / 1000 - float(first))
        for a, b, _ in synthetic.Clip().lines
        if b / 1000 > first and a / 1000 - float(first) < limit
    ]
    assert [t[0] for t in times] == pytest.approx([s[0] for s in shown], abs=0.0011)
    chapters = probe(out).chapters
    assert chapters
    assert chapters[0].start == 0


def test_sound_stays_in_step_with_a_late_picture(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    source = clip(
        synthetic.Clip(
            "late.mkv",
            time_base=MILLISECOND,
            ticks=[237 + 40 * n for n in range(12)],
            audio=("flac",),
        )
    )
    for ending in (".mkv", ".mp4"):
        out = tmp_path / f"out{ending}"
        passed_through(source, out)
        assert witness.frames(out)[0].pts == Fraction(237, 1000)
        assert witness.packets(out, "0:a:0")[0].pts == 0
