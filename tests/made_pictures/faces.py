"""Frames painted by functions, and faces placed in them by hand.

A picture is a function from luma xy (arrays) to RGB 0..255 (..., 3). Every plane is sampled from it
at its own samples' places, which are written out here once more rather than taken from the package.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from vidrestore.datatypes import (
    AlignedFrame,
    BlendedFrame,
    CropBatch,
    Frame,
    FrameFormat,
    Image,
    TrackedFace,
)
from vidrestore.picture.colour import rgb_from_samples

Picture = Callable[[np.ndarray, np.ndarray], np.ndarray]

FORMATS = {
    "yuv420p": {},
    "yuv420p-center": {"chroma_location": "center", "full_range": True, "matrix": "bt601"},
    "yuv420p-topleft": {"chroma_location": "topleft"},
    "yuv422p": {"chroma_shift": (1, 0)},
    "yuv411p": {"chroma_shift": (2, 0)},
    "yuv444p": {"chroma_shift": (0, 0)},
    "yuv420p10le": {"bits": 10, "matrix": "bt2020"},
    "yuva444p12le": {"bits": 12, "chroma_shift": (0, 0), "alpha": True},
    "gray": {"layout": "gray", "chroma_shift": (0, 0), "full_range": True},
    "gray16le": {"layout": "gray", "chroma_shift": (0, 0), "bits": 16, "full_range": True},
    "gbrp": {"layout": "rgb", "chroma_shift": (0, 0), "full_range": True},
    "gbrp10le": {"layout": "rgb", "chroma_shift": (0, 0), "full_range": True, "bits": 10},
}


def frame_format(name: str, width: int = 320, height: int = 240) -> FrameFormat:
    """One of ``FORMATS`` at a size."""
    return FrameFormat(width, height, name.partition("-")[0], **FORMATS[name])


def chroma_places(fmt: FrameFormat) -> tuple[np.ndarray, np.ndarray]:
    """Luma x of every chroma column and luma y of every chroma row."""
    rows, columns = fmt.plane_shapes()[1]
    across, down = (1 << shift for shift in fmt.chroma_shift)
    middle_x = 0.0 if fmt.chroma_location in {"left", "topleft"} else (across - 1) / 2
    middle_y = 0.0 if fmt.chroma_location in {"topleft", "top"} else (down - 1) / 2
    return np.arange(columns) * across + middle_x, np.arange(rows) * down + middle_y


def paint(picture: Picture, fmt: FrameFormat, index: int = 0) -> Frame:
    """A frame that shows the picture."""
    gain, offset = rgb_from_samples(fmt)
    planes = []
    for number, shape in enumerate(fmt.plane_shapes()):
        x, y = np.arange(shape[1], dtype=float), np.arange(shape[0], dtype=float)
        if number in {1, 2} and fmt.layout == "yuv":
            x, y = chroma_places(fmt)
        rgb = picture(*np.meshgrid(x, y))
        if fmt.layout == "gray":
            values = (rgb @ (0.299, 0.587, 0.114) - offset[0]) / gain[0, 0]
        elif number == 3:
            values = np.full(shape, 77.0)
        else:
            channel = (1, 2, 0)[number] if fmt.layout == "rgb" else number
            values = ((rgb - offset) @ np.linalg.inv(gain.astype(float)).T)[..., channel]
        plane = np.clip(np.rint(values), 0, (1 << fmt.bits) - 1).astype(fmt.dtype)
        plane.flags.writeable = False
        planes.append(plane)
    return Frame(index, index * 40, 40, Fraction(1, 1000), tuple(planes), fmt)


def skin(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A smooth coloured picture without symmetry."""
    return np.stack(
        [
            150 + 50 * np.sin(x / 23 + 0.4) * np.cos(y / 31),
            120 + 40 * np.sin(x / 29 - y / 37),
            100 + 30 * np.cos(x / 41 + 1) * np.sin(y / 19),
        ],
        axis=-1,
    )


def bare(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Skin in an even, middling light."""
    return skin(x, y) / 2 + 90


def with_microphone(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The same behind a microphone, which covers the right of a mouth at (160, 120)."""
    microphone = (np.abs(x - 175) < 22) & (y > 115)
    return np.where(microphone[..., None], 25.0, bare(x, y))


def landmarks(x: float, y: float, height: float, angle: float = 0.0) -> np.ndarray:
    """A frontal face's five points: eyes to chin ``height`` px, turned by ``angle`` degrees."""
    points = np.array([(-0.27, -0.4), (0.27, -0.4), (0, 0), (-0.22, 0.2), (0.22, 0.2)]) * height
    turn = np.radians(angle)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return points @ rotation.T + (x, y)


def tracked(points: np.ndarray, track_id: int = 1, state: str = "measured") -> TrackedFace:
    """A face of a track."""
    return TrackedFace(track_id, points, state, 0, 0.9)


def as_shown(aligned: AlignedFrame, pixels: Sequence[Image]) -> BlendedFrame:
    """A frame whose faces shall look so, all of it the restorer's."""
    return BlendedFrame(aligned, tuple(pixels), len(pixels) * (1.0,))


def changed(aligned: AlignedFrame, change: Callable[[Image], Image]) -> BlendedFrame:
    """A frame whose crops, all of one size and (N, W, W, 3) together, were changed."""
    crops = aligned.crops.pixels
    return as_shown(aligned, change(np.stack(crops)) if len(crops) else ())


def restored(
    source: Image, result: Image, *, index: int = 1, track_id: int = 1, shot_start: bool = False
) -> BlendedFrame:
    """What was made of one crop of a frame that does not matter."""
    fmt = FrameFormat(8, 8, "gray", "gray", chroma_shift=(0, 0))
    frame = paint(skin, fmt, index)
    face = tracked(landmarks(4, 4, 6), track_id)
    crops = CropBatch(source[None], np.eye(2, 3)[None], ((index, track_id),))
    return as_shown(AlignedFrame(frame, shot_start, (face,), crops), result[None])
