"""Pictures whose chroma is a wave across (Cb) and down (Cr), sampled where the samples sit."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

SIZE = 128
PERIOD = 32  # luma px
_WAVE = 2 * np.pi / PERIOD


def wave_clip(folder: Path, location: str, size: int = SIZE, *, tagged: bool = True) -> Path:
    """A square frame of 4:2:0, full range, BT.709, luma even; the place of chroma may be tagged."""
    path = folder / f"{location}.mkv"
    tag = {"chroma_sample_location": location} if tagged else {}
    with av.open(str(path), "w") as output:
        stream = output.add_stream("ffv1", rate=25, width=size, height=size, options=tag)
        context = stream.codec_context
        context.pix_fmt, context.color_range, context.colorspace = "yuv420p", 2, 1
        frame = av.VideoFrame(size, size, "yuv420p")
        half = -(-size // 2)
        y, x = np.mgrid[:half, :half] * 2.0
        x += 0.0 if location in {"left", "topleft"} else 0.5
        y += 0.0 if location in {"topleft", "top"} else 0.5
        waves = [
            np.full((size, size), 128),
            *(128 + 60 * np.sin(_WAVE * place) for place in (x, y)),
        ]
        for plane, wave in zip(frame.planes, waves, strict=True):
            grid = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
            grid[: plane.height, : plane.width] = np.rint(wave)
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def moved(samples: np.ndarray, period: float) -> float:
    """By how many samples a wave of this period along the last axis starts late."""
    middle = samples[samples.shape[0] // 4 : -(samples.shape[0] // 4)].mean(axis=0)
    whole = middle[: int(len(middle) // period * period)]
    turn = (whole - whole.mean()) @ np.exp(-2j * np.pi / period * np.arange(len(whole)))
    return float(-(np.angle(turn) + np.pi / 2) * period / (2 * np.pi))
