"""What may have happened to a face before it is restored, drawn anew for every sample.

A 512 crop of the truth goes in, the 256 crop that the network sees comes out. Four histories
(plain, film, tape, camera) draw from the single kinds of wear in wear.py, in random order and
strength, none included. ``Severity`` bounds a draw, so that a validation set can be made of fixed
levels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training import wear
from training.augment import Picture
from training.portraits import CROP

SIZE = 256
"""Side of the network's crops."""

Wear = Callable[[Picture], Picture]
_SHRINK = (cv2.INTER_AREA, cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC)
_GROW = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)


@dataclass(frozen=True, slots=True)
class Severity:
    """How bad it is.

    Attributes:
        reduction: how many pixels of the 512 crop became one.
        wear: 0 to 1, strength of everything else.
    """

    reduction: float
    wear: float

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


def degrade(truth: Picture, severity: Severity, rng: Generator) -> Picture:
    """The (512, 512, 3) truth as a worn (256, 256, 3) crop."""
    if severity.untouched:
        return to_crop(truth)
    history = rng.choice(4, p=(0.45, 0.12, 0.12, 0.31))
    before, after = (_plain, _film, _tape, _camera)[history](severity, rng)
    y = truth
    for step in before:
        y = step(y)
    side = max(24, round(CROP / severity.reduction))
    y = cv2.resize(y, (side, side), interpolation=int(rng.choice(_SHRINK)))
    for step in after:
        y = step(y)
    y = np.clip(np.round(y * 255.0) / 255.0, 0.0, 1.0).astype(np.float32)
    return _enlarge(y, rng)


def to_crop(picture: Picture) -> Picture:
    """(512, 512, 3) to (256, 256, 3) by area, as the truth is brought to the network's size."""
    return cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA)


def _enlarge(picture: Picture, rng: Generator) -> Picture:
    """To the network's size, as a player, a scaler or the aligner would."""
    side = picture.shape[0]
    grow = int(rng.choice(_GROW))
    if side > SIZE or rng.random() < 0.5:
        whole = cv2.resize(picture, (CROP, CROP), interpolation=grow)
        return np.clip(to_crop(whole), 0.0, 1.0)
    return np.clip(cv2.resize(picture, (SIZE, SIZE), interpolation=grow), 0.0, 1.0)


def _sometimes(steps: list[tuple[float, Wear]], rng: Generator) -> list[Wear]:
    """Each step with its probability, in random order."""
    chosen = [step for chance, step in steps if rng.random() < chance]
    return [chosen[i] for i in rng.permutation(len(chosen))]


def _blur(severity: Severity, rng: Generator) -> list[tuple[float, Wear]]:
    """What optics do; in pixels of the 512 crop, about as wide as the reduction."""
    sigma = rng.uniform(0.0, 0.75) * severity.reduction * (0.4 + 0.6 * severity.wear)
    length = rng.uniform(1.0, 3.0) * severity.reduction
    return [
        (0.7, lambda y: wear.soften(y, sigma, rng)),
        (0.1, lambda y: wear.defocus(y, 1.4 * sigma)),
        (0.12 * severity.wear, lambda y: wear.smear(y, length, rng)),
    ]


def _noise(severity: Severity, rng: Generator, most: float) -> Wear:
    level = most * severity.wear * rng.uniform(0.0, 1.0)
    return lambda y: wear.noise(y, level, rng)


def _compress(severity: Severity, rng: Generator) -> Wear:
    """A real video codec, mostly H.264, or a JPEG."""
    harsh = severity.wear * rng.uniform(0.3, 1.0)
    if rng.random() < 0.4:
        return lambda y: wear.jpeg(y, int(95 - 65 * harsh))
    if rng.random() < 0.8:
        return lambda y: wear.video(y, "libx264", int(16 + 18 * harsh), rng)
    codec = str(rng.choice(["mpeg2video", "mpeg4"]))
    return lambda y: wear.video(y, codec, int(2 + 10 * harsh), rng)


Steps = tuple[list[Wear], list[Wear]]


def _plain(severity: Severity, rng: Generator) -> Steps:
    before = _sometimes([*_blur(severity, rng), (0.5, _noise(severity, rng, 0.04))], rng)
    after = _sometimes([(0.6, _noise(severity, rng, 0.05)), (0.6, _compress(severity, rng))], rng)
    return before, after


def _film(severity: Severity, rng: Generator) -> Steps:
    amount = severity.wear
    before = _sometimes([*_blur(severity, rng), (0.6, _noise(severity, rng, 0.12))], rng)
    after = _sometimes(
        [
            (0.8, _noise(severity, rng, 0.08)),
            (0.5, lambda y: wear.scratch(y, amount, rng)),
            (0.3, lambda y: wear.fade(y, amount, rng)),
            (0.3, _compress(severity, rng)),
        ],
        rng,
    )
    return before, after


def _tape(severity: Severity, rng: Generator) -> Steps:
    amount = severity.wear
    overshoot, shift = rng.uniform(0, 1.2) * amount, rng.uniform(0, 2.5) * amount
    before = _sometimes(_blur(severity, rng), rng)
    after = _sometimes(
        [
            (0.8, lambda y: wear.bleed(y, amount, rng)),
            (0.5, lambda y: wear.ring(y, overshoot, rng)),
            (0.7, _noise(severity, rng, 0.06)),
            (0.25, lambda y: wear.comb(y, shift, rng)),
            (0.5, _compress(severity, rng)),
        ],
        rng,
    )
    return before, after


def _camera(severity: Severity, rng: Generator) -> Steps:
    before = _sometimes([*_blur(severity, rng), (0.3, _noise(severity, rng, 0.06))], rng)
    after = [*_sometimes([(0.8, _noise(severity, rng, 0.08))], rng), _compress(severity, rng)]
    if rng.random() < 0.3:
        after.append(_compress(severity, rng))
    return before, after


def to_samples(picture: Picture) -> NDArray[np.uint8]:
    """0..1 to 0..255, rounded and clipped."""
    return np.clip(picture * 255.0 + 0.5, 0, 255).astype(np.uint8)
