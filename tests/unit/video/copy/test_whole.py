"""A damaged packet that is merely copied or converted ends no job: it is left out, and told."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from tests import witness
from tests.stand_ins.passing import passed_through

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.6")
_TONE = ("-f", "lavfi", "-i", "sine=440:r=48000:d=0.6")
_SECOND = ("-f", "lavfi", "-i", "testsrc=s=48x32:r=25:d=0.6")
_H264 = ("-map", "0", "-map", "1", "-c:v:0", "libx264", "-preset:v:0", "ultrafast")


def _blotted(path: Path, every: int, first: int) -> tuple[Path, int]:
    """A copy with noise over the head of some packets of the second stream, and how many."""
    data, noise = bytearray(path.read_bytes()), np.random.default_rng(3)
    count = 0
    with av.open(str(path)) as container:
        packets = [bytes(p) for p in container.demux(container.streams[1]) if p.size]
    for packet in packets[first::every]:
        at = data.find(packet[:40])
        # AV1 has packets of three bytes.
        if at >= 0 and len(packet) >= 16:
            length = min(40, len(packet))
            data[at : at + length] = noise.integers(0, 256, length, np.uint8).tobytes()
            count += 1
    out = path.with_name(f"bad-{path.name}")
    out.write_bytes(data)
    return out, count


@pytest.mark.parametrize("first", [0, 2])
@pytest.mark.parametrize(
    ("name", "codec", "ending"),
    [
        ("in.mkv", "ac3", ".mp4"),
        ("in.mkv", "ac3", ".mov"),
        ("in.mkv", "eac3", ".mov"),
        ("in.mp4", "eac3", ".mp4"),
        ("in.mov", "alac", ".avi"),
        ("in.mkv", "eac3", ".avi"),
    ],
)
def test_damaged_sound_ends_no_job(
    tmp_path: Path, name: str, codec: str, ending: str, first: int
) -> None:
    whole, out = tmp_path / name, tmp_path / f"out{ending}"
    witness.run(*_PICTURE, *_TONE, *_H264, "-c:a", codec, whole)
    source, count = _blotted(whole, 5, first)
    assert count > 1
    told = passed_through(source, out)
    assert ["damaged packet" in line and "of stream 1" in line for line in told].count(True) == 1
    assert len(witness.frames(out)) == 15
    assert witness.packets(out, "0:a:0")


@pytest.mark.parametrize("first", [0, 2])
@pytest.mark.parametrize(
    ("codec", "endings", "fate"),
    [
        (("libsvtav1", "-preset:v:1", "12"), (".mp4", ".mkv"), "damaged packet"),
        (("libvpx-vp9",), (".mp4",), "left out"),
    ],
    ids=["AV1", "VP9"],
)
def test_a_damaged_second_video_ends_no_job(
    tmp_path: Path, codec: tuple[str, ...], endings: tuple[str, ...], fate: str, first: int
) -> None:
    """MP4's muxer writes a file that nobody can read, and does not tell."""
    whole = tmp_path / "in.mkv"
    witness.run(*_PICTURE, *_SECOND, *_H264, "-c:v:1", *codec, whole)
    source, count = _blotted(whole, 5, first)
    assert count
    for ending in endings:
        out = tmp_path / f"out{ending}"
        told = passed_through(source, out)
        # Of VP9 only the first packet is needed for the header.
        assert any(fate in line and "stream 1" in line for line in told) or fate == "left out"
        assert (fate == "left out" and first == 0) == any("left out" in line for line in told)
        assert len(witness.frames(out)) == 15
