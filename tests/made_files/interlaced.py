"""Clips of known scanning: what moves is a bar on a textured ground, sharp from line to line."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT = 160, 240  # a field has no fewer lines
STEP = 3.0  # px that the bar moves from one frame to the next
LOSSLESS = {"qp": "0", "preset": "ultrafast"}


def bar(time: float) -> np.ndarray:
    """(HEIGHT, WIDTH) uint8 luma at a moment, in frames."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    ground = 90 + 8 * np.sin(x / 7.0) + 8 * np.sin(y / 9.0)
    inside = np.clip(10 - np.abs(x - 24 - STEP * time), 0, 1)
    return (ground + (210 - ground) * inside).astype(np.uint8)


def progressive(index: int) -> np.ndarray:
    return bar(index)


def top_first(index: int) -> np.ndarray:
    return woven(bar(index), bar(index + 0.5))


def bottom_first(index: int) -> np.ndarray:
    return woven(bar(index + 0.5), bar(index))


def pulled_down(index: int) -> np.ndarray:
    """Film at 4/5 of the rate: A A, B B, B C, C D, D D."""
    film, place = divmod(index, 5)
    top, bottom = [(0, 0), (1, 1), (1, 2), (2, 3), (3, 3)][place]
    return woven(bar(4 * film + top), bar(4 * film + bottom))


def still(_: int) -> np.ndarray:
    return bar(0)


def woven(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """The even lines of one picture and the odd lines of another."""
    frame = top.copy()
    frame[1::2] = bottom[1::2]
    return frame


def make_scanned(
    path: Path,
    pictures: Callable[[int], np.ndarray],
    count: int = 24,
    *,
    flag: str = "",
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    base: Fraction = Fraction(1, 25),
    ticks: int = 1,
    lines: int = HEIGHT,
) -> Path:
    """Write a clip without loss.

    Args:
        path: its ending picks the container.
        pictures: luma of each frame.
        count: frames.
        flag: "tff" or "bff" for interlaced coding; progressive by default.
        codec: FFmpeg's name of the encoder.
        pix_fmt: planar YUV of 8 bits or more.
        base: of the time stamps.
        ticks: from frame to frame.
        lines: of the pictures, from the top, HEIGHT at most.
    """
    options = dict(LOSSLESS) if codec == "libx264" else {}
    with av.open(str(path), "w") as output:
        stream = output.add_stream(codec, rate=25, width=WIDTH, height=lines, options=options)
        context = stream.codec_context
        context.pix_fmt, context.time_base = pix_fmt, base
        graph = av.filter.Graph()
        size = {"video_size": f"{WIDTH}x{lines}", "pix_fmt": pix_fmt}
        begin = graph.add("buffer", **size, time_base=str(base), pixel_aspect="1/1")
        field = graph.add("setfield", flag or "prog")
        begin.link_to(field)
        field.link_to(graph.add("buffersink"))
        graph.configure()
        if flag:
            context.flags |= av.codec.context.Flags.interlaced_dct
            context.field_order = {"tff": 2, "bff": 3}[flag]
        for index in range(count):
            frame = av.VideoFrame(WIDTH, lines, pix_fmt)
            bits = frame.format.components[0].bits
            for plane, level in zip(frame.planes, (None, 120, 136), strict=True):
                grid = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
                grid = grid if bits == 8 else grid.view(np.uint16)
                luma = pictures(index)[:lines].astype(int) if level is None else level
                grid[:, : plane.width] = luma << (bits - 8)
            frame.pts, frame.time_base = index * ticks, base
            graph.push(frame)
            flagged = graph.pull()
            flagged.pts, flagged.time_base = index * ticks, base
            output.mux(stream.encode(flagged))
        output.mux(stream.encode(None))
    return path


def bar_places(luma: np.ndarray) -> np.ndarray:
    """Where the bar is on each line, px: a comb shows as lines that disagree."""
    bright = np.clip(luma.astype(float) - 130, 0, None)
    columns = np.arange(luma.shape[1])
    return (bright * columns).sum(axis=1) / np.maximum(bright.sum(axis=1), 1e-9)


def combing(luma: np.ndarray) -> float:
    """By how many px neighbouring lines disagree about the bar's place."""
    return float(np.abs(np.diff(bar_places(luma))).mean())
