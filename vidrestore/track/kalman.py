"""The Kalman filter of a face's coordinates.

Each scalar coordinate has the state (position, velocity, offset, slope). Between two detections
landmarks are carried over from both, blended by nearness, so that the error of one detection passes
into that of the next little by little. It is a state of its own for that: the offset runs straight
from one random draw to the next, n frames on. Carried landmarks thus tell motion precisely and
position no better than the detections that they come from.

    position' = position + dt * velocity                       white acceleration noise
    offset'   = offset + slope'                                drift
    slope'    = slope, or after a detection (draw - offset) / n
    seen      = position + offset

Coordinates with equal noise share one covariance: the state is (4, width) and a step costs the same
for one coordinate as for ten. Units are the caller's pixels and seconds; noise is given in face
sizes, so that results scale with the face. The filter itself is filterpy's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from filterpy.kalman import KalmanFilter

from vidrestore.track.geometry import Floats

SEEN = np.array([[1.0, 0.0, 1.0, 0.0]])

# Rounding of coordinates and model error, in face sizes; keeps covariances regular.
RESIDUE = 1e-3

# Before a first observation: anywhere (in sizes), at any speed a head can have (sizes a second).
FIRST_POSITION = 3.0
FIRST_SPEED = 3.0

# A step between frames lasts this long at least and at most, seconds: timestamps may be broken.
SHORTEST_STEP = 1e-3
LONGEST_STEP = 1.0

# How far one step's acceleration noise may be raised over the model's.
MOST_AGILE = 1e5


@dataclass(frozen=True, slots=True)
class Noise:
    """What a coordinate's filter expects, in face sizes and seconds.

    Attributes:
        detection: standard deviation of a detection's error.
        drift: standard deviation of the error that each carried frame adds.
        agility: spectral density of the acceleration noise, sizes squared per cubic second.
        surprise: innovations beyond this many expected variances mean that the face moves in a way
            the model did not expect.
        leap: what a surprise is taken for: 0, an acceleration, whose noise is raised to fit; above
            0, a leap of the position within the step, whose variance is this many times what was
            not expected.
        placed: standard deviation, from frame to frame, of what was placed on the frame itself, in
            parts of the error that it is expected to have, most of which does not change.
    """

    detection: float = 0.015
    drift: float = 0.003
    agility: float = 0.1
    surprise: float = 2.0
    leap: float = 0.0
    placed: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What one frame tells of some coordinates.

    Attributes:
        dt: seconds since the frame before.
        seen: (width,) coordinates, px; None if there is nothing.
        size: of the face, px.
        span: right after a detection, the number of frames from it to the next; 1 also where an
            observation's error has nothing to do with that before; 0 on the frames in between.
        damping: rate, per second, at which the speed is expected to die away.
        error: that it is expected to have if it was placed on this very frame, in the size's
            pixels; None for a detection and what is carried from it.
    """

    dt: float
    seen: Floats | None
    size: float
    span: int = 1
    damping: float = 0.0
    error: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One filtered frame: the posterior, and how it was reached from the frame before.

    Attributes:
        state: (4, width) posterior mean.
        covariance: (4, 4), shared by all coordinates.
        transition: (4, 4) from the step before.
        disturbance: (4, 4) process noise of this step, as finally used.
    """

    state: Floats
    covariance: Floats
    transition: Floats
    disturbance: Floats


class CoordinateFilter:
    """Filters coordinates that share their noise.

    Args:
        noise: what to expect.
        start: the first observation, or a step to go on from.
    """

    def __init__(self, noise: Noise, start: Observation | Step) -> None:
        self._noise = noise
        self._lost = False
        self._filter = KalmanFilter(dim_x=4, dim_z=1)
        if isinstance(start, Step):
            self._filter.x, self._filter.P = start.state, start.covariance
            self.last = start
            return
        if start.seen is None:
            raise ValueError("a track starts with an observation")
        detection, _ = self._errors(start)
        deviation = np.array([FIRST_POSITION, FIRST_SPEED, detection, RESIDUE]) * start.size
        self._filter.P = np.diag(deviation**2)
        self._filter.x = np.zeros((4, len(start.seen)))
        self._filter.x[0] = start.seen
        self._update(start.seen, start.size)
        self.last = Step(self._filter.x, self._filter.P, np.eye(4), np.diag(deviation**2))

    def predicted(self, dt: float, damping: float = 0.0) -> Floats:
        """(width,) where the coordinates will be ``dt`` seconds on; changes nothing."""
        position: Floats = self._filter.x[0] + _reach(_sane(dt), damping) * self._filter.x[1]
        return position

    def surprise(self, observation: Observation) -> float:
        """Mean squared innovation of what was seen over its expectation; changes nothing.

        0 where nothing is or was seen: after a gap no place is surprising.
        """
        if observation.seen is None or self._lost:
            return 0.0
        transition, disturbance = self._model(observation)
        state = transition @ self._filter.x
        covariance = transition @ self._filter.P @ transition.T + disturbance
        excess, expected = _innovation(state, covariance, observation.seen, observation.size)
        return excess / expected

    def advance(self, observation: Observation, *, trusted: bool = True) -> Step:
        """Move on by one frame.

        Args:
            observation: what it tells.
            trusted: whether to believe, of a surprising observation, that the face moved rather
                than that the observation is wrong.

        Returns:
            The filtered step.
        """
        kalman = self._filter
        before = kalman.x, kalman.P
        transition, disturbance = self._model(observation)
        kalman.predict(F=transition, Q=disturbance)
        if observation.seen is None:
            kalman.update(None)
        else:
            excess, expected = _innovation(kalman.x, kalman.P, observation.seen, observation.size)
            if excess > self._noise.surprise * expected and not self._lost:
                if not trusted:
                    disturbance[2:, 2:] += excess
                elif self._noise.leap:
                    disturbance[0, 0] += self._noise.leap * (excess - expected)
                else:
                    raised = 1 + (excess - expected) / disturbance[0, 0]
                    disturbance[:2, :2] *= min(raised, MOST_AGILE)
                kalman.x, kalman.P = before
                kalman.predict(F=transition, Q=disturbance)
            self._update(observation.seen, observation.size)
        self._lost = observation.seen is None
        self.last = Step(kalman.x, kalman.P, transition, disturbance)
        return self.last

    def _model(self, observation: Observation) -> tuple[Floats, Floats]:
        """Transition and process noise of the step to a frame."""
        dt, noise, size = _sane(observation.dt), self._noise, observation.size
        detection, drift = self._errors(observation)
        transition = np.eye(4)
        transition[0, 1] = _reach(dt, observation.damping)
        transition[1, 1] = math.exp(-observation.damping * dt)
        if observation.span:
            transition[2:, 2] = 1 - 1 / observation.span, -1 / observation.span
            transition[3, 3] = 0.0
            draw = (detection * size / observation.span) ** 2
        else:
            transition[2, 3] = 1.0
            draw = 0.0
        unit = size**2 * noise.agility
        residue = (RESIDUE * size) ** 2
        disturbance = np.array(
            [
                (unit * dt**3 / 3, unit * dt**2 / 2, 0.0, 0.0),
                (unit * dt**2 / 2, unit * dt, 0.0, 0.0),
                (0.0, 0.0, draw + (drift * size) ** 2, draw),
                (0.0, 0.0, draw, draw + residue),
            ]
        )
        return transition, disturbance

    def _errors(self, observation: Observation) -> tuple[float, float]:
        """Standard deviations of a detection's error and of what carrying adds, in sizes."""
        if observation.error is None:
            return self._noise.detection, self._noise.drift
        return self._noise.placed * observation.error / observation.size, 0.0

    def _update(self, seen: Floats, size: float) -> None:
        # filterpy takes a row of several coordinates when it is given H along with it.
        self._filter.update(seen[None], R=np.array([[(RESIDUE * size) ** 2]]), H=SEEN)


def _innovation(
    state: Floats, covariance: Floats, seen: Floats, size: float
) -> tuple[float, float]:
    """Mean squared innovation, and its expectation."""
    error = seen - state[0] - state[2]
    expected = covariance[0, 0] + 2 * covariance[0, 2] + covariance[2, 2] + (RESIDUE * size) ** 2
    return float(error @ error) / len(error), float(expected)


def _sane(dt: float) -> float:
    return min(max(dt, SHORTEST_STEP), LONGEST_STEP)


def _reach(dt: float, damping: float) -> float:
    """How far unit speed goes in ``dt`` seconds while it dies away."""
    return dt if damping <= 0 else -math.expm1(-damping * dt) / damping
