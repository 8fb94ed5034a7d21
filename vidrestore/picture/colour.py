"""Between a frame's samples and RGB, for every planar layout.

Convention: RGB is float32 (h, w, 3) on the scale 0..255 whatever the bit depth, not clipped, with
the transfer function left as it is in the video. Samples are code values at the format's own bit
depth, all planes brought to one size. Matrices follow ITU-T H.273 (MatrixCoefficients), ranges its
VideoFullRangeFlag.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import FrameFormat

Float32 = NDArray[np.float32]

# (Kr, Kb) of H.273, table 4.
LUMA_WEIGHTS = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
    "smpte240m": (0.212, 0.087),
    "fcc": (0.30, 0.11),
}


@lru_cache(maxsize=64)
def rgb_from_samples(fmt: FrameFormat) -> tuple[Float32, Float32]:
    """The affine map from samples to RGB 0..255.

    Returns:
        A (3, 3) and b (3,), with ``rgb = A @ samples + b``; samples in the order Y, Cb, Cr ("yuv"),
        Y, Y, Y ("gray") or R, G, B ("rgb").
    """
    unit = float(1 << (fmt.bits - 8))
    top = float((1 << fmt.bits) - 1)
    luma_gain, luma_zero = (255.0 / top, 0.0) if fmt.full_range else (255 / (219 * unit), 16 * unit)
    if fmt.layout != "yuv":
        gain = np.eye(3) * luma_gain
        return gain.astype(np.float32), np.full(3, -luma_zero * luma_gain, np.float32)
    kr, kb = LUMA_WEIGHTS[fmt.matrix]
    kg = 1 - kr - kb
    matrix = np.array(
        [
            [1.0, 0.0, 2 * (1 - kr)],
            [1.0, -2 * kb * (1 - kb) / kg, -2 * kr * (1 - kr) / kg],
            [1.0, 2 * (1 - kb), 0.0],
        ]
    )
    chroma_gain = 255.0 / top if fmt.full_range else 255 / (224 * unit)
    gain = matrix * np.array([luma_gain, chroma_gain, chroma_gain])
    zero = np.array([luma_zero, 128 * unit, 128 * unit])
    return gain.astype(np.float32), (-gain @ zero).astype(np.float32)


@lru_cache(maxsize=64)
def samples_from_rgb(fmt: FrameFormat) -> Float32:
    """The linear part of the inverse map: (3, 3), for *differences* of RGB 0..255.

    Rows are Y, Cb, Cr ("yuv") or R, G, B ("rgb"). For "gray" the first row gives luma by BT.601's
    weights and the others are zero.
    """
    gain, _ = rgb_from_samples(fmt)
    if fmt.layout == "gray":
        kr, kb = LUMA_WEIGHTS["bt601"]
        matrix = np.zeros((3, 3))
        matrix[0] = np.array([kr, 1 - kr - kb, kb]) / float(gain[0, 0])
        return matrix.astype(np.float32)
    return np.linalg.inv(gain.astype(np.float64)).astype(np.float32)


def to_rgb(samples: Sequence[NDArray[np.generic]], fmt: FrameFormat) -> Float32:
    """RGB of planes brought to one size.

    Args:
        samples: the colour planes in the format's plane order (G, B, R for "rgb"), each (h, w), of
            any numeric type; a plane of alpha after them is ignored.
        fmt: what the samples mean.

    Returns:
        (h, w, 3) float32, 0..255, not clipped.
    """
    gain, offset = rgb_from_samples(fmt)
    if fmt.layout == "gray":
        rows = (samples[0],) * 3
    elif fmt.layout == "rgb":
        rows = (samples[2], samples[0], samples[1])
    else:
        rows = (samples[0], samples[1], samples[2])
    stacked = np.stack(rows, axis=-1).astype(np.float32)
    rgb: Float32 = stacked @ gain.T
    rgb += offset
    return rgb


def to_sample_differences(difference: Float32, fmt: FrameFormat) -> tuple[Float32, ...]:
    """What a difference of RGB adds to each colour plane, at full resolution.

    Args:
        difference: (h, w, 3) float32, in RGB levels of 0..255.
        fmt: what the samples mean.

    Returns:
        One (h, w) float32 array per colour plane in the format's plane order, in code values.
    """
    rows = samples_from_rgb(fmt)[[1, 2, 0] if fmt.layout == "rgb" else [0, 1, 2]]
    if fmt.layout == "gray":
        rows = rows[:1]
    moved = cv2.split(cv2.transform(difference, rows))
    return tuple(np.asarray(plane, np.float32) for plane in moved)


def chroma_from_luma(fmt: FrameFormat) -> NDArray[np.float64]:
    """The affine map from luma coordinates to the chroma planes' own.

    A chroma sample lies on the first of the luma samples it serves or at their middle, in each
    direction, as H.273's ChromaLocType says: "left" is the first across and the middle down,
    "topleft" the first in both, "center" the middle in both, "top" the middle across and the first
    down.

    Returns:
        (2, 3), for xy with pixel centres at integers; the identity where nothing is subsampled.
    """
    steps = [1 << shift for shift in fmt.chroma_shift]
    location = fmt.chroma_location
    first = (location in {"left", "topleft"}, location in {"topleft", "top"})
    matrix = np.zeros((2, 3))
    for axis, step in enumerate(steps):
        matrix[axis, axis] = 1.0 / step
        matrix[axis, 2] = 0.0 if first[axis] else -(step - 1) / (2.0 * step)
    return matrix
