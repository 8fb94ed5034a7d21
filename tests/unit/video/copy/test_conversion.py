"""Streams that do not fit: refused with an offer, written in another codec, or left out."""

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
from vidrestore.video import VideoSource, open_sink, probe

Pass = Callable[..., list[str]]
CENT = Fraction(1, 100)


def _decoded(path: Path, stream: str) -> tuple[Fraction, Fraction, set[str]]:
    """Begin and end of a sound, and a digest of all its samples."""
    shown = witness.run(
        *("-copyts", "-i", path, "-map", stream, "-f", "framehash", "-hash", "md5", "-")
    )
    seen = witness._parse(shown.stdout)
    samples = witness.run("-i", path, "-map", stream, "-f", "hash", "-hash", "md5", "-").stdout
    return seen[0].pts, seen[-1].pts + seen[-1].duration, {samples}


@pytest.mark.parametrize(
    "case",
    [
        ("adpcm_ima_qt", "sound.mov", ".mkv", "flac"),
        ("adpcm_ms", "sound.avi", ".mp4", "aac"),
        ("aac", "sound.mp4", ".webm", "opus"),
        ("flac", "sound.mkv", ".mov", "aac"),
    ],
)
def test_sound_is_converted_in_step(
    clip: synthetic.ClipMaker,
    tmp_path: Path,
    passed_through: Pass,
    case: tuple[str, str, str, str],
) -> None:
    codec, name, ending, becomes = case
    source, out = clip(synthetic.Clip(name, audio=(codec,))), tmp_path / f"out{ending}"
    with pytest.raises(OutputError, match=r"output\.audio convert"):
        passed_through(source, out, output=COPY)
    assert list(tmp_path.iterdir()) == []
    passed_through(source, out, output={"audio": "convert"})
    sound = next(s for s in probe(out).streams if s.kind == "audio")
    assert sound.codec == becomes
    before, after = _decoded(source, "0:a:0"), _decoded(out, "0:a:0")
    # A codec's frames may end later than the sound; AAC begins one early, in silence.
    assert before[0] - Fraction(1, 40) <= after[0] <= before[0] + CENT
    assert abs(after[1] - before[1]) <= Fraction(1, 20)


def test_pcm_becomes_flac_without_loss(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    source = clip(synthetic.Clip("bytes.mov", audio=("pcm_s8",)))
    out = tmp_path / "out.mkv"
    passed_through(source, out, output={"audio": "convert"})
    assert _decoded(out, "0:a:0") == _decoded(source, "0:a:0")


@pytest.mark.parametrize(
    "case",
    [
        ("mp4 with all", ".mkv", "subrip"),
        ("mkv with all", ".mp4", "mov_text"),
        ("mkv with all", ".mov", "mov_text"),
    ],
)
def test_text_is_converted_at_its_times(
    clip: synthetic.ClipMaker,
    tmp_path: Path,
    passed_through: Pass,
    case: tuple[str, str, str],
) -> None:
    name, ending, codec = case
    source, out = clip(clips.STREAMS[name]), tmp_path / f"out{ending}"
    both = {"subtitles": "convert", "audio": "convert"}
    warnings = passed_through(source, out, output=both)
    lost = ("font", "attachment", "(mjpeg)") if ending == ".mov" else ("font", "attachment")
    assert all(any(each in line for each in lost) for line in warnings)
    # MOV has no place for a cover.
    assert sum("(mjpeg)" in line for line in warnings) == (ending == ".mov")
    lines = next(s for s in probe(out).streams if s.kind == "subtitle")
    assert lines.codec == codec
    assert "forced" in lines.disposition or ending == ".mov"
    read = ("-map", "0:s:0", "-f", "srt", "-")
    texts = [witness.run("-copyts", "-i", path, *read).stdout for path in (source, out)]
    assert "00:00:00,040 --> 00:00:00,240" in texts[0]
    assert texts[1] == texts[0]


@pytest.mark.parametrize("kind", ["audio", "subtitles"])
def test_streams_are_left_out_if_asked(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass, kind: str
) -> None:
    source, out = clip(clips.STREAMS["mkv with all"]), tmp_path / "out.mkv"
    assert passed_through(source, out, output={kind: "drop"}) == []
    kinds = [s.kind for s in probe(out).streams]
    assert kind.removesuffix("s") not in kinds
    assert ("subtitle" if kind == "audio" else "audio") in kinds


def test_covers_and_fonts_are_left_out_if_asked(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    source, out = clip(clips.STREAMS["mkv with all"]), tmp_path / "out.webm"
    gone = {"audio": "drop", "subtitles": "drop"}
    with pytest.raises(OutputError, match=r"or leave it out with output\.attachments drop"):
        passed_through(source, out, output={**COPY, **gone})
    assert list(tmp_path.iterdir()) == []
    assert passed_through(source, out, output={**gone, "attachments": "drop"}) == []
    assert [s.kind for s in probe(out).streams] == ["video"]


def test_strict_refuses_to_lose_a_data_stream(tmp_path: Path) -> None:
    source = odd_files.make_with_data(tmp_path)
    frames = VideoSource(source)
    with pytest.raises(OutputError, match=r"data stream 1.*output.strict"):
        open_sink(frames, tmp_path / "out.mp4", EncoderConfig(), OutputConfig(strict=True))
    sink = open_sink(frames, tmp_path / "out.mp4", EncoderConfig())
    assert [entry["fate"] for entry in sink.streams] == [
        "restored",
        "left out: the container cannot hold it",
    ]
    sink.abort()
    assert [path.name for path in tmp_path.iterdir()] == [source.name]
