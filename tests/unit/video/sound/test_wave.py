"""Sound that Matroska keeps under its number in WAV files, read back by another FFmpeg."""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests import witness
from tests.made_files import synthetic
from tests.made_files.synthetic import Clip
from tests.stand_ins.passing import COPY
from vidrestore.errors import OutputError
from vidrestore.video import probe
from vidrestore.video.sound import wave

Pass = Callable[..., list[str]]


def _samples(path: Path) -> str:
    return witness.run("-i", path, "-map", "0:a:0", "-f", "hash", "-hash", "md5", "-").stdout


@pytest.mark.parametrize(
    ("codec", "name", "picture"),
    [
        ("wmav2", "clip.wmv", ("-c:v", "wmv2")),
        ("wmav1", "clip.avi", ("-c:v", "mpeg4")),
        ("adpcm_ms", "clip.avi", ("-c:v", "mpeg4")),
        ("adpcm_ima_wav", "clip.avi", ("-c:v", "mpeg4")),
        ("pcm_mulaw", "clip.mov", ("-c:v", "mpeg4")),
        ("pcm_alaw", "clip.avi", ("-c:v", "mpeg4")),
    ],
)
def test_it_is_copied_into_matroska(
    tmp_path: Path, passed_through: Pass, codec: str, name: str, picture: tuple[str, ...]
) -> None:
    source, out = tmp_path / name, tmp_path / "out.mkv"
    witness.run(
        *("-f", "lavfi", "-i", "testsrc=d=0.4:s=64x48", "-f", "lavfi", "-i", "sine=d=0.4"),
        *(*picture, "-c:a", codec, "-metadata:s:a", "language=deu", source),
    )
    assert passed_through(source, out) == []
    was, now = probe(source), probe(out)
    assert now.streams[1].codec == was.streams[1].codec
    assert now.streams[1].language == was.streams[1].language
    before, after = witness.packets(source, "0:a:0"), witness.packets(out, "0:a:0")
    assert [s.digest for s in after] == [s.digest for s in before]
    for a, b in zip(before, after, strict=True):
        assert abs(a.pts - b.pts) <= Fraction(1, 2000)
    assert _samples(out) == _samples(source)


def test_a_codec_without_a_number_is_refused(clip: synthetic.ClipMaker) -> None:
    with (
        av.open(str(clip(Clip("qt.mov", audio=("adpcm_ima_qt",))))) as source,
        av.open(io.BytesIO(), "w", format="matroska") as output,
        pytest.raises(ValueError, match="adpcm_ima_qt"),
    ):
        wave.add_wave(output, source.streams.audio[0])


def test_a_codec_that_nobody_knows_is_refused_or_left_out(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    source, out = tmp_path / "unknown.mkv", tmp_path / "out.mkv"
    data = clip(Clip("a.mkv", audio=("aac",))).read_bytes()
    assert b"A_AAC" in data
    source.write_bytes(data.replace(b"A_AAC", b"A_XYZ"))
    with pytest.raises(OutputError, match=r"audio stream 1 \(.*output\.audio drop"):
        passed_through(source, out, output=COPY)
    assert not out.exists()
    assert passed_through(source, out, output={"audio": "drop"}) == []
    assert [info.kind for info in probe(out).streams] == ["video"]
