"""Files that are no ordinary clip: without a picture, with two, cut off, damaged."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.made_files.synthetic import (
    Clip,
    add_video,
    make,
    video_packets,
    when,
)


def truncated(path: Path, keep: float) -> Path:
    """A copy of the first part of a file."""
    data = path.read_bytes()
    cut = path.with_name(f"cut-{path.name}")
    cut.write_bytes(data[: int(len(data) * keep)])
    return cut


def damaged(path: Path, *, begin: float, end: float, seed: int = 5) -> Path:
    """A copy with noise over a part of its bytes."""
    data = bytearray(path.read_bytes())
    first, last = int(len(data) * begin), int(len(data) * end)
    noise = np.random.default_rng(seed).integers(0, 256, last - first, dtype=np.uint8)
    data[first:last] = noise.tobytes()
    bad = path.with_name(f"bad-{path.name}")
    bad.write_bytes(data)
    return bad


def joined_sizes(folder: Path) -> Path:
    """A transport stream whose picture changes size on the way."""
    path = folder / "sizes.ts"
    small = make(folder, Clip("small.ts", width=64, height=48))
    large = make(
        folder,
        Clip("large.ts", width=96, height=64, time_base=Fraction(1, 25), ticks=range(12, 24)),
    )
    path.write_bytes(small.read_bytes() + large.read_bytes())
    return path


def make_two_videos(folder: Path, default: int | None) -> Path:
    """A small and a large video stream, one of them flagged as default or none."""
    path = folder / "two.mkv"
    clips = [
        Clip(width=32, height=24, codec="ffv1", options={}),
        Clip(width=64, height=48, codec="ffv1", options={}),
    ]
    with av.open(str(path), "w", options={"default_mode": "passthrough"}) as output:
        streams = [add_video(output, clip) for clip in clips]
        if default is not None:
            streams[default].disposition = av.stream.Disposition.default
        packets = [
            packet
            for stream, clip in zip(streams, clips, strict=True)
            for packet in video_packets(stream, clip)
        ]
        output.start_encoding()
        for packet in sorted(packets, key=when):
            output.mux(packet)
    return path


def make_with_data(folder: Path) -> Path:
    """A transport stream with a private data stream, which MP4 has no place for."""
    path = folder / "data.ts"
    clip = Clip("data.ts")
    with av.open(str(path), "w") as output:
        video = add_video(output, clip)
        data = output.add_data_stream("klv")
        packets = video_packets(video, clip)
        packet = av.Packet(b"\x06\x0e\x2b\x34" + bytes(28))
        packet.pts = packet.dts = 0
        packet.time_base = Fraction(1, 90_000)
        packet.stream = data
        output.start_encoding()
        for each in sorted([packet, *packets], key=when):
            output.mux(each)
    return path


def blanked(path: Path, begin: int, length: int) -> Path:
    """A copy with zeros over a part of its bytes, as a bad sector reads."""
    data = bytearray(path.read_bytes())
    data[begin : begin + length] = bytes(len(data[begin : begin + length]))
    blank = path.with_name(f"blank-{path.name}")
    blank.write_bytes(data)
    return blank


def without_start(path: Path, name: str, *, packets: int = 0, keyframes: int = 0) -> Path:
    """A copy whose pictures begin late, as where a recording was cut into: all sound is there.

    Args:
        path: of the file.
        name: of the copy.
        packets: of the pictures that are left out at the beginning.
        keyframes: or all before this keyframe, counted from 0.
    """
    late = path.with_name(name)
    with av.open(str(path)) as source, av.open(str(late), "w") as output:
        copies = {s.index: output.add_stream_from_template(s) for s in source.streams}
        seen = keys = 0
        for packet in source.demux():
            if not packet.size:
                continue
            if packet.stream.type == "video":
                seen += 1
                keys += packet.is_keyframe
                if seen <= packets or keys <= keyframes:
                    continue
            packet.stream = copies[packet.stream_index]
            output.mux(packet)
    return late
