"""The Kalman filter of a face's coordinates, and its windowed smoothing.

Each scalar coordinate has the state (position, velocity, offset). A detector's error stays in the
landmarks as they are carried over to the frames that follow, so it is a state of its own: drawn
anew by every detection, nearly constant in between. Carried landmarks thus tell motion precisely
and position no better than the detection that they come from.

    position' = position + dt * velocity        white acceleration noise
    offset'   = drawn anew (measured) or offset + drift (carried)
    seen      = position + offset

Coordinates with equal noise share one covariance: the state is (3, width) and a step costs the same
for one coordinate as for ten. Units are the caller's pixels and seconds; noise is given in face
sizes, so that results scale with the face. The filter is filterpy's, as is the Rauch-Tung-Striebel
pass (AIAA Journal 3(8), 1965).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from filterpy.kalman import KalmanFilter

from vidrestore.track.geometry import Floats

Sight = Literal["measured", "propagated", "missing"]

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
            the model did not expect, and raise the step's acceleration noise to fit; an isolated
            detection beyond ``outlier`` is distrusted instead.
        outlier: see ``surprise``.
    """

    detection: float = 0.015
    drift: float = 0.003
    agility: float = 0.1
    surprise: float = 2.0
    outlier: float = 16.0


@dataclass(frozen=True, slots=True)
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
        first: (width,) first sight.
        size: the face's size then, px.
    """

    def __init__(self, noise: Noise, first: Floats, size: float) -> None:
        self._noise = noise
        self._filter = KalmanFilter(dim_x=3, dim_z=1)
        self._filter.x = np.zeros((3, len(first)))
        self._filter.x[0] = first
        spread = np.array([FIRST_POSITION, FIRST_SPEED, noise.detection]) * size
        self._filter.P = np.diag(spread**2)
        self._distrusted = False
        self._update(first, size)
        self.last = self._step(np.eye(3), np.diag(spread**2))

    def predicted(self, dt: float, damping: float = 0.0) -> Floats:
        """(width,) where the coordinates will be ``dt`` seconds on; changes nothing.

        With ``damping`` (per second) the speed dies away.
        """
        dt = float(np.clip(dt, SHORTEST_STEP, LONGEST_STEP))
        position: Floats = self._filter.x[0] + _reach(dt, damping) * self._filter.x[1]
        return position

    def advance(
        self, dt: float, sight: Sight, seen: Floats | None, size: float, damping: float = 0.0
    ) -> Step:
        """Move on by one frame.

        Args:
            dt: seconds since the frame before.
            sight: where ``seen`` comes from; "missing" means that there is none.
            seen: (width,) coordinates, or None.
            size: the face's size, px.
            damping: rate, per second, at which the speed is expected to die away.

        Returns:
            The filtered step, for ``smoothed``.
        """
        dt = float(np.clip(dt, SHORTEST_STEP, LONGEST_STEP))
        before, covariance = self._filter.x, self._filter.P
        transition = np.eye(3)
        transition[0, 1] = _reach(dt, damping)
        transition[1, 1] = np.exp(-damping * dt)
        noise = self._noise
        fresh = sight == "measured"
        transition[2, 2] = 0.0 if fresh else 1.0
        offset = (noise.detection if fresh else noise.drift) * size
        unit = size**2 * noise.agility
        disturbance = np.zeros((3, 3))
        disturbance[:2, :2] = unit * np.array([(dt**3 / 3, dt**2 / 2), (dt**2 / 2, dt)])
        disturbance[2, 2] = offset**2
        self._filter.predict(F=transition, Q=disturbance)
        if seen is not None and sight != "missing":
            excess, expected = self._surprise(seen, size)
            ratio = excess / expected
            if fresh and ratio > noise.outlier and not self._distrusted:
                # One detection far off is more often an error than a leap; the next one tells.
                disturbance[2, 2] += excess
                self._distrusted = True
            else:
                self._distrusted &= not fresh
                if ratio > noise.surprise:
                    raised = 1 + (excess - expected) / (unit * dt**3 / 3)
                    disturbance[:2, :2] *= min(raised, MOST_AGILE)
            self._filter.x, self._filter.P = before, covariance
            self._filter.predict(F=transition, Q=disturbance)
            self._update(seen, size)
        else:
            self._filter.update(None)
        self.last = self._step(transition, disturbance)
        return self.last

    def _surprise(self, seen: Floats, size: float) -> tuple[float, float]:
        """Mean squared innovation, and its expectation."""
        innovation = seen - (SEEN @ self._filter.x)[0]
        expected = (SEEN @ self._filter.P @ SEEN.T).item() + (RESIDUE * size) ** 2
        return float(np.mean(innovation**2)), expected

    def _update(self, seen: Floats, size: float) -> None:
        # filterpy takes a row of several coordinates when it is given H along with it.
        self._filter.update(seen[None], R=np.array([[(RESIDUE * size) ** 2]]), H=SEEN)

    def _step(self, transition: Floats, disturbance: Floats) -> Step:
        return Step(self._filter.x.copy(), self._filter.P.copy(), transition, disturbance)


def _reach(dt: float, damping: float) -> float:
    """How far unit speed goes in ``dt`` seconds while it dies away."""
    return dt if damping <= 0 else float(-np.expm1(-damping * dt) / damping)


def smoothed(steps: list[Step]) -> Floats:
    """Positions of the first of some consecutive steps, given all of them.

    Returns:
        (width,) Rauch-Tung-Striebel estimate.
    """
    states, *_ = KalmanFilter(3, 1).rts_smoother(
        np.array([step.state for step in steps]),
        np.array([step.covariance for step in steps]),
        Fs=[step.transition for step in steps],
        Qs=[step.disturbance for step in steps],
    )
    first: Floats = states[0, 0]
    return first
