"""Sound that FFmpeg reads and no container that is written holds: RealMedia's, Flash's."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests import witness
from tests.stand_ins.passing import COPY, passed_through
from vidrestore.errors import OutputError
from vidrestore.video import probe

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=176x144:r=25:d=0.4")
_TONE = ("-f", "lavfi", "-i", "sine=440:d=0.4")
# Mono, 256 samples in 20 bands.
_COOK = struct.pack(">IHH", 0x1000001, 256, 20)


def _real(folder: Path, codec: bytes, configuration: bytes) -> Path:
    """RealMedia whose AC-3 is called something else: nobody encodes what it had."""
    path = folder / "in.rm"
    witness.run(*_PICTURE, *_TONE, "-c:v", "rv10", "-c:a", "ac3", "-ar", "48000", path)
    data = bytearray(path.read_bytes())
    header, name = data.find(b".ra\xfd"), data.find(b"dnet")
    data[name : name + 4] = codec
    # The size of a packet's parts; what was a configuration of no length.
    struct.pack_into(">H", data, header + 44, 93)
    data[name + 7 : name + 11] = struct.pack(">I", len(configuration)) + configuration
    for size in (header - 4, data.rfind(b"MDPR", 0, header) + 4):
        (length,) = struct.unpack_from(">I", data, size)
        struct.pack_into(">I", data, size, length + len(configuration))
    path.write_bytes(data)
    return path


def _avi(folder: Path, number: int) -> Path:
    """AVI whose sound has another number of WAV files."""
    path = folder / "in.avi"
    coded = ("-c:v", "mpeg4", "-c:a", "adpcm_ima_wav", "-ar", "8000")
    witness.run(*_PICTURE, *_TONE, *coded, path)
    data = bytearray(path.read_bytes())
    begin = data.find(b"strf", data.find(b"auds")) + 8
    struct.pack_into("<H", data, begin, number)
    struct.pack_into("<H", data, begin + 12, 19)
    path.write_bytes(data)
    return path


def _flash(folder: Path) -> Path:
    path = folder / "in.flv"
    witness.run(*_PICTURE, *_TONE, "-c:v", "flv1", "-c:a", "nellymoser", "-ar", "22050", path)
    return path


@pytest.mark.parametrize(("ending", "becomes"), [(".mkv", "flac"), (".mp4", "aac")])
@pytest.mark.parametrize(
    ("codec", "make"),
    [
        ("sipr", lambda folder: _real(folder, b"sipr", b"")),
        ("cook", lambda folder: _real(folder, b"cook", _COOK)),
        ("sipr", lambda folder: _avi(folder, 0x130)),
        ("nellymoser", _flash),
    ],
    ids=["sipr in RM", "cook in RM", "sipr in AVI", "nellymoser in FLV"],
)
def test_it_is_converted_and_told(tmp_path: Path, codec, make, ending: str, becomes: str) -> None:
    source, out = make(tmp_path), tmp_path / f"out{ending}"
    assert codec in {stream.codec for stream in probe(source).streams}
    told = passed_through(source, out, output={"strict": True})
    assert any(f"({codec})" in line and f"it becomes {becomes}" in line for line in told)
    assert {stream.codec for stream in probe(out).streams} == {"h264", becomes}
    assert sum(seen.size for seen in witness.packets(out, "0:a:0")) > 1000
    with pytest.raises(OutputError, match=rf"{codec}.*output\.audio convert.*output\.audio drop"):
        passed_through(source, tmp_path / f"no{ending}", output=COPY)
    assert passed_through(source, tmp_path / f"mute{ending}", output={"audio": "drop"}) == []


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda folder: _real(folder, b"cook", b""), "FFmpeg cannot tell what it holds"),
        (lambda folder: _avi(folder, 0x2004), "cannot be written to matroska"),
    ],
    ids=["cook without its configuration", "cook in AVI"],
)
def test_what_nobody_can_read_is_left_out_and_told(tmp_path: Path, make, told: str) -> None:
    source, out = make(tmp_path), tmp_path / "out.mkv"
    (line,) = [line for line in passed_through(source, out) if "left out" in line]
    assert "audio stream 1" in line
    assert told in line
    with pytest.raises(OutputError, match=r"audio stream 1 .*; run without output.strict"):
        passed_through(source, tmp_path / "no.mkv", output={"strict": True})
