"""Flicker of light: levels and contrast that go up and down from frame to frame.

What a scene's light does is seldom that: a lamp is switched, a picture fades, a camera adapts. Such
changes bend the course of light over time at a few frames, flicker at most of them. So its size is
the median bend (second difference) of the course around a frame, which a minority of the frames
cannot move, and where it is small nothing is flicker.

Convention: tones lead from the frame in question to the others, levels are 0..255.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Tone

Floats = NDArray[np.float64]

REACH: Final = 12  # frames on either side that a frame is compared with

_LEAST_FRAMES: Final = 11  # around a frame, itself included: fewer cannot tell flicker from steps
# Size of flicker, in levels, that is none, and from which on all of it goes. Measured: at most 0.4
# on clips without any, 1.1 on one that shakes, 2 to 4 on flickering film.
_NONE, _ALL = 1.2, 2.0
_REPEATED: Final = 0.05  # levels that the light of a repeated frame differs by at most
_BEND: Final = 0.6745 * math.sqrt(6)  # median second difference of noise of deviation 1
_STEP: Final = 4.0  # times the flicker: a change of light beyond this is one of the scene
_ROUNDS: Final = 4
_TREND: Final = 2.0  # standard errors below which a slope is taken for none
_LARGEST: Final = 2.0  # gain, either way, beyond which nothing is believed


def correction(before: Sequence[Tone], after: Sequence[Tone], level: float, spread: float) -> Tone:
    """What takes the flicker out of a frame: nothing at all (1, 0) where there is none.

    Its light is brought to the course that the frames around it follow: a line through their light
    within ``REACH``, nearer ones counting more, steps aside.

    Args:
        before: tones to the frames before, the nearest first, of the same shot.
        after: tones to the frames after, likewise.
        level: mean luma of the frame.
        spread: its standard deviation.
    """
    tones = [*reversed(before[:REACH]), Tone(1.0, 0.0), *after[:REACH]]
    if len(tones) < _LEAST_FRAMES:
        return Tone(1.0, 0.0)
    times = np.arange(len(tones), dtype=np.float64) - len(before[:REACH])
    levels = np.array([(tone.gain - 1) * level + tone.offset for tone in tones])
    gains = np.clip([tone.gain for tone in tones], 1 / _LARGEST, _LARGEST)
    contrasts = np.log(gains) * max(spread, 1.0)
    brighter, stronger = (_off_course(times, course) for course in (levels, contrasts))
    gain = math.exp(stronger / max(spread, 1.0))
    gain = min(max(gain, 1 / _LARGEST), _LARGEST)
    return Tone(gain, level + brighter - gain * level)


def flicker_size(course: Floats) -> float:
    """Standard deviation of what goes up and down in a course, steps and trends apart.

    Frames that repeat the one before, as film of 16 a second at 25 has them, do not count as long
    as enough are left.
    """
    fresh = course[np.abs(np.diff(course, prepend=np.inf)) > _REPEATED]
    if len(fresh) >= _LEAST_FRAMES:
        course = fresh
    return float(np.median(np.abs(np.diff(course, 2)))) / _BEND


def _off_course(times: Floats, course: Floats) -> float:
    """What leads from the course at time 0, which is 0, to where it would be without flicker."""
    size = flicker_size(course)
    share = min(max((size - _NONE) / (_ALL - _NONE), 0.0), 1.0)
    if share == 0:
        return 0.0
    near = 1 - np.abs(times) / (REACH + 1)
    now = times == 0
    steadied = float(np.median(course[np.abs(times) <= 2]))
    weights = near * _same(course - steadied, size)
    there = 0.0
    for _ in range(_ROUNDS):
        there, slope = _line(times, course, weights)
        weights = near * _same(course - there - slope * times, size)
    if weights[now].max() == 0:  # a flash: no part of the course, nor of flicker
        return 0.0
    return share * there


def _same(distance: Floats, size: float) -> Floats:
    """Weights of what may be flicker of this size, by its distance from the course."""
    weights: Floats = np.square(np.maximum(1 - np.square(distance / (_STEP * size)), 0))
    return weights


def _line(times: Floats, course: Floats, weights: Floats) -> tuple[float, float]:
    """Where a course is at time 0, and its slope if there is any."""
    total = weights.sum()
    if total == 0:
        return 0.0, 0.0
    middle, mean = (weights @ times) / total, (weights @ course) / total
    apart = times - middle
    lever = weights @ np.square(apart)
    slope = float(weights @ (apart * course)) / max(float(lever), 1e-9)
    left = course - mean - slope * apart
    error = math.sqrt(float(weights @ np.square(left)) / total / max(float(lever), 1e-9))
    if slope != 0:
        slope *= max(0.0, 1 - (_TREND * error / slope) ** 2)
    return float(mean - slope * middle), slope
