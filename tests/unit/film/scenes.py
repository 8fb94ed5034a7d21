"""Shots whose camera sways, with grain: what film stages look at."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np

from tests.made_pictures.portraits import astronaut, coffee
from vidrestore.datatypes import Frame, FrameFormat

SIZE = (160, 120)


def person(t: int) -> np.ndarray:
    """(120, 160, 3) uint8 RGB, frame t of somebody who moves."""
    return _seen(astronaut(), (225 + 8 * np.sin(t / 7), 120 + 5 * np.cos(t / 5)), 0.55, t)


def other(t: int) -> np.ndarray:
    """Of another person: mirrored, nearer, in another light."""
    picture = 255 - (255 - astronaut()[:, ::-1].astype(int)) * 6 // 7
    return _seen(picture.astype(np.uint8), (290 - 6 * np.sin(t / 6), 130), 0.8, 1000 + t)


def table(t: int) -> np.ndarray:
    """Of a table, the camera panning."""
    return _seen(coffee(), (250 + 2 * t, 200), 0.4, 2000 + t)


def _seen(picture: np.ndarray, centre: tuple[float, float], scale: float, seed: int) -> np.ndarray:
    width, height = SIZE
    matrix = np.array(
        [
            [scale, 0, (width - 1) / 2 - scale * centre[0]],
            [0, scale, (height - 1) / 2 - scale * centre[1]],
        ]
    )
    shown = cv2.warpAffine(
        picture, matrix, SIZE, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT
    )
    grain = np.random.default_rng(seed).normal(0, 4, (height, width, 1))
    return (shown + grain).clip(0, 255).astype(np.uint8)


def dissolved(first: np.ndarray, second: np.ndarray, share: float) -> np.ndarray:
    """The first turning into the second."""
    return cv2.addWeighted(first, 1 - share, second, share, 0)


def as_frames(pictures: np.ndarray) -> list[Frame]:
    """(T, H, W, 3) uint8 RGB as frames of a 25th of a second that hold these very samples."""
    height, width = pictures.shape[1:3]
    fmt = FrameFormat(width, height, "gbrp", "rgb", chroma_shift=(0, 0), full_range=True)
    planes = [
        tuple(np.ascontiguousarray(picture[..., channel]) for channel in (1, 2, 0))
        for picture in pictures
    ]
    for plane in (each for three in planes for each in three):
        plane.flags.writeable = False
    return [Frame(i, i, 1, Fraction(1, 25), three, fmt) for i, three in enumerate(planes)]
