"""Where a restoration contradicts its source: something covers the face there.

A restored face, softened, looks like the soft face that it was made of, and what the source shows
distinctly it shows as well. Where it does not, the network drew a face over what is none: a hand, a
microphone, a lock of hair, a caption. There the source stays.

Convention: crops are (S, S, 3) RGB uint8 or uint16, differences (S, S, 3) float32, restored minus
source, levels of 0..255; doubts and weights are (n, n) float32 over the square of the crop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image
from vidrestore.picture.luma import LUMA
from vidrestore.picture.per_track import PerTrack

Float32 = NDArray[np.float32]

_GRID = 64  # side of doubts and weights
_SIGMA = 1 / 32  # of the crop's side: features gain contrast below this size, not above
# Softened difference, in levels, at which half of the restoration stays. Measured: the true face
# differs by 8.6 at most from one worn heavily, our network's by 6.1.
_TOLERANCE = 18.0
# The same for what one frame shows alone: dust is not to be kept for being seen once.
_MOMENTARY = 40.0

_FINE = 128  # side of the picture in which distinct structure is looked for
_BAND = (1.0, 4.0)  # sigmas between which structure is distinct, its cells
_WINDOW = 3.0  # sigma of the neighbourhood that is compared, its cells
# Structure of the source that the result lacks, in levels: this much, and this many times what is
# usual over the face (noise and blocks, which are to go), halves the restoration.
_LACKING = 8.0
_USUAL = 4.0

_STEEPNESS = 8
_RETURN = 0.3  # share of a new frame in weights that rise again; they fall at once


class Doubt(NamedTuple):
    """(n, n) each, 1 where half of the restoration is to stay: if it lasts, and whatever comes."""

    lasting: Float32
    momentary: Float32


def doubt(source: Image, difference: Float32, mask: Float32) -> Doubt:
    """How far a restoration contradicts its source, point by point.

    Args:
        source: the crop.
        difference: slow differences of colour and light already taken away.
        mask: where the face is.
    """
    soft = _softened(difference)
    lasting = np.maximum(soft / np.float32(_TOLERANCE), _lacking(source, difference, mask))
    return Doubt(lasting, soft / np.float32(_MOMENTARY))


def believed(doubts: Float32) -> Float32:
    """Weights: 1 where there is no doubt, half at 1, near 0 beyond."""
    return np.asarray(1 / (1 + doubts**_STEEPNESS), np.float32)


@dataclass(slots=True)
class _Seen:
    """What is known of a track: the doubt of the frame before, and its weights."""

    doubts: Float32
    weights: Float32


class Agreement:
    """How far each point of a restoration may be believed, calm over its track.

    What is doubted in two frames in a row counts, and what is doubted strongly counts at once.
    Weights fall at once and rise slowly, so that their edge does not flicker.
    """

    def __init__(self) -> None:
        self._seen: PerTrack[_Seen] = PerTrack()

    def begin(self, *, shot_start: bool) -> None:
        """To be called before the faces of each frame, in order, of one without faces too."""
        self._seen.advance(shot_start=shot_start)

    def weights(self, track_id: int, seen: Doubt) -> Float32:
        """(n, n), smooth, 0..1; to be asked once a frame for each track."""
        before = self._seen.get(track_id)
        lasting = seen.lasting
        if before is not None:
            lasting = np.minimum(lasting, before.doubts)
        weights = believed(np.maximum(lasting, seen.momentary))
        if before is not None:
            slowly = before.weights + np.float32(_RETURN) * (weights - before.weights)
            weights = np.minimum(weights, slowly)
        self._seen[track_id] = _Seen(seen.lasting, weights)
        return weights


def _softened(difference: Float32) -> Float32:
    """(n, n) greatest difference of a channel, softened, levels; what is beside it counts too."""
    grid = min(_GRID, len(difference))
    small = np.asarray(cv2.resize(difference, (grid, grid), interpolation=cv2.INTER_AREA))
    soft = np.asarray(cv2.GaussianBlur(small, (0, 0), _SIGMA * grid), np.float32)
    moved = np.abs(soft).max(axis=-1)
    reach = np.ones((3, 3), np.uint8)  # a softened edge is half on either side
    return np.asarray(cv2.dilate(moved, reach), np.float32)


def _lacking(source: Image, difference: Float32, mask: Float32) -> Float32:
    """(n, n) distinct structure of the source that the result lacks, 1 where that is too much.

    In each neighbourhood the result, weakened as fits best, is taken away from the source, both
    reduced to the same band: what a blurred face shows is explained by a sharper one.
    """
    side, grid = min(_FINE, len(difference)), min(_GRID, len(difference))
    small = (side, side)
    scale = np.float32(1.0 if source.dtype == np.uint8 else 1 / 257)
    shown = cv2.resize(source, small, interpolation=cv2.INTER_AREA).astype(np.float32) @ LUMA
    change = cv2.resize(difference, small, interpolation=cv2.INTER_AREA) @ LUMA
    own = _band(shown * scale)
    result = own + _band(change)
    together, energy, restored = (
        np.asarray(cv2.GaussianBlur(product, (0, 0), _WINDOW))
        for product in (own * result, own * own, result * result)
    )
    share = np.clip(together / (restored + 1), 0, 1)
    left = np.sqrt(np.maximum(energy - (2 * together - share * restored) * share, 0))
    face = np.asarray(cv2.resize(mask, small)) > 0.5
    usual = float(np.median(left[face])) if face.any() else 0.0
    left /= np.float32(max(_LACKING, _USUAL * usual))
    return np.asarray(cv2.resize(left, (grid, grid), interpolation=cv2.INTER_AREA), np.float32)


def _band(plane: Float32) -> Float32:
    """What lies between the two sizes."""
    fine, coarse = (np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma)) for sigma in _BAND)
    return np.asarray(fine - coarse, np.float32)
