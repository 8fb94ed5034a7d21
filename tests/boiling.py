"""A face whose source is grainy and whose restored skin boils, and what blending makes of it.

A picture is (128, 128, 3) float RGB in levels of 0..255.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tests.faces import restored
from vidrestore.datatypes import AlignedFrame, Image, RestoredFrame
from vidrestore.steady import Calm, Steady

SIZE = 128
Y, X = np.mgrid[:SIZE, :SIZE]
FACE = np.stack(
    [
        130 + 45 * np.sin(X / 9 + np.cos(Y / 14)),
        110 + 35 * np.cos(Y / 11 + np.sin(X / 17)),
        100 + 25 * np.sin((X + Y) / 15),
    ],
    axis=-1,
)
EYES = np.exp(-((X - 64) ** 2 / 200 + (Y - 50) ** 2 / 30))[..., None]
INNER = np.s_[20:-20, 20:-20]


def levels(values: np.ndarray, dtype: type = np.uint8) -> Image:
    """A picture as a crop."""
    scale = 1 if dtype == np.uint8 else 257
    return np.clip(np.rint(values * scale), 0, 255 * scale).astype(dtype)


def clip(
    count: int,
    *,
    seed: int = 0,
    boil: float = 8.0,
    grain: float = 3.0,
    dtype: type = np.uint8,
    scene: Callable[[int], np.ndarray] = lambda _: FACE,
    **options: int,
) -> Iterator[RestoredFrame]:
    """Source crops with grain, and a restorer that paints other skin on each frame."""
    rng = np.random.default_rng(seed)
    for index in range(count):
        face = scene(index)
        source = levels(face + rng.normal(0, grain, face.shape), dtype)
        result = levels(face + boil * rng.normal(0, 1, (SIZE, SIZE, 1)), dtype)
        yield restored(source, result, index=index, shot_start=index == 0, **options)


def calmed(items: Sequence[RestoredFrame], calm: Calm | None = None) -> list[AlignedFrame]:
    """The sources after ``Calm``."""
    calm = calm or Calm()
    frames = [frame for item in items for frame in calm.push(item.aligned)]
    return frames + list(calm.flush())


def blended(items: Sequence[RestoredFrame], calm: Calm | None = None) -> list[RestoredFrame]:
    """The results after ``Steady``, by what ``Calm`` says of the sources."""
    steady = Steady()
    results = []
    for item, frame in zip(items, calmed(items, calm), strict=True):
        results += steady.push(RestoredFrame(frame, item.pixels))
    return results + list(steady.flush())


def pixels(results: Sequence[RestoredFrame]) -> list[Image]:
    """The first face of each."""
    return [result.pixels[0] for result in results]


def shown(frames: Sequence[AlignedFrame]) -> list[Image]:
    """What a restorer is shown of the first face of each."""
    return [frame.shown[0] for frame in frames]


def error(crop: Image, truth: np.ndarray = FACE, where: tuple[slice, slice] = INNER) -> float:
    """Root mean square of what a crop is off the truth, levels."""
    scale = 1 if crop.dtype == np.uint8 else 257
    return float(np.sqrt(np.mean(((crop / scale - truth)[where]) ** 2)))
