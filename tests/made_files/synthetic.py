"""Small synthetic clips, made by code through PyAV: every property a test needs is a parameter."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

NTSC = Fraction(30000, 1001)

# An animated GIF's or a font's content does not matter to a copier; its bytes do.
FONT = bytes(range(256)) * 4


@dataclass(frozen=True)
class Clip:
    """What to make; the defaults are half a second of small H.264 without sound.

    Attributes:
        name: of the file; its ending picks the container.
        count: frames.
        width: luma columns.
        height: luma rows.
        pix_fmt: a planar format, or a packed one that swscale makes from it.
        codec: FFmpeg's name of the video encoder.
        options: of the video encoder.
        rate: nominal frames per second.
        time_base: units of ``ticks``; one per frame by default.
        ticks: pts of each frame; 0, 1, 2, ... by default.
        durations: of each frame in ticks; unset by default.
        audio: encoders of audio streams, in order.
        seconds: length of the audio.
        subtitle: a text codec ("subrip", "mov_text"), if there shall be a subtitle stream.
        lines: (start ms, end ms, text) of the subtitle.
        chapters: (start s, end s, title).
        metadata: of the container.
        rotation: degrees counter-clockwise, as display matrix.
        colour: (primaries, transfer, matrix, range) tags.
        sample_aspect: of the pixels.
        cover: whether a JPEG cover is attached.
        font: whether a font is attached (Matroska).
        data: codec of a data stream, such as "bin_data".
        seed: of the noise in the picture.
    """

    name: str = "clip.mkv"
    count: int = 12
    width: int = 64
    height: int = 48
    pix_fmt: str = "yuv420p"
    codec: str = "libx264"
    options: Mapping[str, str] = field(default_factory=lambda: {"preset": "ultrafast", "crf": "18"})
    rate: Fraction = Fraction(25)
    time_base: Fraction | None = None
    ticks: Sequence[int] | None = None
    durations: Sequence[int] | None = None
    audio: tuple[str, ...] = ()
    seconds: float = 0.5
    subtitle: str | None = None
    lines: tuple[tuple[int, int, str], ...] = ((40, 240, "First line"), (280, 440, "Second"))
    chapters: tuple[tuple[float, float, str], ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    rotation: int | None = None
    colour: tuple[int, int, int, int] | None = None
    sample_aspect: Fraction | None = None
    cover: bool = False
    font: bool = False
    data: str | None = None
    seed: int = 1

    @property
    def base(self) -> Fraction:
        return self.time_base or 1 / self.rate

    @property
    def pts(self) -> list[int]:
        return list(self.ticks if self.ticks is not None else range(self.count))


def make(folder: Path, clip: Clip) -> Path:
    """Write the clip and give its path."""
    path = folder / clip.name
    with av.open(str(path), "w") as output:
        output.metadata.update(clip.metadata)
        video = add_video(output, clip)
        sounds = [add_audio(output, codec, n) for n, codec in enumerate(clip.audio)]
        text = _add_subtitle(output, clip) if clip.subtitle else None
        if clip.font:
            output.add_attachment("Some Font.ttf", "application/x-truetype-font", FONT)
        cover = add_cover(output, clip) if clip.cover else None
        if clip.chapters:
            output.set_chapters(
                [
                    {
                        "id": n,
                        "start": round(start * 1000),
                        "end": round(end * 1000),
                        "time_base": Fraction(1, 1000),
                        "metadata": {"title": title},
                    }
                    for n, (start, end, title) in enumerate(clip.chapters)
                ]
            )
        packets = [*video_packets(video, clip)]
        for sound in sounds:
            packets += audio_packets(sound, clip.seconds)
        if text is not None:
            packets += _subtitle_packets(text, clip)
        if cover is not None:
            packets.insert(0, cover)
        output.start_encoding()
        for packet in sorted(packets, key=when):
            output.mux(packet)
    return path


def when(packet: Any) -> Fraction:
    return -1 if packet.dts is None else packet.dts * packet.time_base


def add_video(output: Any, clip: Clip) -> Any:
    stream = output.add_stream(
        clip.codec,
        rate=clip.rate,
        options=dict(clip.options),
        width=clip.width,
        height=clip.height,
        time_base=clip.base,
    )
    context = stream.codec_context
    context.pix_fmt = clip.pix_fmt
    if clip.durations is not None:
        context.flags |= av.codec.context.Flags.frame_duration
    if clip.sample_aspect:
        context.sample_aspect_ratio = clip.sample_aspect
    if clip.colour:
        (
            context.color_primaries,
            context.color_trc,
            context.colorspace,
            context.color_range,
        ) = clip.colour
    if clip.rotation is not None:
        stream.set_display_rotation(clip.rotation)
    stream.metadata["title"] = "the picture"
    stream.metadata["language"] = "eng"
    return stream


def picture(clip: Clip, index: int) -> av.VideoFrame:
    """Frame ``index``: moving gradients and a little noise in every plane."""
    planar = {"bgr0": "gbrp", "rgb24": "gbrp", "yuyv422": "yuv422p", "nv12": "yuv420p"}
    name = planar.get(clip.pix_fmt, clip.pix_fmt)
    frame = av.VideoFrame(clip.width, clip.height, name)
    noise = np.random.default_rng((clip.seed, index))
    bits = frame.format.components[0].bits
    for n, plane in enumerate(frame.planes):
        kind = np.uint8 if bits == 8 else np.uint16
        grid = np.frombuffer(plane, kind).reshape(plane.height, -1)
        y, x = np.mgrid[: plane.height, : grid.shape[1]]
        level = 90 + 60 * np.sin((x + 3 * index) / 9 + n) + 40 * np.cos((y - 2 * index) / 7)
        level = np.clip(level + noise.normal(0, 3, level.shape), 16, 235)
        grid[...] = (level * (1 << (bits - 8))).astype(kind)
    if name != clip.pix_fmt:
        frame = frame.reformat(format=clip.pix_fmt, src_color_range=2, dst_color_range=2)
    return frame


def video_packets(stream: Any, clip: Clip) -> list[Any]:
    packets: list[Any] = []
    for index, pts in enumerate(clip.pts):
        frame = picture(clip, index)
        frame.pts, frame.time_base = pts, clip.base
        if clip.durations is not None:
            frame.duration = clip.durations[index]
        packets += stream.encode(frame)
    return packets + stream.encode(None)


def add_audio(output: Any, codec: str, number: int) -> Any:
    stream = output.add_stream(codec, rate=48_000 if number == 0 else 44_100)
    stream.codec_context.layout = "stereo" if number == 0 else "mono"
    stream.metadata["language"] = ("deu", "fra", "jpn")[number]
    stream.metadata["title"] = f"sound {number}"
    return stream


def audio_packets(stream: Any, seconds: float) -> list[Any]:
    context = stream.codec_context
    rate, channels = context.sample_rate, context.channels
    time = np.arange(round(rate * seconds)) / rate
    wave = np.sin(2 * np.pi * 440 * (1 + stream.index) * time) * 0.3
    packed = np.repeat((wave * 32767).astype(np.int16), channels)[None]
    packets: list[Any] = []
    # Small frames, so that PCM is interleaved with the picture as a recorder would.
    for begin in range(0, len(time), 1024):
        part = np.ascontiguousarray(packed[:, begin * channels : (begin + 1024) * channels])
        frame = av.AudioFrame.from_ndarray(part, format="s16", layout=context.layout.name)
        frame.sample_rate, frame.pts, frame.time_base = rate, begin, Fraction(1, rate)
        packets += stream.encode(frame)
    return packets + stream.encode(None)


def _add_subtitle(output: Any, clip: Clip) -> Any:
    stream = output.add_mux_stream(clip.subtitle, time_base=Fraction(1, 1000))
    stream.metadata["language"] = "nld"
    stream.disposition = av.stream.Disposition.forced
    return stream


def _subtitle_packets(stream: Any, clip: Clip) -> list[Any]:
    packets = []
    for start, end, line in clip.lines:
        payload = line.encode()
        if clip.subtitle == "mov_text":
            payload = len(payload).to_bytes(2, "big") + payload
        packet = av.Packet(payload)
        packet.pts = packet.dts = start
        packet.duration = end - start
        packet.time_base = Fraction(1, 1000)
        packet.stream = stream
        packets.append(packet)
    return packets


def _jpeg() -> bytes:
    store = io.BytesIO()
    with av.open(store, "w", format="image2pipe") as output:
        stream = output.add_stream("mjpeg", rate=1, width=32, height=32)
        stream.codec_context.pix_fmt = "yuvj420p"
        cover = Clip(width=32, height=32, pix_fmt="yuvj420p")
        output.mux(stream.encode(picture(cover, 0)))
        output.mux(stream.encode(None))
    return store.getvalue()


def add_cover(output: Any, clip: Clip) -> Any:
    if clip.name.endswith(".mkv"):
        output.add_attachment("cover.jpg", "image/jpeg", _jpeg())
        return None
    stream = output.add_mux_stream("mjpeg", width=32, height=32, time_base=Fraction(1, 90_000))
    stream.disposition = av.stream.Disposition.attached_pic
    packet = av.Packet(_jpeg())
    packet.pts = packet.dts = 0
    packet.time_base = Fraction(1, 90_000)
    packet.stream = stream
    return packet


ClipMaker = Callable[[Clip], Path]


def make_audio_only(folder: Path, *, cover: bool = False) -> Path:
    """An audio file, with or without a picture on it."""
    path = folder / ("cover.m4a" if cover else "sound.m4a")
    with av.open(str(path), "w", format="mp4") as output:
        sound = add_audio(output, "aac", 0)
        extra = [add_cover(output, Clip("cover.mp4"))] if cover else []
        packets = extra + audio_packets(sound, 0.3)
        output.start_encoding()
        for packet in packets:
            output.mux(packet)
    return path
