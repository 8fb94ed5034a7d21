"""The Kalman filter of a face's coordinates.

Each scalar coordinate has the state (position, velocity, offset). A detector's error stays in the
landmarks as they are carried over to the frames that follow, so it is a state of its own: drawn
anew by every detection, nearly constant in between. Carried landmarks thus tell motion precisely
and position no better than the detection that they come from.

    position' = position + dt * velocity        white acceleration noise
    offset'   = drawn anew (measured) or offset + drift (carried)
    seen      = position + offset

Coordinates with equal noise share one covariance: the state is (3, width) and a step costs the same
for one coordinate as for ten. Units are the caller's pixels and seconds; noise is given in face
sizes, so that results scale with the face. The filter itself is filterpy's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from filterpy.kalman import KalmanFilter

from vidrestore.track.geometry import Floats

SEEN = np.array([[1.0, 0.0, 1.0]])

# Rounding of coordinates and model error, in face sizes; keeps covariances regular.
RESIDUE = 1e-3

# Before a first sight: anywhere (in sizes) and at any speed a head can have (sizes per second).
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
            the model did not expect, and raise the step's acceleration noise to fit.
    """

    detection: float = 0.015
    drift: float = 0.003
    agility: float = 0.1
    surprise: float = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What one frame tells of some coordinates.

    Attributes:
        dt: seconds since the frame before.
        source: where ``seen`` comes from; "missing" if there is nothing.
        seen: (width,) coordinates, px; empty if there is nothing.
        size: of the face, px.
        damping: rate, per second, at which the speed is expected to die away.
    """

    dt: float
    source: Literal["measured", "propagated", "missing"]
    seen: Floats
    size: float
    damping: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One filtered frame: the posterior, and how it was reached from the frame before.

    Attributes:
        state: (3, width) posterior mean.
        covariance: (3, 3), shared by all coordinates.
        transition: (3, 3) from the step before.
        disturbance: (3, 3) process noise of this step, as finally used.
    """

    state: Floats
    covariance: Floats
    transition: Floats
    disturbance: Floats


class CoordinateFilter:
    """Filters coordinates that share their noise.

    Args:
        noise: what to expect.
        start: the first sight, or a step to go on from.
    """

    def __init__(self, noise: Noise, start: Sight | Step) -> None:
        self._noise = noise
        self._filter = KalmanFilter(dim_x=3, dim_z=1)
        if isinstance(start, Step):
            self._filter.x, self._filter.P = start.state, start.covariance
            self.last = start
            return
        spread = np.diag(
            (np.array([FIRST_POSITION, FIRST_SPEED, noise.detection]) * start.size) ** 2
        )
        self._filter.x = np.zeros((3, len(start.seen)))
        self._filter.x[0] = start.seen
        self._filter.P = spread
        self._update(start)
        self.last = Step(self._filter.x, self._filter.P, np.eye(3), spread)

    def predicted(self, dt: float, damping: float = 0.0) -> Floats:
        """(width,) where the coordinates will be ``dt`` seconds on; changes nothing."""
        position: Floats = self._filter.x[0] + _reach(_sane(dt), damping) * self._filter.x[1]
        return position

    def surprise(self, sight: Sight) -> float:
        """Mean squared innovation of what was seen over its expectation; changes nothing."""
        transition, disturbance = self._model(sight)
        state = transition @ self._filter.x
        covariance = transition @ self._filter.P @ transition.T + disturbance
        excess, expected = _innovation(state, covariance, sight)
        return excess / expected

    def advance(self, sight: Sight, *, trusted: bool = True) -> Step:
        """Move on by one frame.

        Args:
            sight: what it tells.
            trusted: whether to believe a surprising detection that the face moved, rather than that
                the detection is wrong.

        Returns:
            The filtered step.
        """
        kalman = self._filter
        before = kalman.x, kalman.P
        transition, disturbance = self._model(sight)
        kalman.predict(F=transition, Q=disturbance)
        if sight.source == "missing":
            kalman.update(None)
        else:
            excess, expected = _innovation(kalman.x, kalman.P, sight)
            if excess > self._noise.surprise * expected:
                if trusted:
                    moved = disturbance[0, 0]
                    disturbance[:2, :2] *= min(1 + (excess - expected) / moved, MOST_AGILE)
                else:
                    disturbance[2, 2] += excess
                kalman.x, kalman.P = before
                kalman.predict(F=transition, Q=disturbance)
            self._update(sight)
        self.last = Step(kalman.x, kalman.P, transition, disturbance)
        return self.last

    def _model(self, sight: Sight) -> tuple[Floats, Floats]:
        """Transition and process noise of the step to a frame."""
        dt, noise = _sane(sight.dt), self._noise
        fresh = sight.source == "measured"
        offset = (noise.detection if fresh else noise.drift) * sight.size
        unit = sight.size**2 * noise.agility
        transition = np.array(
            [
                (1.0, _reach(dt, sight.damping), 0.0),
                (0.0, math.exp(-sight.damping * dt), 0.0),
                (0.0, 0.0, 0.0 if fresh else 1.0),
            ]
        )
        disturbance = np.array(
            [
                (unit * dt**3 / 3, unit * dt**2 / 2, 0.0),
                (unit * dt**2 / 2, unit * dt, 0.0),
                (0.0, 0.0, offset**2),
            ]
        )
        return transition, disturbance

    def _update(self, sight: Sight) -> None:
        # filterpy takes a row of several coordinates when it is given H along with it.
        self._filter.update(sight.seen[None], R=_residue(sight), H=SEEN)


def _innovation(state: Floats, covariance: Floats, sight: Sight) -> tuple[float, float]:
    """Mean squared innovation, and its expectation."""
    error = sight.seen - state[0] - state[2]
    expected = covariance[0, 0] + 2 * covariance[0, 2] + covariance[2, 2]
    return float(error @ error) / len(error), float(expected + _residue(sight)[0, 0])


def _residue(sight: Sight) -> Floats:
    return np.array([[(RESIDUE * sight.size) ** 2]])


def _sane(dt: float) -> float:
    return min(max(dt, SHORTEST_STEP), LONGEST_STEP)


def _reach(dt: float, damping: float) -> float:
    """How far unit speed goes in ``dt`` seconds while it dies away."""
    return dt if damping <= 0 else -math.expm1(-damping * dt) / damping
