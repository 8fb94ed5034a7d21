"""AVI holds one rate and no times: what keeps to that comes back whole, the rest is refused."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests import witness
from tests.made_files import clips, odd_files, synthetic
from tests.made_files.synthetic import (
    Clip,
    add_audio,
    add_video,
    audio_packets,
    video_packets,
    when,
)
from tests.stand_ins.passing import COPY
from vidrestore.config import EncoderConfig, InterlacedConfig, OutputConfig
from vidrestore.errors import OutputError
from vidrestore.video import VideoSource, open_sink, probe

Pass = Callable[..., list[str]]
ROUNDED = Fraction(3, 2000)
# What people notice begins later.
IN_STEP = Fraction(1, 25)
LANGUAGES = ["avi files hold no languages: they are left out"]


def _in_step(source: Path, out: Path, sounds: int) -> None:
    """Every picture and every packet, each at its time counted from the first picture."""
    before, after = witness.frames(source), witness.frames(out)
    assert [s.digest for s in after] == [s.digest for s in before]
    first = before[0].pts
    for a, b in zip(before, after, strict=True):
        assert abs(a.pts - first - b.pts) <= ROUNDED
    for number in range(sounds):
        was, now = (witness.packets(path, f"0:a:{number}") for path in (source, out))
        assert [s.digest for s in now] == [s.digest for s in was]
        for a, b in zip(was, now, strict=True):
            assert abs(a.pts - first - b.pts) <= IN_STEP


@pytest.mark.parametrize("codec", ["libx264", "ffv1"])
@pytest.mark.parametrize(
    "name",
    ["ntsc", "b-frames", "gaps", "late start", "transport stream", "intra avi", "millisecond mkv"],
)
def test_one_rate_comes_back(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass, name: str, codec: str
) -> None:
    made, out = clips.TIMINGS[name], tmp_path / "out.avi"
    told = passed_through(clip(made), out, codec=codec, crf=0)
    assert told == (LANGUAGES if name == "transport stream" else [])
    _in_step(clip(made), out, len(made.audio))
    assert probe(out).picture.rate == made.rate


@pytest.mark.parametrize("name", ["10 bit", "16 bit", "gray", "rgb", "alpha", "odd size"])
def test_lossless_formats(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass, name: str
) -> None:
    source, out = clip(clips.PICTURES[name]), tmp_path / "out.avi"
    assert passed_through(source, out, codec="ffv1") == []
    raw = "gbrp" if name == "rgb" else None
    before, after = witness.frames(source, pix_fmt=raw), witness.frames(out, pix_fmt=raw)
    assert [s.digest for s in after] == [s.digest for s in before]


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("libmp3lame", "clip.mkv"),
        ("libmp3lame", "clip.avi"),
        ("libmp3lame", "clip.mp4"),
        ("ac3", "clip.avi"),
        ("ac3", "clip.mp4"),
        ("mp2", "clip.mkv"),
        ("adpcm_ms", "clip.avi"),
        ("adpcm_ima_wav", "clip.avi"),
        ("pcm_mulaw", "clip.mov"),
        ("pcm_s24le", "clip.mkv"),
    ],
)
def test_sound_is_copied_in_step(
    tmp_path: Path, passed_through: Pass, codec: str, name: str
) -> None:
    source, out = tmp_path / name, tmp_path / "out.avi"
    witness.run(
        *("-f", "lavfi", "-i", "testsrc=d=0.4:s=96x64", "-f", "lavfi", "-i", "sine=d=0.4"),
        *("-c:v", "mpeg4", "-c:a", codec, source),
    )
    assert passed_through(source, out, codec="ffv1") == []
    _in_step(source, out, 1)


def _refused(source: Path, out: Path, **options: object) -> str:
    strict = bool(options.pop("strict", False))
    config = EncoderConfig(**options)  # type: ignore[arg-type]
    with pytest.raises(OutputError) as caught:
        open_sink(VideoSource(source), out, config, OutputConfig(strict=strict, **COPY))
    assert not out.exists()
    assert [path.name for path in out.parent.iterdir() if "part" in path.name] == []
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_avi_cannot_hold_is_refused_before_any_work(
    clip: synthetic.ClipMaker, tmp_path: Path
) -> None:
    out = tmp_path / "out.avi"
    told = _refused(clip(clips.TIMINGS["vfr"]), out)
    assert "one frame rate" in told
    assert "*.mkv" in told
    hours = Clip("hours.mkv", time_base=Fraction(1, 1000), ticks=(0, 40, 80, 9_000_080), count=4)
    assert "no picture follows" in _refused(clip(hours), out)
    assert "turned" in _refused(clip(clips.PICTURES["rotated"]), out)
    assert "libx265" in _refused(clip(clips.TIMINGS["cfr"]), out, codec="libx265")
    assert "output.audio convert" in _refused(clip(clips.STREAMS["mp4 with sound"]), out)
    told = _refused(clip(clips.TIMINGS["transport stream"]), out, strict=True)
    assert "languages" in told
    assert "output.strict" in told


def test_other_streams_are_refused_or_dropped(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    out = tmp_path / "out.avi"
    two = odd_files.make_two_videos(tmp_path, default=1)
    assert "video stream 0 (ffv1, eng); name the output *.mkv" in _refused(two, out)
    source, gone = clip(clips.STREAMS["mkv with all"]), {"audio": "drop", "subtitles": "drop"}
    with pytest.raises(OutputError, match=r"output\.attachments drop"):
        passed_through(source, out, output={**COPY, **gone})
    told = passed_through(source, out, output={**gone, "attachments": "drop"})
    assert told == ["avi files hold no chapters: they are left out"]
    assert [s.kind for s in probe(out).streams] == ["video"]
    with pytest.raises(OutputError, match="hold no chapters"):
        passed_through(source, out, output={"strict": True}, overwrite=True)


def _with_sound(path: Path, codec: str, late: float, gap: slice) -> Path:
    """A second of video whose sound begins late, and lacks some of its packets."""
    with av.open(str(path), "w") as output:
        clip = Clip(count=25)
        video, sound = add_video(output, clip), add_audio(output, codec, 0)
        voice = audio_packets(sound, 1.0)
        del voice[gap]
        for packet in voice:
            packet.pts += round(late / packet.time_base)
            packet.dts = packet.pts
        for packet in sorted([*video_packets(video, clip), *voice], key=when):
            output.mux(packet)
    return path


@pytest.mark.parametrize(
    ("late", "gap", "told"),
    [
        (0.25, slice(0), "begins 0.2"),
        (0.0, slice(10, 20), "has a gap at 0.3"),
    ],
)
def test_sound_that_would_fall_out_of_step(
    tmp_path: Path, passed_through: Pass, late: float, gap: slice, told: str
) -> None:
    source = _with_sound(tmp_path / "in.mkv", "ac3", late, gap)
    out = tmp_path / "out.avi"
    refusal = _refused(source, out)
    assert f"audio stream 1 (ac3, deu), which {told}" in refusal
    assert "output.audio convert" in refusal
    passed_through(source, out, output={"audio": "convert"})
    assert probe(out).streams[1].codec == "pcm_s16le"
    quiet = ("-af", "silencedetect=noise=-50dB:d=0.1", "-f", "null", "-")
    command = ("-hide_banner", "-v", "info", "-i", out, "-map", "0:a", *quiet)
    silence = witness.run(*command).stderr
    # From the start, or from the tenth packet on.
    assert f"silence_start: {'0' if late else '0.3'}" in silence
    ends = [seen.pts + seen.duration for seen in witness.packets(source, "0:a:0")][-1]
    seen = witness.packets(out, "0:a:0")[-1]
    assert abs(seen.pts + seen.duration - ends) <= IN_STEP


def test_silence_is_as_long_as_the_sound_is_late(tmp_path: Path, passed_through: Pass) -> None:
    source = _with_sound(tmp_path / "in.mkv", "pcm_s16le", 0.25, slice(0))
    passed_through(source, tmp_path / "out.avi", output={"audio": "convert"})
    raw = tmp_path / "out.raw"
    witness.run("-i", tmp_path / "out.avi", "-map", "0:a", "-f", "s16le", raw)
    data = raw.read_bytes()
    heard = next(n for n, byte in enumerate(data) if byte)
    assert abs(heard / (4 * 48_000) - 0.25) < 0.001


def test_reordered_pictures_end_the_job(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    frames, out = VideoSource(clip(clips.TIMINGS["b-frames"])), tmp_path / "out.avi"
    sink = open_sink(frames, out, EncoderConfig(codec="libx264", options={"bf": "2"}))
    with pytest.raises(OutputError, match="reorders pictures"):
        _push_all(sink, frames)
    sink.abort()
    assert list(tmp_path.iterdir()) == []


def _push_all(sink: object, frames: VideoSource) -> None:
    for frame in frames:
        sink.push(frame)  # type: ignore[attr-defined]
    sink.finish()  # type: ignore[attr-defined]


def test_fields_at_twice_the_rate(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    fields = InterlacedConfig(mode="always", rate="field")
    frames = VideoSource(clip(clips.TIMINGS["cfr"]), interlaced=fields)
    sink = open_sink(frames, tmp_path / "out.avi", EncoderConfig(codec="ffv1"))
    _push_all(sink, frames)
    times = [seen.pts for seen in witness.frames(tmp_path / "out.avi")]
    assert times == [Fraction(n, 50) for n in range(24)]


def test_a_piece(clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass) -> None:
    source, out = clip(clips.TIMINGS["transport stream"]), tmp_path / "out.avi"
    passed_through(source, out, codec="ffv1", start=Fraction(1, 5), end=Fraction(3, 5))
    before = {seen.digest: seen.pts for seen in witness.frames(source)}
    after = witness.frames(out)
    origin = before[after[0].digest]
    assert len(after) == 10
    assert all(before[seen.digest] - origin == seen.pts for seen in after)
    sound = {seen.digest: seen.pts for seen in witness.packets(source, "0:a:0")}
    for seen in witness.packets(out, "0:a:0"):
        assert abs(sound[seen.digest] - origin - seen.pts) <= IN_STEP


def test_h264_in_avi_is_read_without_a_frame_too_many(clip: synthetic.ClipMaker) -> None:
    """FFmpeg guesses presentation times there, which are none."""
    frames = VideoSource(clip(Clip("plain.avi", audio=("ac3",))))
    assert len(list(frames)) == 12
    assert frames.warnings == []
