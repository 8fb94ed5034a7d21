"""Coordinates given what was seen before and what has been seen since."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
from filterpy.kalman import rts_smoother

from vidrestore.track.geometry import Floats
from vidrestore.track.kalman import CoordinateFilter, Noise, Observation, Step

# A detection that is this many expected variances off is an error or a leap of the face.
DOUBTFUL: Final = 12.0


class CoordinateSmoother:
    """A filter that remembers its steps, and smooths the oldest that it remembers.

    What follows a detection and is far from where the face was expected is not believed at first;
    the detection after it tells whether the face is there indeed, and if so the steps since are
    filtered anew.

    Args:
        noise: what to expect.
        first: the first observation.
    """

    def __init__(self, noise: Noise, first: Observation) -> None:
        self._noise = noise
        self._filter = CoordinateFilter(noise, first)
        self._steps = deque([self._filter.last])
        self._before_doubt: Step | None = None
        self._since_doubt: list[Observation] = []

    def __len__(self) -> int:
        """Steps remembered."""
        return len(self._steps)

    @property
    def filtered(self) -> Floats:
        """(width,) the latest positions, as far as known by now."""
        position: Floats = self._filter.last.state[0]
        return position

    def advance(self, observation: Observation) -> None:
        """Move on by one frame."""
        trusted = True
        if observation.span and observation.seen is not None:
            if self._before_doubt is not None:
                self._settle(self._before_doubt, observation)
            elif self._filter.surprise(observation) > DOUBTFUL:
                self._before_doubt, trusted = self._filter.last, False
        if self._before_doubt is not None:
            self._since_doubt.append(observation)
        self._steps.append(self._filter.advance(observation, trusted=trusted))

    def release(self) -> Floats:
        """(width,) positions of the oldest step given all later ones; forgets that step.

        The Rauch-Tung-Striebel pass (AIAA Journal 3(8), 1965) over what is remembered.
        """
        later = list(self._steps)[1:]
        states, *_ = rts_smoother(
            np.array([step.state for step in self._steps]),
            np.array([step.covariance for step in self._steps]),
            [step.transition for step in later],
            [step.disturbance for step in later],
        )
        self._steps.popleft()
        oldest: Floats = states[0, 0]
        return oldest

    def skip(self) -> None:
        """Forget the oldest step."""
        self._steps.popleft()

    def _settle(self, before: Step, observation: Observation) -> None:
        """Keep whichever past makes the new detection the less surprising."""
        other = CoordinateFilter(self._noise, before)
        steps = [other.advance(past) for past in self._since_doubt]
        if other.surprise(observation) < self._filter.surprise(observation):
            self._filter = other
            held = min(len(steps), len(self._steps))
            for _ in range(held):
                self._steps.pop()
            self._steps.extend(steps[len(steps) - held :])
        self._before_doubt = None
        self._since_doubt = []
