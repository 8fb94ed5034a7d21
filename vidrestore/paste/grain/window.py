"""What a face's grain is known to be over its last frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vidrestore.paste.grain.blocks import Corners, flattest, levelled, means, powers, variance

Float32 = NDArray[np.float32]

FRAMES: Final = 12  # that measurements are averaged over
# Of the amplitude around, that a face is filled up to. What lacks so little is not seen, and grain
# costs likeness.
SHARE: Final = 0.92

_TONES = np.linspace(0, 255, 9, dtype=np.float32)  # between which strength is interpolated
_WIDTH = 24.0  # of the neighbourhood of a tone that tells its strength, levels
_ENOUGH = 8.0  # blocks of a tone that are half as good as any number
# A difference of two frames with less than this part of a block's power: what the block shows
# stands still, so it is no grain but texture, or grain that an encoder has frozen.
_FROZEN = 0.6
_TEXTURE = 3.0  # times the median of all blocks' power, beyond which a block shows more than grain
_LEAST_BLOCKS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Grain of one channel in one frame, in and around a face; variances in levels squared.

    Attributes:
        around: (T,) sum of the source's variances by tone, around the face.
        blocks: (T,) how many blocks these are of.
        own: (b, b // 2 + 1) mean power of the source's blocks in the face.
        left: the same of what restoration left there.
        tones: (T,) share of these blocks by tone.
    """

    around: Float32
    blocks: Float32
    own: Float32
    left: Float32
    tones: Float32


@dataclass(frozen=True, slots=True, eq=False)
class Missing:
    """What a face lacks of its grain.

    Attributes:
        power: (b, b // 2 + 1) of what is missing where the face is restored in full.
        kept: amplitude of what is left there over what should be there, 0..1.
        amplitude: (256,) by tone, over the mean of the face.
        around: standard deviation of the grain around it at its tones, levels.
    """

    power: Float32
    kept: float
    amplitude: Float32
    around: float


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """One channel about a face, its samples as float32 levels of 0..255.

    Attributes:
        source: (h, w).
        before: the same of the frame before, None where a shot starts.
        result: the same as restored.
        tone: the source's luma from black, 0, to white, 255, on this channel's grid.
        ring: (h, w) around the face.
        face: (h, w) where it is restored in full.
    """

    source: Float32
    before: Float32 | None
    result: Float32
    tone: Float32
    ring: NDArray[np.bool_]
    face: NDArray[np.bool_]


def seen(channel: Channel, side: int) -> Seen | None:
    """What one frame shows; None where it shows too little of the face's grain or of that around.

    Args:
        channel: of the frame.
        side: b, of the blocks.
    """
    inside = flattest(channel.tone, channel.face, side)
    around = flattest(channel.tone, channel.ring, side)
    if min(len(inside), len(around)) < _LEAST_BLOCKS:
        return None
    own, around_power = (_fresh(channel, corners, side) for corners in (inside, around))
    left = powers(channel.result, inside, side)
    strength = variance(around_power)
    usual = strength <= _TEXTURE * np.median(strength)
    by_tone = _by_tone(means(channel.tone, around[usual], side))
    fine = variance(own) <= _TEXTURE * np.median(variance(own))
    tones = _by_tone(means(channel.tone, inside[fine], side))
    return Seen(
        by_tone.T @ strength[usual],
        by_tone.sum(axis=0),
        own[fine].mean(axis=0),
        left[fine].mean(axis=0),
        tones.mean(axis=0),
    )


def missing(window: Iterable[Seen]) -> Missing:
    """What is missing on average over some frames, at least one."""
    frames = list(window)
    around = np.sum([frame.around for frame in frames], axis=0)
    blocks = np.sum([frame.blocks for frame in frames], axis=0)
    own, left, tones = (
        np.mean(values, axis=0)
        for values in zip(*((f.own, f.left, f.tones) for f in frames), strict=True)
    )
    near = np.exp(-0.5 * np.square((_TONES[:, None] - _TONES) / np.float32(_WIDTH)))
    # Tones that are far from all that is around get the strength of the nearest.
    near = np.maximum(near, 1e-9) / (blocks + np.float32(_ENOUGH))
    strength = (near @ around) / (near @ blocks)
    there = float(tones @ strength)
    has, keeps = float(variance(own)), float(variance(left))
    power = levelled(np.maximum(own - left, 0))
    level = SHARE * SHARE * min(there, has)
    wanted, found = level - keeps, float(variance(power))
    power *= np.float32(max(wanted, 0) / max(found, 1e-9))
    amplitude = np.sqrt(strength / np.float32(max(there, 1e-9)))
    return Missing(
        np.asarray(power, np.float32),
        float(np.sqrt(np.clip(keeps / max(level, 1e-9), 0, 1))),
        np.interp(np.arange(256), _TONES, amplitude).astype(np.float32),
        float(np.sqrt(there)),
    )


def _fresh(channel: Channel, corners: Corners, side: int) -> Float32:
    """Power of the source's blocks; of those that stand still, what changes in them."""
    power = powers(channel.source, corners, side)
    if channel.before is None:
        return power
    changing = powers((channel.source - channel.before) * np.float32(np.sqrt(0.5)), corners, side)
    frozen = variance(changing) < _FROZEN * variance(power)
    return np.where(frozen[:, None, None], changing, power)


def _by_tone(tones: Float32) -> Float32:
    """(N, T) how much of each tone is in the two of ``_TONES`` beside it."""
    step = float(_TONES[1])
    return np.asarray(np.maximum(1 - np.abs(tones[:, None] - _TONES) / step, 0), np.float32)
