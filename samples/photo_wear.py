"""Wears photos as an album does: they fade, soften, are folded, scratched, torn and compressed.

Pictures are (H, W, 3) float32 RGB, levels of 0..255. Everything random is seeded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.make_samples import SHOTS, Shot, portrait
from samples.wear import Picture

Shown = NDArray[np.uint8]
Cover = NDArray[np.float32]

GRAY = np.array([0.299, 0.587, 0.114], np.float32)
ASTRONAUT, ADMIRAL = SHOTS


@dataclass(frozen=True)
class Worn:
    """A photo and what became of it.

    Attributes:
        title: what is said of it.
        shot: whose picture it is.
        width: px.
        gray: whether it has lost its colours altogether.
        grain: standard deviation, levels.
        soft: sigma of the blur, px.
        quality: of its JPEG.
        damage: draws on it.
        hole: centre and radius of a hole, in parts of the width; None for none.
    """

    title: str
    shot: Shot
    width: int
    gray: bool
    grain: float
    soft: float
    quality: int
    damage: Callable[[Picture], Picture] | None = None
    hole: tuple[float, float, float] | None = None


def line(shape: tuple[int, ...], ends: Sequence[float], width: float, seed: int) -> Cover:
    """(H, W) 0..1 how much a line covers that wanders a little and is worn through in places.

    Args:
        shape: of the picture.
        ends: x, y, x, y in parts of its width.
        width: px.
        seed: of its way.
    """
    random = np.random.default_rng(seed)
    first, last = np.reshape(ends, (2, 2)) * shape[1]
    count = max(int(np.linalg.norm(last - first) / 4), 2)
    along = np.linspace(0, 1, count)[:, None]
    across = np.array([first[1] - last[1], last[0] - first[0]]) / np.linalg.norm(last - first)
    wander, worn = (
        cv2.GaussianBlur(random.normal(0, 1, (count, 1)), (1, 31), 0, sigmaY=5) for _ in range(2)
    )
    path = first + along * (last - first) + 3.0 * wander * across
    strength = np.clip(0.85 + 0.9 * worn, 0, 1)[:, 0]
    cover = np.zeros(shape[:2], np.float32)
    for start, end, much in zip(path[:-1], path[1:], strength[1:], strict=True):
        part = np.zeros_like(cover)
        points = [tuple(int(v * 16) for v in place) for place in (start, end)]
        cv2.line(part, points[0], points[1], float(much), max(round(width), 1), cv2.LINE_AA, 4)
        cover = np.maximum(cover, part)
    return np.asarray(cv2.GaussianBlur(cover, (0, 0), 0.5 + 0.1 * width), np.float32)


def drawn(picture: Picture, cover: Cover, level: float) -> Picture:
    """A picture, covered."""
    return np.asarray(picture + cover[..., None] * (level - picture), np.float32)


def folded(picture: Picture) -> Picture:
    """A crease across the face: the emulsion is gone, and beside it lies its shade."""
    ends = (0.0, 0.34, 1.0, 0.20)
    shade = cv2.GaussianBlur(line(picture.shape, ends, 9, 3), (0, 0), 4.0)
    creased = drawn(picture, 0.35 * shade, 60.0)
    return drawn(creased, 0.95 * line(picture.shape, ends, 3, 3), 244.0)


def scratched(picture: Picture) -> Picture:
    """Three scratches, two bright and one dark."""
    for number, (ends, level) in enumerate(
        (
            ((0.40, 0.0, 0.52, 1.0), 240.0),
            ((0.0, 0.30, 1.0, 0.46), 238.0),
            ((0.66, 0.0, 0.49, 1.0), 20.0),
        )
    ):
        picture = drawn(picture, 0.85 * line(picture.shape, ends, 1, 20 + number), level)
    return picture


HOLE = (0.41, 0.25, 0.022)
WORN = (
    Worn("faded and folded", ASTRONAUT, 512, False, 3, 1.2, 60, folded),
    Worn("gray, grainy and scratched", ADMIRAL, 512, True, 6, 1.6, 70, scratched),
    Worn("small, soft, compressed", ADMIRAL, 256, False, 3, 0.9, 40),
    Worn("torn, its hole named by a mask", ASTRONAUT, 400, False, 3, 1.0, 70, None, HOLE),
)


def faded(worn: Worn) -> Picture:
    """A photo as it would be had it only faded: (H, W, 3) levels of 0..255."""
    picture = portrait(worn.shot)
    height = round(worn.width * picture.shape[0] / picture.shape[1])
    picture = cv2.resize(picture, (worn.width, height), interpolation=cv2.INTER_AREA)
    gray = np.repeat((picture @ GRAY)[..., None], 3, axis=2)
    if worn.gray:
        return np.asarray(18 + 0.86 * gray, np.float32)
    pale = picture + 0.3 * (gray - picture)
    cast = np.array([1.0, 0.9, 0.78], np.float32)
    return np.asarray(30 * cast + 0.84 * pale * cast, np.float32)


def aged(worn: Worn, seed: int) -> tuple[Shown, NDArray[np.uint8] | None]:
    """A photo as it is today, and where it has a hole."""
    random = np.random.default_rng(seed)
    picture = cv2.GaussianBlur(faded(worn), (0, 0), worn.soft)
    silver = cv2.GaussianBlur(random.standard_normal(picture.shape[:2]), (0, 0), 0.7)
    picture = (picture + (worn.grain / silver.std() * silver)[..., None]).astype(np.float32)
    mask = None
    if worn.damage is not None:
        picture = worn.damage(picture)
    if worn.hole is not None:
        mask = torn(picture.shape, worn.hole, random)
        picture = drawn(picture, (mask > 0).astype(np.float32), 250.0)
        mask = np.asarray(cv2.dilate(mask, np.ones((5, 5), np.uint8)), np.uint8)
    samples = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    options = [cv2.IMWRITE_JPEG_QUALITY, worn.quality]
    code = cv2.imencode(".jpg", samples[..., ::-1], options)[1]
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR)[..., ::-1], np.uint8), mask


def torn(
    shape: tuple[int, ...], hole: tuple[float, float, float], random: np.random.Generator
) -> NDArray[np.uint8]:
    """(H, W) 255 where a hole with a ragged edge is."""
    x, y, radius = (part * shape[1] for part in hole)
    angles = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    away = radius * random.uniform(0.6, 1.3, len(angles))
    points = np.stack([x + 1.6 * away * np.cos(angles), y + away * np.sin(angles)], axis=1)
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], 255)
    return mask
