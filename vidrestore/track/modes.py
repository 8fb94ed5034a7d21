"""What moves like a head and what moves like an expression.

A linear split of five landmarks into pose (translation, scale and roll of the mean face, fitted
with little weight on the mouth, so that speech does not move the head) and what is left of each
point. The parts move differently, so each has a filter of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vidrestore.datatypes import Points
from vidrestore.picture.face_size import landmark_spread
from vidrestore.track.geometry import MEAN_FACE, Floats
from vidrestore.track.kalman import Noise, Observation
from vidrestore.track.lag import CoordinateSmoother

# Weight of each landmark in the pose.
POSE_WEIGHTS: Final = np.array([1.0, 1.0, 1.0, 0.2, 0.2])


@dataclass(frozen=True, slots=True)
class Split:
    """Linear maps between 10 landmark coordinates (x0, y0, x1, ...) and parts.

    Attributes:
        analysis: (4 + 10, 10): pose, then what is left of each point.
        synthesis: (10, 4 + 10): the inverse, in that synthesis @ analysis is the identity.
        parts: slices of the 14 rows: pose; eyes and nose; mouth.
        gains: standard deviation of each part's coordinates for landmarks of unit noise.
    """

    analysis: Floats
    synthesis: Floats
    parts: tuple[slice, ...]
    gains: tuple[float, ...]


def _split() -> Split:
    weights = np.repeat(POSE_WEIGHTS, 2)
    shape = MEAN_FACE - POSE_WEIGHTS @ MEAN_FACE / POSE_WEIGHTS.sum()
    turned = np.stack([-shape[:, 1], shape[:, 0]], axis=1)
    shift = np.tile(np.eye(2), (5, 1))
    basis = np.column_stack([shift, shape.ravel(), turned.ravel()])
    fit = np.linalg.solve(basis.T * weights @ basis, basis.T * weights)
    # Scale and roll in units that are as noisy as the translation is.
    unit = np.linalg.norm(fit, axis=1) / np.linalg.norm(fit[0])
    fit, basis = fit / unit[:, None], basis * unit
    left = np.eye(10) - basis @ fit
    analysis = np.concatenate([fit, left])
    parts = (slice(0, 4), slice(4, 10), slice(10, 14))
    noise = np.linalg.norm(analysis, axis=1)
    gains = tuple(float(np.sqrt(np.mean(noise[part] ** 2))) for part in parts)
    return Split(analysis, np.concatenate([basis, np.eye(10)], axis=1), parts, gains)


SPLIT: Final = _split()

# Filters of pose, of eyes and nose against it, of the mouth against it. Set by measuring: training
# portraits moved on known paths, speaking and blinking, softened, grainy and compressed, found by
# the default detector at the default cadence. Landmarks carried by optical flow err by about as
# much per frame as a detection does; expecting less followed that error. Mouths hardly move, or at
# once: an expression that appears, or a syllable, is a leap, and smoothing across it would smear
# it. Calmer heads, or more noise, lag behind a quick sway.
POSE_NOISE: Final = Noise(detection=0.010, drift=0.010, agility=1.0, surprise=2.5, placed=1.0)
FACE_NOISE: Final = Noise(detection=0.010, drift=0.010, agility=0.02, surprise=2.0, placed=0.3)
MOUTH_NOISE: Final = Noise(
    detection=0.010, drift=0.005, agility=0.125, surprise=1.6, leap=12.0, placed=0.6
)


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """A frame that is not filtered yet.

    Attributes:
        dt: seconds since the frame before.
        values: (14,) of its parts; None if the face is unseen.
        error: as ``TrackedFace``'s, px.
    """

    dt: float
    values: Floats | None
    error: float | None


class LandmarkSmoother:
    """Smooths five landmarks: pose and expression apart, each with its own noise.

    Frames are filtered once the detection after them is there: only then it is known between which
    detections they lie.

    Args:
        landmarks: (5, 2) px, the first observation.
        error: of these, as ``TrackedFace``'s.
        strength: scales the measurement noise expected; above 0.
        noises: of pose, of eyes and nose, of the mouth.
    """

    def __init__(
        self,
        landmarks: Points,
        error: float | None,
        strength: float,
        noises: tuple[Noise, ...] = (POSE_NOISE, FACE_NOISE, MOUTH_NOISE),
    ) -> None:
        self._size = float(landmark_spread(landmarks))
        values = SPLIT.analysis @ landmarks.ravel()
        self._parts = [
            CoordinateSmoother(
                _scaled(noise, gain * strength),
                Observation(0.0, values[rows], self._size, error=error),
            )
            for noise, rows, gain in zip(noises, SPLIT.parts, SPLIT.gains, strict=True)
        ]
        self._waiting: list[_Waiting] = []
        self._since_detection = 0
        self._span = 1

    def advance(
        self,
        dt: float,
        landmarks: Points | None,
        *,
        measured: bool,
        error: float | None = None,
    ) -> None:
        """Move on by one frame.

        Args:
            dt: seconds since the frame before.
            landmarks: (5, 2) px where the face is seen; None where it is not.
            measured: whether they were seen on this frame, rather than carried over.
            error: of what was placed on this frame, as ``TrackedFace``'s.
        """
        values = None if landmarks is None else SPLIT.analysis @ landmarks.ravel()
        self._waiting.append(_Waiting(dt, values, error))
        if measured and landmarks is not None:
            if not self._since_detection:
                self._span = len(self._waiting)
            self._filter()
            self._since_detection = 0

    def release(self) -> Points:
        """(5, 2) landmarks of the oldest frame not released yet, given all since."""
        if not len(self._parts[0]):
            self._filter()
        return _joined([part.release() for part in self._parts])

    def skip(self) -> None:
        """Forget the oldest frame not released yet, as if it had been released."""
        if not len(self._parts[0]):
            self._filter()
        for part in self._parts:
            part.skip()

    def _filter(self) -> None:
        """Filter the frames that wait; ``_span`` is the interval that they are in, or a guess."""
        broken = any(frame.values is None for frame in self._waiting)
        for frame in self._waiting:
            self._since_detection += 1
            within = not broken and self._since_detection <= self._span
            span = (self._span if self._since_detection == 1 else 0) if within else 1
            for part, rows in zip(self._parts, SPLIT.parts, strict=True):
                seen = None if frame.values is None else frame.values[rows]
                part.advance(Observation(frame.dt, seen, self._size, span, error=frame.error))
            self._size = float(landmark_spread(_joined([part.filtered for part in self._parts])))
        self._waiting = []


def _joined(parts: list[Floats]) -> Points:
    landmarks: Points = (SPLIT.synthesis @ np.concatenate(parts)).reshape(5, 2)
    return landmarks


def _scaled(noise: Noise, factor: float) -> Noise:
    return replace(
        noise,
        detection=noise.detection * factor,
        drift=noise.drift * factor,
        placed=noise.placed * factor,
    )
