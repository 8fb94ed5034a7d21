"""Inputs beyond the usual containers: every sample and time is what the witness reads."""

from __future__ import annotations

import gc
import hashlib
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests import witness
from tests.made_files import synthetic
from tests.unit.video.conftest import passed_through
from vidrestore.video import VideoSource, probe

CLIP = synthetic.Clip("in.mkv", 6, 62, 48, pix_fmt="yuv444p", codec="ffv1", options={})
DELAYS = (0, 3, 10, 21, 22, 60)  # hundredths of a second
ODD = synthetic.Clip(
    "odd.mkv",
    6,
    pix_fmt="yuva420p",
    codec="ffv1",
    options={},
    time_base=Fraction(1, 100),
    ticks=DELAYS,
)

_UNEVEN = ("-fps_mode", "passthrough", "-enc_time_base", "1/100")

# What is made of the clip, by which arguments, and as what its pictures arrive.
KINDS = {
    "y4m": (CLIP, "in.y4m", ("-pix_fmt", "yuv420p"), "yuv420p"),
    "y4m 10 bit 4:2:2": (CLIP, "in.y4m", ("-pix_fmt", "yuv422p10", "-strict", "-1"), "yuv422p10le"),
    "y4m gray": (CLIP, "in.y4m", ("-pix_fmt", "gray"), "gray"),
    "gif": (CLIP, "in.gif", (), "gbrap"),
    "gif, transparent, odd delays": (ODD, "in.gif", _UNEVEN, "gbrap"),
    "tiff 16 bit": (CLIP, "f_%02d.tiff", ("-pix_fmt", "rgb48le"), "gbrp16le"),
    "tiff 8 bit": (CLIP, "f_%02d.tif", ("-pix_fmt", "rgb24"), "gbrp"),
    "tiff gray 16 bit": (CLIP, "f_%02d.tif", ("-pix_fmt", "gray16le"), "gray16le"),
    "jpeg": (CLIP, "f_%02d.jpg", ("-pix_fmt", "yuvj420p"), "yuv420p"),
    "png 16 bit": (CLIP, "f_%02d.png", ("-pix_fmt", "rgb48be"), "gbrp16le"),
    "png 16 bit, alpha": (CLIP, "f_%02d.png", ("-pix_fmt", "rgba64be"), "gbrap16le"),
    "dpx 10 bit": (CLIP, "f_%02d.dpx", ("-pix_fmt", "gbrp10"), "gbrp10le"),
    "bmp": (CLIP, "f_%02d.bmp", ("-pix_fmt", "bgr24"), "gbrp"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_samples_and_times_are_those_that_the_witness_reads(tmp_path: Path, kind: str) -> None:
    clip, name, arguments, arrives = KINDS[kind]
    made = tmp_path / "made" / name
    made.parent.mkdir()
    witness.run("-i", synthetic.make(tmp_path, clip), *arguments, made)
    truth = witness.frames(made, pix_fmt=arrives)
    source = VideoSource(made)
    frames = list(source)
    assert source.format.pix_fmt == arrives
    assert [frame.pts * frame.time_base for frame in frames] == [seen.pts for seen in truth]
    for frame, seen in zip(frames, truth, strict=True):
        raw = b"".join(np.ascontiguousarray(plane).tobytes() for plane in frame.planes)
        assert hashlib.md5(raw, usedforsecurity=False).hexdigest() == seen.digest
    assert not source.warnings
    source.close()
    passed_through(made, tmp_path / "out.mkv", codec="ffv1")
    after = witness.frames(tmp_path / "out.mkv", pix_fmt=arrives)
    assert [seen.digest for seen in after] == [seen.digest for seen in truth]
    assert [seen.pts for seen in after] == [seen.pts for seen in truth]


def test_a_gifs_delays_are_the_results(tmp_path: Path) -> None:
    made = tmp_path / "in.gif"
    witness.run("-i", synthetic.make(tmp_path, ODD), *_UNEVEN, made)
    said = passed_through(made, tmp_path / "out.mp4")
    assert [seen.pts * 100 for seen in witness.frames(tmp_path / "out.mp4")] == list(DELAYS)
    assert any("transparency is lost" in line for line in said)


def test_a_photographs_exif_turns_it(tmp_path: Path) -> None:
    """PyAV knows no name for EXIF: a picture that has it must not be the end."""
    made = tmp_path / "made" / "f_%d.jpg"
    made.parent.mkdir()
    witness.run("-i", synthetic.make(tmp_path, CLIP), "-pix_fmt", "yuvj420p", made)
    for path in made.parent.iterdir():
        data = path.read_bytes()
        path.write_bytes(data[:2] + _exif(orientation=6) + data[2:])
    source = VideoSource(made)
    # Orientation 6 is to be turned clockwise.
    assert source.info.picture.upright == 270
    assert (source.format.width, source.format.height) == (62, 48)
    assert len(list(source)) == 6
    passed_through(made, tmp_path / "out.mp4")
    assert probe(tmp_path / "out.mp4").picture.upright == 270
    passed_through(made, tmp_path / "new" / "f_%d.png")
    turned = probe(tmp_path / "new" / "f_1.png").picture
    assert (turned.width, turned.height, turned.display_matrix) == (48, 62, None)
    assert b"eXIf" not in (tmp_path / "new" / "f_1.png").read_bytes()


def test_a_profile_of_colour_is_kept_in_pictures(tmp_path: Path) -> None:
    """PyAV frees its name twice: a picture that has one must not be looked at."""
    made = tmp_path / "made" / "f_%d.png"
    made.parent.mkdir()
    witness.run("-i", synthetic.make(tmp_path, CLIP), "-pix_fmt", "rgb24", made)
    for path in made.parent.iterdir():
        data = path.read_bytes()
        begin = data.index(b"IDAT") - 4
        path.write_bytes(data[:begin] + _profile() + data[begin:])
    source = VideoSource(made)
    assert len(list(source)) == 6
    source.close()
    del source
    gc.collect()
    (said,) = passed_through(made, tmp_path / "out.mkv", codec="ffv1")
    assert said == "the ICC profile is lost: only numbered PNG files keep it"
    assert not passed_through(made, tmp_path / "new" / "f_%d.png")
    for number in range(1, 7):
        assert b"iCCPmine" in (tmp_path / "new" / f"f_{number}.png").read_bytes()


def _profile() -> bytes:
    """An iCCP chunk whose profile is little more than its header."""
    profile = bytearray(200)
    profile[:4], profile[36:40] = (200).to_bytes(4), b"acsp"
    profile[12:24] = b"mntrRGB XYZ "
    body = b"iCCPmine\0\0" + zlib.compress(bytes(profile))
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def _exif(orientation: int) -> bytes:
    """An APP1 segment with one tag."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    body = b"Exif\0\0" + b"MM\0\x2a" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("in.264", ("-c:v", "libopenh264")),
        ("in.hevc", ("-c:v", "libx265", "-x265-params", "vui-timing-info=0:log-level=error")),
        ("in.mjpeg", ("-c:v", "mjpeg")),
        ("in.m4v", ("-c:v", "mpeg4", "-f", "m4v")),
    ],
)
@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
def test_raw_streams_have_a_time_for_every_frame(
    tmp_path: Path, name: str, codec: tuple[str, ...], ending: str
) -> None:
    """More frames than FFmpeg looks at when it opens them: of the rest it says one tick each."""
    source, out = tmp_path / name, tmp_path / f"out{ending}"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25", "-frames:v", "70", "-g", "25")
    witness.run(*picture, "-pix_fmt", "yuv420p", *codec, source)
    passed_through(source, out)
    assert [seen.pts for seen in witness.frames(out)] == [Fraction(n, 25) for n in range(70)]
