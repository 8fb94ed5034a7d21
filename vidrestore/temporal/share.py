"""How much of a restorer's change a face is to get: as much as it can be expected to gain.

Two things tell. What detail the denoised source still holds: the less there is, the more a change
is likely to bring it nearer to the truth, while on a face that lacks little, half of what is drawn
is a guess. And what detail the change adds: a restorer whose result holds less than its input has
nothing to give to it.

Detail is the luma's energy above 1/8 of the sampling rate of a crop of 256 px, less what is spread
evenly over the face, because noise is and features are not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.temporal.change import face
from vidrestore.temporal.planes import gray

Float32 = NDArray[np.float32]

# Measured on talking faces and on portraits that move, against their truth (least squares of the
# share that was best for each clip): faces with as much detail as the first, levels, gain most
# from so much of the change; those with as little as the second from all of it.
_DETAILED, _DETAILED_SHARE = 4.5, 0.5
_BARE = 0.7
# Detail of the result over the input's: no share below the first, none withheld above the second.
# Sharp portraits twice as large as the crop had 0.88 at most, worn ones 0.96 at least.
_LOSES, _KEEPS = 0.88, 0.95

_SIDE = 256
_CUTOFF_SIGMA = 1.5  # of the low pass that is half at 1/8 of the sampling rate, px
_LOCAL_SIGMA = 5.0  # energy is looked at over this distance, px
_NOISE_PERCENTILE = 20.0
_NOISE_SPREAD = 1.15  # pure noise's mean energy over that percentile
_NEXT_TO_NOTHING = 0.05  # levels


@dataclass(frozen=True, slots=True)
class Detail:
    """Of a face in one frame, levels of 0..255.

    Attributes:
        shown: what the restorer was shown.
        restored: what it made of it.
    """

    shown: float
    restored: float


def detail(luma: Float32) -> float:
    """Amplitude of the detail of a face, levels.

    Args:
        luma: (S, S) of its crop, levels of 0..255.
    """
    part = face(gray(luma, _SIDE))
    unit = min(len(luma), _SIDE) / _SIDE
    high = part - np.asarray(cv2.GaussianBlur(part, (0, 0), max(_CUTOFF_SIGMA * unit, 0.5)))
    energy = np.asarray(cv2.GaussianBlur(high * high, (0, 0), max(_LOCAL_SIGMA * unit, 0.5)))
    noise = _NOISE_SPREAD * float(np.percentile(energy, _NOISE_PERCENTILE))
    return math.sqrt(max(float(energy.mean()) - noise, 0.0))


def wanted(details: Sequence[Detail]) -> float:
    """0..1, of the change of a face.

    Args:
        details: of the frames around one, that one among them; at least one.
    """
    shown, _ = _means(details)
    lacking = math.log(_DETAILED / shown) / math.log(_DETAILED / _BARE)
    part = _DETAILED_SHARE + (1 - _DETAILED_SHARE) * min(max(lacking, 0.0), 1.0)
    return part * kept(details)


def kept(details: Sequence[Detail]) -> float:
    """0..1, of the change of a face that a later stage weighs: none where detail would be lost.

    Args:
        details: as for ``wanted``.
    """
    shown, restored = _means(details)
    held = math.log(restored / shown / _LOSES) / math.log(_KEEPS / _LOSES)
    return min(max(held, 0.0), 1.0)


def _means(details: Sequence[Detail]) -> tuple[float, float]:
    """Of what was shown and restored."""
    shown = sum(d.shown for d in details) / len(details) + _NEXT_TO_NOTHING
    restored = sum(d.restored for d in details) / len(details) + _NEXT_TO_NOTHING
    return shown, restored
