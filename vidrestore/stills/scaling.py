"""Bringing a photo to the size that is asked for, by Lanczos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from vidrestore.config import InputConfig, OutputConfig
from vidrestore.datatypes import Frame, FrameFormat
from vidrestore.errors import ConfigError


def with_room_for_colour(
    scale: Callable[[Frame], Frame] | None,
) -> Callable[[Frame], Frame]:
    """The same scaling, or none, after which gray pictures are RGB of equal channels."""

    def coloured(frame: Frame) -> Frame:
        frame = frame if scale is None else scale(frame)
        fmt = frame.format
        if fmt.layout != "gray":
            return frame
        gray, *opacity = frame.planes
        name = fmt.pix_fmt.replace("gray", "gbrp").replace("ya8", "gbrap")
        rgb = replace(fmt, layout="rgb", pix_fmt=name)
        return replace(frame, planes=(gray, gray, gray, *opacity), format=rgb, touched=True)

    return coloured


def enlarging(
    fmt: FrameFormat, output: OutputConfig, limits: InputConfig
) -> Callable[[Frame], Frame] | None:
    """What brings pictures of a format to the size asked for; None where they keep theirs.

    Raises:
        ConfigError: that is smaller than they are, or larger than is allowed.
    """
    factor = output.scale if output.height is None else output.height / fmt.height
    width, height = round(fmt.width * factor), round(fmt.height * factor)
    if (width, height) == (fmt.width, fmt.height):
        return None
    if factor < 1:
        raise ConfigError(
            f"output.height {output.height} is below the photo's own {fmt.height}; faces would "
            "lose by it: leave it out"
        )
    if width * height > limits.max_pixels:
        raise ConfigError(
            f"{width}x{height} pixels are more than input.max_pixels ({limits.max_pixels}); "
            "lower output.scale, or raise that"
        )

    def enlarged(frame: Frame) -> Frame:
        planes = tuple(
            np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_LANCZOS4))
            for plane in frame.planes
        )
        for plane in planes:
            plane.flags.writeable = False
        changed = replace(frame.format, width=width, height=height)
        return replace(frame, planes=planes, format=changed, touched=True)

    return enlarged
