"""How calm landmarks and pixels are over time.

Tracks of points are (T, K, 2) xy px, one entry per frame in order; NaN marks a frame without an
estimate. Distances multiply by ``scale`` (a number, or one per frame), the pixels of the 512 crop
per pixel of the points, so that large and small faces compare.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidrestore.measure.levels import counted, levels

Scale = float | NDArray[np.float64]


def landmark_error(estimate: NDArray[Any], truth: NDArray[Any], scale: Scale = 1.0) -> float:
    """Mean distance between estimated and true landmarks, px.

    Raises:
        ValueError: if the shapes differ or no frame has both.
    """
    residual = _scaled(estimate, scale) - _scaled(truth, scale)
    return _mean(np.linalg.norm(residual, axis=-1), "frame with an estimate")


def jitter(estimate: NDArray[Any], truth: NDArray[Any] | None = None, scale: Scale = 1.0) -> float:
    """Root mean square over time of the second difference of the landmarks, px per frame squared.

    Of ``e = estimate - truth``, or of the estimate itself where there is no truth:
    ``sqrt(mean |e[t-1] - 2 e[t] + e[t+1]|^2)``, over frames and landmarks. A constant bias and a
    steady drift are no jitter.

    Raises:
        ValueError: if the shapes differ or no three frames in a row have an estimate.
    """
    residual = _scaled(estimate, scale)
    if truth is not None:
        residual = residual - _scaled(truth, scale)
    second = residual[:-2] - 2.0 * residual[1:-1] + residual[2:]
    return float(np.sqrt(_mean(np.sum(second**2, axis=-1), "three estimates in a row")))


def lag(
    smoothed: NDArray[Any],
    per_frame: NDArray[Any],
    truth: NDArray[Any],
    scale: Scale = 1.0,
    least_speed: float = 0.5,
) -> float:
    """How far the smoothed landmarks trail the per-frame ones along the motion, px.

    The mean of ``(per_frame - smoothed) . u`` with u the direction in which the landmark moves.
    Against the per-frame estimate rather than the truth, a detector's bias does not count.

    Args:
        smoothed: (T, K, 2).
        per_frame: (T, K, 2), the same detector without smoothing.
        truth: (T, K, 2), for the direction: the central difference of its positions.
        scale: pixels of the 512 crop per pixel.
        least_speed: px per frame (after scaling) below which a landmark has no direction.

    Returns:
        px; positive when behind, negative when ahead.

    Raises:
        ValueError: if the shapes differ or nothing moves.
    """
    true = _scaled(truth, scale)
    # a growing face must not count as one that moves: the scale of frame t holds for its step too
    step = np.empty_like(true)
    unscaled = np.gradient(_points(truth), axis=0)
    step[:] = unscaled * _column(scale, len(true))
    speed = np.linalg.norm(step, axis=-1, keepdims=True)
    behind = _scaled(per_frame, scale) - _scaled(smoothed, scale)
    with np.errstate(invalid="ignore", divide="ignore"):
        along = np.sum(behind * step / speed, axis=-1)
    return _mean(np.where(speed[..., 0] >= least_speed, along, np.nan), "moving landmark")


def boil(pictures: NDArray[Any], mask: NDArray[Any] | None = None) -> float:
    """Standard deviation over time per sample, averaged over the pixels counted; levels.

    For a clip whose truth stands still: all that changes is noise, compression or the restorer's
    own unrest.

    Args:
        pictures: (T, H, W, 3), T of at least 2.
        mask: (H, W) or None.

    Raises:
        ValueError: if there are fewer than two pictures or the mask counts nothing.
    """
    if pictures.ndim != 4 or len(pictures) < 2:
        raise ValueError(f"pictures of shape {pictures.shape}, expected (T, H, W, 3), T over 1")
    chosen = counted(mask, (pictures.shape[1], pictures.shape[2]))
    return float(np.mean(levels(pictures)[:, chosen].std(axis=0)))


def _points(points: NDArray[Any]) -> NDArray[np.float64]:
    track = np.asarray(points, np.float64)
    if track.ndim != 3 or track.shape[-1] != 2:
        raise ValueError(f"landmarks of shape {track.shape}, expected (T, K, 2)")
    return track


def _column(scale: Scale, frames: int) -> NDArray[np.float64]:
    """The scale, ready to multiply (T, K, 2)."""
    values = np.asarray(scale, np.float64)
    if values.shape not in {(), (frames,)}:
        raise ValueError(f"a scale of shape {values.shape} for {frames} frames")
    return values.reshape(-1, 1, 1)


def _scaled(points: NDArray[Any], scale: Scale) -> NDArray[np.float64]:
    track = _points(points)
    return np.asarray(track * _column(scale, len(track)), np.float64)


def _mean(values: NDArray[np.float64], what: str) -> float:
    known = values[np.isfinite(values)]
    if not known.size:
        raise ValueError(f"there is no {what}")
    return float(known.mean())
