"""Read and write the benchmark's clips: all frames of a file as RGB, and RGB as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from vidrestore.video.encode.codecs import repeatable_options

Floats = NDArray[np.float64]
Pictures = NDArray[np.uint8]
"""(T, H, W, 3) RGB."""


@dataclass(frozen=True)
class Encoding:
    """How a file is written.

    Attributes:
        codec: FFmpeg's name of the encoder.
        pix_fmt: of what is encoded.
        options: of the encoder.
    """

    codec: str = "ffv1"
    pix_fmt: str = "bgr0"
    options: Mapping[str, str] = field(default_factory=dict)


LOSSLESS = Encoding()


def read(path: Path) -> Pictures:
    """All frames of a file.

    Raises:
        ValueError: if it has none.
    """
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    if not frames:
        raise ValueError(f"{path} holds no picture")
    return np.stack(frames)


def rate_of(path: Path) -> Fraction:
    """Frames a second, as the container says."""
    with av.open(str(path)) as container:
        return container.streams.video[0].average_rate or Fraction(25)


def write(pictures: Pictures, path: Path, rate: Fraction, how: Encoding = LOSSLESS) -> None:
    """A file of these pictures, which appears when it is whole.

    Samples other than RGB are BT.601 of limited range, and say so; yuvj formats of full range.
    One thread encodes, so that the same pictures give the same file.
    """
    unfinished = path.with_name(f".part-{path.name}")
    height, width = pictures.shape[1:3]
    full = how.pix_fmt.startswith("yuvj")
    with av.open(str(unfinished), "w") as container:
        stream = container.add_stream(how.codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, how.pix_fmt
        stream.options = {"threads": "1", **repeatable_options(how.codec), **how.options}
        if how.pix_fmt.startswith("yuv"):
            stream.codec_context.colorspace = Colorspace.SMPTE170M.value
            stream.codec_context.color_range = (ColorRange.JPEG if full else ColorRange.MPEG).value
        for number, picture in enumerate(pictures):
            rgb = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame = rgb.reformat(
                format=how.pix_fmt,
                dst_colorspace=Colorspace.SMPTE170M,
                dst_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            )
            frame.pts, frame.time_base = number, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    unfinished.replace(path)
