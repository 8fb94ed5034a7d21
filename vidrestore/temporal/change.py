"""How far the source has changed between two frames, apart from noise and light.

From that follows what a frame that shows another's face may count beside it.

Convention: grays are (n, n) float32 luma in levels of 0..255; the other one is already brought into
this one's places. Energies are (n, n) float32, levels squared.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

# In parts of the grid's side: differences finer than the first are grain, the energy of what is
# left is taken over surroundings of the second. Measured against true changes of talking faces,
# this local energy tells change from none better than gradients, census or round trips of flow.
_FINE = 0.7 / 128
_LOCAL = 1.5 / 128
# The same in frame pixels, where these are larger: nothing finer is real.
_FINE_PIXELS = 0.6
_LOCAL_PIXELS = 1.5

_COARSER = 3.0  # what noise shows of within a frame is finer than so many times the first

_LARGE_PIXEL = 0.5 / 128  # parts of the side that a frame pixel fills, beyond which a face is small
_NOISE_SIGMAS = 2.0  # of the noise: change that e-folds a weight
_NOISE_SIGMAS_SMALL = 3.0
_USUAL = 25.0  # percentile of the face's energy that noise makes: features move, skin rests

_EVERY = 2  # rows and columns of which the percentiles of a picture are taken

_FACE = (0.25, 0.86), (0.20, 0.80)  # rows and columns of the features, in parts of the side


def face(picture: Float32) -> Float32:
    """The part of a crop that the features fill."""
    side = len(picture)
    (top, bottom), (left, right) = _FACE
    return picture[int(top * side) : int(bottom * side), int(left * side) : int(right * side)]


def is_small(pixel: float) -> bool:
    """Whether a face has fewer pixels of its own than the grids that it is looked at on.

    Args:
        pixel: size of a frame's pixel, in parts of the crop's side.
    """
    return pixel > _LARGE_PIXEL


def most(gray: Float32, pixel: float) -> float:
    """The energy that noise can make at most of a change from a frame to another.

    Noise shows within a single frame too. Where the flow to another is wrong everywhere, as when
    somebody rushes by, change is larger than that, and is no noise.

    Args:
        gray: (n, n) of a frame.
        pixel: size of a frame's pixel, in parts of the crop's side.
    """
    fine, local = _scales(len(gray), pixel)
    soft = cv2.GaussianBlur(gray, (0, 0), fine)
    detail = soft - cv2.GaussianBlur(gray, (0, 0), _COARSER * fine)
    return usual(np.asarray(cv2.GaussianBlur(detail * detail, (0, 0), local), np.float32))


def energy(now: Float32, other: Float32, pixel: float) -> Float32:
    """(n, n) local mean square of the change.

    Args:
        now: this frame's gray.
        other: another frame's, brought over and in the same light.
        pixel: size of a frame's pixel, in parts of the crop's side.
    """
    fine, local = _scales(len(now), pixel)
    moved = cv2.GaussianBlur(now - other, (0, 0), fine)
    return np.asarray(cv2.GaussianBlur(moved * moved, (0, 0), local), np.float32)


def _scales(side: int, pixel: float) -> tuple[float, float]:
    """Sigmas of what is too fine to be looked at, and of what energy is taken over; px."""
    fine = max(_FINE, _FINE_PIXELS * pixel) * side
    return fine, max(_LOCAL, _LOCAL_PIXELS * pixel) * side


def usual(change: Float32) -> float:
    """The energy that noise makes of a change between two frames."""
    return _ranked(face(change), _USUAL)


def weights(change: Float32, noise: float, tolerance: float, pixel: float) -> Float32:
    """(n, n) 0..1, what another frame counts beside this one.

    Args:
        change: its energy of change.
        noise: the energy that noise makes on this track.
        tolerance: change that e-folds a weight where there is no noise, levels.
        pixel: size of a frame's pixel, in parts of the crop's side.
    """
    sigmas = _NOISE_SIGMAS_SMALL if is_small(pixel) else _NOISE_SIGMAS
    scale = 2 * sigmas**2 * noise + tolerance**2
    beyond = np.maximum(change - np.float32(noise), 0)
    beyond *= np.float32(-1 / scale)
    return np.asarray(cv2.exp(beyond), np.float32)


def trust(change: Float32, noise: float, tolerance: float) -> float:
    """0..1, what another frame counts as a whole: less where nearly all of a face has changed.

    Args:
        change: its energy of change.
        noise: the energy that noise makes on this track; between far frames it makes up to twice as
            much.
        tolerance: as in ``weights``.
    """
    beyond = max(usual(change) - 2 * noise, 0.0)
    return math.exp(-beyond / (2 * noise + tolerance**2))


def brightness(other: Float32, now: Float32) -> float:
    """Levels by which this frame is brighter than another; what moves sways it little."""
    return _ranked(face(now) - face(other), 50.0)


def _ranked(values: Float32, percentile: float) -> float:
    """The value below which so many percent of a picture lie, by every fourth of them."""
    some = values[::_EVERY, ::_EVERY].ravel()
    rank = round((len(some) - 1) * percentile / 100)
    return float(np.partition(some, rank)[rank])
