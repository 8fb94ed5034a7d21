"""``output.compatible``: a result that plays everywhere, as an FFmpeg of its own sees it."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

from tests import witness
from tests.made_files.siting import wave_clip
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.fakes import FakeRestorer
from tests.stand_ins.passing import passed_through
from vidrestore import restore_video
from vidrestore.config import Config
from vidrestore.errors import OutputError
from vidrestore.video import probe

OWN = {"backend": "ffmpeg", "ffmpeg": imageio_ffmpeg.get_ffmpeg_exe(), "codec": "libx264"}


def _through(source: Path, out: Path, output: dict[str, object] | None = None, **more: Any) -> Any:
    return passed_through(source, out, output={"compatible": True, **(output or {})}, **more)


def _video(path: Path) -> str:
    return next(line for line in witness.describe(path).splitlines() if "Video:" in line)


def _rgb(path: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The first picture as players show it."""
    shown = path.with_suffix(".rgb")
    witness.run("-y", "-i", path, "-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", shown)
    return np.fromfile(shown, np.uint8)


@pytest.mark.parametrize(
    ("ending", "own"), [(".mp4", {}), (".mkv", {}), (".mp4", OWN)], ids=["MP4", "MKV", "own FFmpeg"]
)
@pytest.mark.parametrize(
    "clip",
    [
        Clip("in.avi", 3, codec="mjpeg", pix_fmt="yuvj422p", options={}),
        Clip("in.mkv", 3, pix_fmt="bgr0", codec="ffv1", options={}),
        Clip("in.mkv", 3, pix_fmt="gray", codec="ffv1", options={}),
        Clip("in.mkv", 3, pix_fmt="yuv420p10le", codec="ffv1", options={}),
        Clip("in.mkv", 3, pix_fmt="yuv444p12le", codec="ffv1", options={}, colour=(1, 1, 1, 1)),
    ],
    ids=lambda clip: clip.pix_fmt,
)
def test_pictures_become_what_plays(
    tmp_path: Path, clip: Clip, ending: str, own: dict[str, object]
) -> None:
    source, out = make(tmp_path, clip), tmp_path / f"out{ending}"
    told = _through(source, out, **own)
    assert len(told) == 1
    assert "to play everywhere" in told[0]
    assert re.search(r"h264 \(.*yuvj?420p\(", _video(out))
    assert len(witness.frames(out)) == 3
    was, now = (_rgb(path).astype(int) for path in (source, out))
    # Half of the chroma's places and a codec lie between them; a wrong matrix or range is far off.
    assert np.abs(was - now).mean() < 5
    assert abs(was.mean() - now.mean()) < 1


def test_what_plays_is_not_touched(tmp_path: Path) -> None:
    source = make(tmp_path, Clip("in.mp4", 3, audio=("aac",)))
    asked, plain = tmp_path / "asked.mp4", tmp_path / "plain.mp4"
    assert _through(source, asked) == passed_through(source, plain) == []
    for stream in ("0:V:0", "0:a:0"):
        assert witness.packets(asked, stream) == witness.packets(plain, stream)


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p", "bgr0", "gray"])
@pytest.mark.parametrize("size", [(63, 48), (64, 47), (63, 47)])
def test_odd_sizes_become_even_and_lose_nothing(
    tmp_path: Path, pix_fmt: str, size: tuple[int, int]
) -> None:
    source = make(tmp_path, Clip("in.mkv", 2, *size, pix_fmt=pix_fmt, codec="ffv1", options={}))
    out = tmp_path / "out.mp4"
    told = _through(source, out, crf=1)
    assert ["of 64x48" in line for line in told] == [True]
    assert "yuv420p" in _video(out)
    now = _rgb(out).reshape(48, 64, 3).astype(int)
    was = _rgb(source).reshape(size[1], size[0], 3).astype(int)
    grown = np.pad(was, [(0, 48 - size[1]), (0, 64 - size[0]), (0, 0)], mode="edge")
    assert np.abs(now - grown).mean() < 6
    assert np.abs(now - grown)[-2:].mean() < 12
    assert np.abs(now - grown)[:, -2:].mean() < 12


def test_hdr_keeps_its_bits(tmp_path: Path) -> None:
    clip = Clip("in.mkv", 2, 96, 64, "yuv422p10le", "ffv1", options={}, colour=(9, 16, 9, 1))
    out = tmp_path / "out.mp4"
    told = _through(make(tmp_path, clip), out)
    assert ["to play everywhere" in line for line in told] == [True]
    assert "hevc (Main 10) (hvc1" in _video(out)
    assert "yuv420p10le(tv, bt2020nc/bt2020/smpte2084" in _video(out)


def test_chroma_stays_in_its_place(tmp_path: Path) -> None:
    """Where it sat in the middle it is tagged so, and the picture is the same."""
    source, out = wave_clip(tmp_path, "center"), tmp_path / "out.mp4"
    assert _through(source, out, crf=1) == []
    assert probe(out).picture.colour.chroma_location == 2


@pytest.mark.parametrize("codec", ["pcm_s16le", "ac3", "libmp3lame", "flac"])
@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv"])
def test_other_sound_becomes_aac_in_step(tmp_path: Path, codec: str, ending: str) -> None:
    source = make(tmp_path, Clip("in.mkv", 25, audio=(codec, "aac"), seconds=1))
    out = tmp_path / f"out{ending}"
    told = _through(source, out)
    assert [line.endswith("does not play everywhere: it becomes aac") for line in told] == [True]
    assert [s.codec for s in probe(out).streams if s.kind == "audio"] == ["aac", "aac"]
    begins, ends = [], []
    for path in (source, out):
        heard = witness._parse(
            witness.run("-copyts", "-i", path, "-map", "0:a:0", "-f", "framehash", "-").stdout
        )
        begins.append(heard[0].pts)
        ends.append(heard[-1].pts + heard[-1].duration)
    assert abs(begins[0] - begins[1]) < Fraction(3, 100)
    assert abs(ends[0] - ends[1]) < Fraction(5, 100)


def test_webm_has_what_plays_already(tmp_path: Path) -> None:
    source = make(tmp_path, Clip("in.mkv", 3, audio=("libopus",)))
    assert _through(source, tmp_path / "out.webm") == []


def test_sound_that_must_be_copied_is(tmp_path: Path) -> None:
    source, out = make(tmp_path, Clip("in.mkv", 3, audio=("ac3",))), tmp_path / "out.mp4"
    assert _through(source, out, {"audio": "copy"}) == []
    assert probe(out).streams[1].codec == "ac3"


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv"])
def test_pcm_is_told_where_few_players_know_it(tmp_path: Path, ending: str) -> None:
    source = make(tmp_path, Clip("in.mov", 3, audio=("pcm_s16le",)))
    told = passed_through(source, tmp_path / f"out{ending}")
    assert ["few players" in line for line in told] == ([True] if ending == ".mp4" else [])


def test_transparency_is_lost_and_told(tmp_path: Path) -> None:
    source = make(tmp_path, Clip("in.mkv", 2, pix_fmt="yuva444p", codec="ffv1", options={}))
    told = _through(source, tmp_path / "out.mp4")
    assert any("transparency is lost" in line for line in told)
    with pytest.raises(OutputError, match="transparency is lost"):
        _through(source, tmp_path / "strict.mp4", {"strict": True})


def test_fields_stay_apart(tmp_path: Path) -> None:
    """4:2:2 whose fields differ in colour becomes 4:2:0 field by field."""
    source, out = tmp_path / "in.mkv", tmp_path / "out.mp4"
    striped = "format=yuv422p,geq=lum=128:cb='if(mod(Y,2),200,60)':cr=128,setfield=tff"
    picture = ("-f", "lavfi", "-i", "color=gray:s=64x48:r=25", "-frames:v", "3", "-vf", striped)
    coded = ("-c:v", "libx264", "-qp", "0", "-flags", "+ilme+ildct", "-x264opts", "tff=1")
    witness.run(*picture, *coded, source)
    asked = {"encoder.codec": "libx264", "encoder.crf": 1, "output.compatible": True}
    config = Config().with_options({**asked, "interlaced.mode": "keep"})
    restore_video(source, out, config, restorer=FakeRestorer())
    assert "yuv420p" in _video(out)
    raw = tmp_path / "out.yuv"
    witness.run("-i", out, "-frames:v", "1", "-f", "rawvideo", raw)
    blue = np.fromfile(raw, np.uint8)[64 * 48 :][: 32 * 24].reshape(24, 32)
    assert abs(blue[0::2].mean() - 60) < 3
    assert abs(blue[1::2].mean() - 200) < 3


@pytest.mark.parametrize("codec", ["prores", "dnxhd"])
def test_a_codec_for_editing_is_kept_and_told(tmp_path: Path, codec: str) -> None:
    source = make(tmp_path, Clip("in.mkv", 2, 256, 128))
    told = _through(source, tmp_path / "out.mov", codec=codec)
    assert ["for editing and archives" in line for line in told].count(True) == 1
    kept = passed_through(source, tmp_path / "plain.mov", codec=codec)
    assert not any("for editing and archives" in line for line in kept)


def test_the_preset_for_home_videos_asks_for_it() -> None:
    assert Config.preset("home-video").output.compatible
    assert not Config().output.compatible
