"""Which faces are sharper than what the restorer makes of them; these are left alone.

Sharp means holding detail: the luma's energy above 1/8 of the crop's sampling rate, less what is
spread evenly over the face, because noise is and features are not. A face that is larger in the
frame than in the crop is looked at in the frame too, as the crop cannot hold all its detail.

Convention: strengths are 0..1, 1 for a face that is restored as usual.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image, Matrix, Points, RestoredFrame
from vidrestore.paste.mask import dilated, face_outline
from vidrestore.picture.per_track import PerTrack
from vidrestore.resample import compose, inverse, resample

Float32 = NDArray[np.float32]

# Detail of the result over the face's own. Measured: 0.84 on average (0.88 at most) for sharp
# portraits twice as large as the crop; 0.96 at least for worn ones, whatever the wear.
_LEAVE_BELOW = 0.88
_RESTORE_ABOVE = 0.95
_FOLLOW = 0.15  # share of a new frame in the ratio that a track is judged by
_STEP = 0.1  # most by which a strength changes from frame to frame

_CUTOFF_SIGMA = 1.5  # of the low pass that is half at 1/8 of the sampling rate, crop px
_LOCAL_SIGMA = 5.0  # energy is looked at over this distance, crop px
_NOISE_PERCENTILE = 20.0
_NOISE_SPREAD = 1.15  # pure noise's mean energy over that percentile
_INNER = -0.3  # growth of the outline: hair and background do not count
_FINER = 0.95  # crop px per frame px below which the frame holds more than the crop
_LEAST_SIDE = 16  # of the part looked at, crop px
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(slots=True)
class _Judged:
    """What is known of a track: the log of its ratio over time, the verdict, the strength."""

    ratio: float
    left_alone: bool
    strength: float


class SharperFaces:
    """Says how strongly each face is to be restored, calmly over its track."""

    def __init__(self) -> None:
        self._judged: PerTrack[_Judged] = PerTrack()

    def strengths(self, item: RestoredFrame) -> list[float]:
        """One for each face; to be called for every frame, in order."""
        self._judged.advance(shot_start=item.aligned.shot_start)
        strengths = []
        for index, face in enumerate(item.aligned.faces):
            ratio = math.log(detail_gained(item, index))
            judged = _judged(self._judged.get(face.track_id), ratio)
            self._judged[face.track_id] = judged
            strengths.append(judged.strength)
        return strengths


def _judged(before: _Judged | None, ratio: float) -> _Judged:
    """The verdict changes only beyond the other threshold, the strength only step by step."""
    if before is None:
        alone = ratio < math.log(_LEAVE_BELOW)
        return _Judged(ratio, alone, 0.0 if alone else 1.0)
    ratio = before.ratio + _FOLLOW * (ratio - before.ratio)
    alone = ratio < math.log(_RESTORE_ABOVE if before.left_alone else _LEAVE_BELOW)
    step = -_STEP if alone else _STEP
    return _Judged(ratio, alone, min(max(before.strength + step, 0.0), 1.0))


def detail_gained(item: RestoredFrame, index: int) -> float:
    """Detail of a restored face over the face's own in the frame; above 0, 1 where both are none.

    Args:
        item: what was restored.
        index: of the face.
    """
    crops, face = item.aligned.crops, item.aligned.faces[index]
    crop_from_frame = crops.crop_from_frame[index]
    part = _part(face.landmarks, crop_from_frame, crops.pixels.shape[1])
    if part is None:
        return 1.0
    own, result = (_luma(p[index], part) for p in (crops.pixels, item.pixels))
    gained = _ratio(detail(result), detail(own))
    scale = math.hypot(crop_from_frame[0, 0], crop_from_frame[1, 0])
    if scale < _FINER:
        fine = _fine_luma(item.aligned.frame.planes[0], crop_from_frame, part)
        same = np.asarray(cv2.resize(fine, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
        # In the plane's own units, so as a ratio.
        gained *= _ratio(detail(same.astype(np.float32)), detail(fine, 2.0))
    return gained


def detail(luma: Float32, unit: float = 1.0) -> float:
    """Amplitude of what is finer than 1/8 of the crop's sampling rate and is not noise.

    Args:
        luma: (h, w), any units.
        unit: its pixels per crop pixel.
    """
    high = luma - np.asarray(cv2.GaussianBlur(luma, (0, 0), _CUTOFF_SIGMA * unit))
    energy = np.asarray(cv2.GaussianBlur(high * high, (0, 0), _LOCAL_SIGMA * unit))
    noise = _NOISE_SPREAD * float(np.percentile(energy, _NOISE_PERCENTILE))
    return math.sqrt(max(float(energy.mean()) - noise, 0.0))


def _ratio(one: float, other: float) -> float:
    """Of two details; near 1 where neither amounts to anything."""
    return (one + 0.05) / (other + 0.05)


def _part(landmarks: Points, crop_from_frame: Matrix, size: int) -> tuple[slice, slice] | None:
    """Rows and columns of the crop that the features fill."""
    outline = dilated(face_outline(landmarks), _INNER)
    inner = outline @ crop_from_frame[:, :2].T + crop_from_frame[:, 2]
    low = np.clip(np.ceil(inner.min(axis=0)), 0, size).astype(int)
    high = np.clip(np.floor(inner.max(axis=0)), 0, size).astype(int)
    if (high - low).min() < _LEAST_SIDE:
        return None
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


def _luma(crop: Image, part: tuple[slice, slice]) -> Float32:
    """Levels of 0..255."""
    luma = crop[part].astype(np.float32) @ _LUMA
    return luma if crop.dtype == np.uint8 else luma / np.float32(257)


def _fine_luma(plane: Image, crop_from_frame: Matrix, part: tuple[slice, slice]) -> Float32:
    """The part on a grid twice as fine as the crop's, from the frame's first plane."""
    rows, columns = part
    crop_from_fine = np.array([[0.5, 0.0, -0.25], [0.0, 0.5, -0.25]])
    window = (2 * columns.start, 2 * rows.start, 2 * columns.stop, 2 * rows.stop)
    return resample(plane, compose(inverse(crop_from_frame), crop_from_fine), window, mirror=True)
