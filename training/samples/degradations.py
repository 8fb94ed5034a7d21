"""What may have happened to a face before it is restored, drawn anew for every sample.

A clip of crops of the truth goes in, the clip that a decoder would give comes out, at the size that
the face has there. Four histories (plain, film, tape, camera) draw from the single kinds of wear in
wear.py, in random order and strength, none included. What wears a recording as a whole (blur, a
tape's bandwidth) is the same in all frames; noise and scratches are each frame's own; a codec sees
the frames one after the other, with the face anywhere among its blocks. ``Severity`` bounds a draw,
so that a validation set can be made of fixed levels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.samples import wear
from training.samples.augment import Picture
from training.samples.portraits import CROP

SIZE = 256
"""Side of the network's crops."""

Clip = list[Picture]
Wear = Callable[[Clip], Clip]
_SHRINK = (cv2.INTER_AREA, cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC)
_GROW = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)
_BLOCK = 16
"""Side of the largest blocks that codecs cut a frame into."""


@dataclass(frozen=True, slots=True)
class Severity:
    """How bad it is.

    Attributes:
        reduction: how many pixels of the 512 crop became one.
        wear: 0 to 1, strength of everything else.
        frame: pixels of the frame across the crop; where reduction left fewer, the recording was
            enlarged. None where it was not.
    """

    reduction: float
    wear: float
    frame: int | None = None

    @property
    def untouched(self) -> bool:
        """Whether the source is as good as the truth."""
        return self.reduction <= 1.0 and self.wear <= 0.0


def draw_severity(rng: Generator) -> Severity:
    """A twelfth untouched, a third mild, the rest up to 12 times reduced."""
    kind = rng.random()
    if kind < 0.08:
        return Severity(1.0, 0.0)
    bands = ((0.42, 1.0, 2.5), (0.72, 2.5, 5.0), (0.93, 5.0, 8.0), (1.0, 8.0, 12.0))
    low, high = next((low, high) for upto, low, high in bands if kind <= upto)
    reduction = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    return Severity(reduction, float(rng.uniform(0, 1) ** 1.2))


def degrade(clip: Clip, severity: Severity, rng: Generator) -> Clip:
    """The frames as a decoder gives them.

    Args:
        clip: (S, S, 3) crops of the truth; one is a photo.
        severity: bounds of the draw; not ``untouched``.
        rng: draws everything.

    Returns:
        (side, side, 3) crops, ``side`` being 512 / reduction rounded, or the frame's, in 8-bit
        steps.
    """
    history = rng.choice(4, p=(0.45, 0.12, 0.12, 0.31))
    pixel = clip[0].shape[0] / CROP
    before, after = (_plain, _film, _tape, _camera)[history](severity, pixel, rng)
    for step in before:
        clip = step(clip)
    side, how = max(24, round(CROP / severity.reduction)), int(rng.choice(_SHRINK))
    if severity.frame is not None:
        side = min(side, severity.frame)
        after.insert(int(rng.integers(len(after) + 1)), _resize(severity.frame, rng))
    clip = [cv2.resize(y, (side, side), interpolation=how) for y in clip]
    for step in after:
        clip = step(clip)
    return [np.clip(np.round(y * 255.0) / 255.0, 0.0, 1.0).astype(np.float32) for y in clip]


def enlarge(clip: Clip, rng: Generator) -> Clip:
    """Crops (side, side, 3) to (512, 512, 3), as a player, a scaler or the aligner would."""
    how = int(rng.choice(_GROW))
    return [np.clip(cv2.resize(y, (CROP, CROP), interpolation=how), 0.0, 1.0) for y in clip]


def to_crop(picture: Picture, side: int = SIZE) -> Picture:
    """(512, 512, 3) to (side, side, 3) by area, as the truth is brought to the network's size."""
    return cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)


def _each(change: Callable[[Picture, Generator], Picture], rng: Generator) -> Wear:
    """The same for all frames."""
    seed = int(rng.integers(2**62))
    return lambda clip: [change(y, np.random.default_rng(seed)) for y in clip]


def _fresh(change: Callable[[Picture, Generator], Picture], rng: Generator) -> Wear:
    """Drawn anew for every frame."""
    return lambda clip: [change(y, rng) for y in clip]


def _sometimes(steps: list[tuple[float, Wear]], rng: Generator) -> list[Wear]:
    """Each step with its probability, in random order."""
    chosen = [step for chance, step in steps if rng.random() < chance]
    return [chosen[i] for i in rng.permutation(len(chosen))]


def _blur(severity: Severity, pixel: float, rng: Generator) -> list[tuple[float, Wear]]:
    """What optics do; in pixels of the 512 crop, about as wide as the reduction."""
    sigma = rng.uniform(0.0, 0.75) * severity.reduction * (0.4 + 0.6 * severity.wear) * pixel
    length = rng.uniform(1.0, 3.0) * severity.reduction * pixel
    return [
        (0.7, _each(lambda y, r: wear.soften(y, sigma, r), rng)),
        (0.1, _each(lambda y, _: wear.defocus(y, 1.4 * sigma), rng)),
        (0.12 * severity.wear, _each(lambda y, r: wear.smear(y, length, r), rng)),
    ]


def _noise(severity: Severity, rng: Generator, most: float) -> Wear:
    level, kind = most * severity.wear * rng.uniform(0.0, 1.0), wear.NoiseKind.draw(rng)
    return _fresh(lambda y, r: wear.noise(y, level, kind, r), rng)


def _compress(severity: Severity, rng: Generator) -> Wear:
    """A real video codec, mostly H.264, or JPEGs; the face anywhere among the blocks."""
    harsh = severity.wear * rng.uniform(0.3, 1.0)
    kind, coded = rng.random(), rng.random()
    top, left = (int(v) for v in rng.integers(0, _BLOCK, 2))

    def compress(clip: Clip) -> Clip:
        height, width = clip[0].shape[:2]
        edges = (top, _BLOCK - top, left, _BLOCK - left)
        framed = [cv2.copyMakeBorder(y, *edges, cv2.BORDER_REFLECT) for y in clip]
        if kind < 0.4:
            framed = [wear.jpeg(y, int(95 - 65 * harsh)) for y in framed]
        elif coded < 0.8:
            framed = wear.video(framed, "libx264", int(16 + 18 * harsh), rng)
        else:
            codec = str(rng.choice(["mpeg2video", "mpeg4"]))
            framed = wear.video(framed, codec, int(2 + 10 * harsh), rng)
        return [y[top : top + height, left : left + width] for y in framed]

    return compress


def _resize(side: int, rng: Generator) -> Wear:
    """Put up in a larger format, before it is compressed or after."""
    how = int(rng.choice(_GROW))
    return lambda clip: [cv2.resize(y, (side, side), interpolation=how) for y in clip]


def _rescale(rng: Generator) -> Wear:
    """Enlarged between two compressions, as old clips are before they are put up again."""
    part, how = rng.uniform(1.1, 2.0), int(rng.choice(_GROW))

    def rescale(clip: Clip) -> Clip:
        side = min(CROP, round(clip[0].shape[0] * part))
        return [cv2.resize(y, (side, side), interpolation=how) for y in clip]

    return rescale


Steps = tuple[list[Wear], list[Wear]]


def _plain(severity: Severity, pixel: float, rng: Generator) -> Steps:
    noises = [(0.5, _noise(severity, rng, 0.04))]
    before = _sometimes([*_blur(severity, pixel, rng), *noises], rng)
    after = _sometimes([(0.6, _noise(severity, rng, 0.05)), (0.6, _compress(severity, rng))], rng)
    return before, after


def _film(severity: Severity, pixel: float, rng: Generator) -> Steps:
    amount = severity.wear
    noises = [(0.6, _noise(severity, rng, 0.12))]
    before = _sometimes([*_blur(severity, pixel, rng), *noises], rng)
    after = _sometimes(
        [
            (0.8, _noise(severity, rng, 0.08)),
            (0.5, _fresh(lambda y, r: wear.scratch(y, amount, r), rng)),
            (0.3, _each(lambda y, r: wear.fade(y, amount, r), rng)),
            (0.3, _compress(severity, rng)),
        ],
        rng,
    )
    return before, after


def _tape(severity: Severity, pixel: float, rng: Generator) -> Steps:
    amount = severity.wear
    overshoot, shift = rng.uniform(0, 1.2) * amount, rng.uniform(0, 2.5) * amount
    before = _sometimes(_blur(severity, pixel, rng), rng)
    after = _sometimes(
        [
            (0.8, _each(lambda y, r: wear.bleed(y, amount, r), rng)),
            (0.5, _each(lambda y, r: wear.ring(y, overshoot, r), rng)),
            (0.7, _noise(severity, rng, 0.06)),
            (0.25, _each(lambda y, r: wear.comb(y, shift, r), rng)),
            (0.5, _compress(severity, rng)),
        ],
        rng,
    )
    return before, after


def _camera(severity: Severity, pixel: float, rng: Generator) -> Steps:
    noises = [(0.3, _noise(severity, rng, 0.06))]
    before = _sometimes([*_blur(severity, pixel, rng), *noises], rng)
    after = [*_sometimes([(0.8, _noise(severity, rng, 0.08))], rng), _compress(severity, rng)]
    if rng.random() < 0.35:
        after += [*_sometimes([(0.6, _rescale(rng))], rng), _compress(severity, rng)]
    return before, after


def to_samples(picture: Picture) -> NDArray[np.uint8]:
    """0..1 to 0..255, rounded and clipped."""
    return np.clip(picture * 255.0 + 0.5, 0, 255).astype(np.uint8)
