"""Whether a cheaper arithmetic restores as float32 does: tried on crops made by code, at load."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from vidrestore.datatypes import Image
from vidrestore.restore.running.restorer import FaceRestorer

R = TypeVar("R", bound=FaceRestorer)

# Below this the difference from float32 could be seen; rounding to 8 bits alone is 59 dB.
LEAST_AGREEMENT = 45.0
_SEED = 20210
# Skin, lips, hair and background, RGB in 0..1; the second face is darker.
_COLOURS = (
    ((0.82, 0.63, 0.53), (0.62, 0.28, 0.28), (0.20, 0.14, 0.10), (0.45, 0.50, 0.55)),
    ((0.38, 0.25, 0.19), (0.35, 0.15, 0.15), (0.05, 0.05, 0.05), (0.75, 0.73, 0.68)),
)


def agreeing(chosen: R, exact: Callable[[], R]) -> tuple[R, tuple[str, ...]]:
    """The restorer that was chosen if it restores as float32 does, else the one in float32.

    Args:
        chosen: computes in any precision.
        exact: makes the same restorer in float32; called once, or not at all if that was chosen.

    Returns:
        One of the two, and what the user should know.
    """
    if chosen.precision == "float32":
        return chosen, ()
    crops = trial_crops(chosen.size)
    reference = exact()
    level = agreement(chosen.restore(crops), reference.restore(crops))
    if level >= LEAST_AGREEMENT:
        return chosen, ()
    warning = (
        f"{chosen.precision} agrees with float32 at {level:.1f} dB only with this model, under "
        f"{LEAST_AGREEMENT:g} dB: faces were restored in float32 on {reference.device_name}"
    )
    return reference, (warning,)


def trial_crops(size: int) -> Image:
    """Two crops with the make-up of faces, one clean and one worn, the same on every call.

    Args:
        size: side S, px.

    Returns:
        (2, S, S, 3) uint16 RGB.
    """
    noise = np.random.default_rng(_SEED).standard_normal((size, size, 3))
    crops = [_face(size, *colours) for colours in _COLOURS]
    crops[1] = crops[1] + 0.04 * noise
    samples: Image = (np.clip(np.stack(crops), 0, 1) * 65535).round().astype(np.uint16)
    return samples


def _face(size: int, *colours: tuple[float, float, float]) -> Image:
    """An oval with brows, eyes and mouth at the template's places, lit from the left."""
    skin, lips, hair, background = (np.array(colour) for colour in colours)
    y, x = (np.mgrid[:size, :size] + 0.5) / size

    def oval(at: tuple[float, float], radii: tuple[float, float]) -> Image:
        distance = np.hypot((x - at[0]) / radii[0], (y - at[1]) / radii[1])
        edge = np.clip((1 - distance) * min(radii) * size / 2 + 0.5, 0, 1)
        return np.asarray(edge)[:, :, None]

    picture = np.broadcast_to(background, (size, size, 3))
    layers = [((0.5, 0.45), (0.38, 0.47), hair), ((0.5, 0.53), (0.30, 0.40), skin)]
    layers += [((0.5, 0.71), (0.10, 0.03), lips), ((0.5, 0.58), (0.03, 0.05), skin * 0.85)]
    for eye in (0.395, 0.605):
        layers += [((eye, 0.41), (0.06, 0.012), hair)]
        layers += [((eye, 0.475), (0.045, 0.02), np.ones(3)), ((eye, 0.475), (0.018, 0.02), hair)]
    for at, radii, colour in layers:
        weight = oval(at, radii)
        picture = picture * (1 - weight) + weight * colour
    light = 1.1 - 0.4 * x + 0.02 * np.sin(40 * np.pi * (x + y))
    return np.asarray(picture * light[:, :, None])


def agreement(one: Image, other: Image) -> float:
    """PSNR between two uint16 pictures, dB; infinite if they are equal."""
    difference = (one.astype(np.float64) - other) / 65535
    power = float(np.square(difference).mean())
    return -10 * math.log10(power) if power > 0 else math.inf
