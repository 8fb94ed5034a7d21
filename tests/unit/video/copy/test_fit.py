"""What does not fit, or never comes, is converted or left out by itself, and told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import witness
from tests.made_files.synthetic import Clip, make
from tests.made_files.teletext import broadcast
from tests.stand_ins.passing import passed_through
from vidrestore.config import Config
from vidrestore.errors import ConfigError, OutputError
from vidrestore.video import VideoSource, probe


def _picture(seconds: float) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"testsrc2=s=64x48:r=25:d={seconds}")


def _tone(seconds: float) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"sine=440:r=48000:d={seconds}")


def _unknown_sound(folder: Path, name: str) -> Path:
    """Two sounds, the second of a codec that FFmpeg does not know, as iPhones write them."""
    whole = make(folder, Clip(f"whole-{name}", audio=("aac", "aac")))
    data = bytearray(whole.read_bytes())
    last = data.rfind(b"stsd") + 16
    assert data[last : last + 4] == b"mp4a"
    data[last : last + 4] = b"apac"
    place = data.find(b"esds", last)
    data[place : place + 4] = b"dapa"
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["in.mov", "in.mp4"])
@pytest.mark.parametrize("ending", [".mov", ".mp4", ".mkv"])
def test_an_unknown_sound_does_not_cost_the_other(tmp_path: Path, name: str, ending: str) -> None:
    source, out = _unknown_sound(tmp_path, name), tmp_path / f"out{ending}"
    warnings = passed_through(source, out)
    assert [("audio stream 2 (apac" in w and "left out" in w) for w in warnings] == [True]
    before, after = (witness.packets(path, "0:a:0") for path in (source, out))
    assert [seen.digest for seen in after] == [seen.digest for seen in before]
    assert [s.codec for s in probe(out).streams] == ["h264", "aac"]
    with pytest.raises(OutputError, match=r"apac.*output.strict"):
        passed_through(source, tmp_path / f"no{ending}", output={"strict": True})
    with pytest.raises(OutputError, match=r"apac.*output\.audio drop"):
        passed_through(source, tmp_path / f"no{ending}", output={"audio": "copy"})
    by_number = {"strict": True, "audio": "copy,2=drop"}
    assert passed_through(source, tmp_path / f"one{ending}", output=by_number) == []


def test_a_number_that_is_no_sound_is_refused(tmp_path: Path) -> None:
    source = make(tmp_path, Clip("in.mkv", audio=("flac",)))
    with pytest.raises(OutputError, match=r"output\.audio names stream 4.*are: 1"):
        passed_through(source, tmp_path / "out.mkv", output={"audio": "fit,4=drop"})
    with pytest.raises(ConfigError, match=r"output\.audio"):
        Config().with_options({"output.audio": "1=lose"})


def test_presets_fit_but_for_the_archive() -> None:
    for name in ("default", "home-video", "old-film", "cctv"):
        assert Config.preset(name).output.audio == "fit"
    archive = Config.preset("archive").output
    kept = {archive.audio, archive.subtitles, archive.video, archive.attachments}
    assert kept == {"copy"}


@pytest.mark.parametrize(("codec", "ending", "becomes"), [("pcm_s8", ".mkv", "flac")])
def test_what_can_be_converted_is_and_told(
    tmp_path: Path, codec: str, ending: str, becomes: str
) -> None:
    source = make(tmp_path, Clip("in.mov", audio=(codec,)))
    (told,) = passed_through(source, tmp_path / f"out{ending}")
    assert f"it becomes {becomes}" in told


@pytest.mark.parametrize("name", ["in.ts", "in.m2ts"])
def test_teletext_costs_no_other_subtitles(tmp_path: Path, name: str) -> None:
    source, out = broadcast(tmp_path / name), tmp_path / "out.mkv"
    told = [line for line in passed_through(source, out) if "subtitle" in line]
    assert [("teletext" in line and "left out" in line) for line in told] == [True]
    assert [stream.codec for stream in probe(out).streams] == ["h264", "dvb_subtitle"]
    assert len(witness.packets(out, "0:s:0")) == len(witness.packets(source, "0:s:0")) > 0
    index = next(s.index for s in probe(source).streams if "teletext" in str(s))
    asked = {"subtitles": f"copy,{index}=drop", "strict": True}
    assert passed_through(source, tmp_path / "asked.mkv", output=asked) == []


@pytest.mark.parametrize("name", ["in.ts", "in.m2ts"])
def test_a_sound_that_never_comes_is_told(tmp_path: Path, name: str) -> None:
    """The tables of a broadcast announce it; nothing of it is there."""
    source, out = tmp_path / name, tmp_path / "out.mkv"
    witness.run(
        *(*_picture(1), *_tone(1), *_tone(0.5), "-map", "0", "-map", "1", "-map", "2"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-filter:a:1", "atrim=0:0"),
        *("-c:a", "mp2" if name == "in.ts" else "ac3", source),
    )
    silent = next(s for s in probe(source).streams[::-1] if s.kind == "audio")
    (told,) = passed_through(source, out)
    assert f"audio stream {silent.index}" in told
    assert "is announced, but does not come" in told
    kinds = [s.kind for s in probe(out).streams]
    assert kinds == ["video", "audio"]


@pytest.mark.parametrize("name", ["in.vob", "in.ts"])
def test_sound_that_begins_late_is_found(tmp_path: Path, name: str) -> None:
    source, out = tmp_path / name, tmp_path / "out.mkv"
    slow = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=11")
    witness.run(
        *(*slow, "-itsoffset", "8", *_tone(3), "-c:v", "mpeg2video", "-c:a", "ac3"),
        *("-b:a", "64k", source),
    )
    assert passed_through(source, out) == []
    begun = [min(s.pts for s in witness.packets(out, f"0:{k}:0")) for k in ("v", "a")]
    assert float(begun[1] - begun[0]) == pytest.approx(8, abs=0.1)


def test_a_programme_that_moves_is_told(tmp_path: Path) -> None:
    parts = []
    for number, (pid, tone) in enumerate([("0x100", 440), ("0x200", 660)]):
        part = tmp_path / f"{number}.ts"
        witness.run(
            *(*_picture(2), "-f", "lavfi", "-i", f"sine={tone}:r=48000:d=2"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"),
            *("-mpegts_start_pid", pid, "-output_ts_offset", str(2 * number), part),
        )
        parts.append(part.read_bytes())
    source = tmp_path / "in.ts"
    source.write_bytes(b"".join(parts))
    frames = VideoSource(source)
    assert len(list(frames)) == 50
    assert any("ends at 2.0" in line and "go on in stream 2" in line for line in frames.warnings)
    passed_through(source, tmp_path / "out.mkv")
    assert [s.kind for s in probe(tmp_path / "out.mkv").streams] == ["video", "audio"]


@pytest.mark.parametrize(
    ("name", "codec"), [("in.wmv", "wmv2"), ("in.avi", "msmpeg4"), ("in.asf", "wmv1")]
)
def test_a_second_video_of_old_codecs_is_copied(tmp_path: Path, name: str, codec: str) -> None:
    source, out = tmp_path / name, tmp_path / "out.mkv"
    second = ("-f", "lavfi", "-i", "testsrc2=s=48x32:r=25:d=0.4")
    witness.run(*_picture(0.4), *second, "-map", "0", "-map", "1", "-c:v", codec, source)
    assert passed_through(source, out) == []
    before, after = (witness.frames(path, "0:1") for path in (source, out))
    assert [seen.digest for seen in after] == [seen.digest for seen in before]
    (told,) = passed_through(source, tmp_path / "out.mp4")
    assert "video stream 1" in told
    dropped = {"video": "drop", "strict": True}
    assert passed_through(source, tmp_path / "one.mp4", output=dropped) == []
