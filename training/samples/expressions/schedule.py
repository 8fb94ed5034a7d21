"""Courses of expressions such as people have.

Blinks of 5 to 9 frames at 25 a second, every 2 to 6 s, one in four partial; saccades; speech of 3
to 6 syllables a second with pauses; slow smiles, brows and motion of the head.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from training.samples.expressions.curves import Floats, smoothstep
from training.samples.expressions.motion import Motion


def schedule(
    frames: int, seed: int, *, rate: float, size: int, speech: float = 0.6, head: float = 1.0
) -> Motion:
    """A course drawn from a seed.

    Args:
        frames: T.
        seed: decides everything.
        rate: frames a second.
        size: side of the portrait, px.
        speech: part of the courses that speak.
        head: factor on the motion of the head; 0 keeps it still.
    """
    rng = np.random.default_rng(seed)
    lids, gaze = _lids(frames, rate, rng), _gaze(frames, rate, rng)
    if rng.random() < speech:
        mouth = _speech(frames, rate, rng)
        smile = (0.35 * _slow(rng, frames, 0.25 * rate) - 0.35).clip(-1, 1)
    else:
        mouth = rng.uniform(-1, 0.15) * smoothstep(0.5 + 0.6 * _slow(rng, frames, 1.5 * rate))
        smile = (0.5 * _slow(rng, frames, 1.5 * rate) - 0.2).clip(-1, 0.8)
    brow = (0.3 * _slow(rng, frames, rate)).clip(-0.3, 1)
    teeth = float(rng.uniform(0, 1))
    moved = _head(frames, rate, size, head, rng)
    return Motion(lids, gaze, mouth, smile, brow, moved, teeth)


def _lids(frames: int, rate: float, rng: Generator) -> Floats:
    part, lids = rate / 25.0, np.zeros((frames, 2))
    at = rng.uniform(0, min(4.0 * rate, 0.7 * frames))
    while at < frames:
        length = rng.uniform(5, 9) * part
        depth = rng.uniform(0.35, 0.8) if rng.random() < 0.25 else 1.0
        phase = (np.arange(frames) - at) / length
        falls, rises = smoothstep(phase / 0.35), 1 - smoothstep((phase - 0.45) / 0.55)
        shut = np.where(phase < 0.4, falls, rises) * ((phase > 0) & (phase < 1))
        lids = np.maximum(lids, depth * shut[:, None])
        at += max(rng.uniform(2, 6) * rate, length + 3)
    lids *= rng.uniform(0.95, 1.0, 2)
    drowsy = rng.choice([0, 0, 0, 0.15, 0.3]) * _slow(rng, frames, 2 * rate)
    return np.maximum(lids, drowsy[:, None].clip(0, 1))


def _gaze(frames: int, rate: float, rng: Generator) -> Floats:
    held, at, gaze = np.zeros((frames, 2)), 0.0, np.zeros(2)
    while at < frames:
        held[int(at) :] = gaze
        at += rng.uniform(0.3, 2.5) * rate
        looks = rng.normal(0, [0.4, 0.3]).clip([-1, -0.4], [1, 0.9])
        gaze = looks * (rng.random() < 0.7)
    return _smoothed(held, 0.7 * rate / 25.0)


def _speech(frames: int, rate: float, rng: Generator) -> Floats:
    at, marks = rng.uniform(0, 0.5) * rate, []
    while at < frames + rate:
        if rng.random() < 0.12:
            at += rng.uniform(0.3, 1.0) * rate
        step = rate / rng.uniform(3, 6)
        marks += [(at, rng.uniform(-0.6, 0.05)), (at + step / 2, rng.uniform(0.12, 0.6) ** 1.2)]
        at += step
    times, mouths = np.array(marks).T
    opened = np.interp(np.arange(frames), times, mouths)
    return _smoothed(opened[:, None], 0.6 * rate / 25.0)[:, 0]


def _head(frames: int, rate: float, size: int, amount: float, rng: Generator) -> Floats:
    turn, dx, dy, px, py, zoom = (amount * _slow(rng, frames, 0.8 * rate) for _ in range(6))
    middle = size / 2
    there = np.array([[1.0, 0, middle], [0, 1, middle], [0, 0, 1]])
    back, heads = np.linalg.inv(there), np.empty((frames, 3, 3))
    for t in range(frames):
        angle, scale = np.deg2rad(2.0 * turn[t]), 1 + 0.012 * zoom[t]
        c, s = scale * np.cos(angle), scale * np.sin(angle)
        rigid = np.array([[c, -s, 5 * dx[t]], [s, c, 4 * dy[t]], [0, 0, 1]])
        lean = np.array([[1, 0, 0], [0, 1, 0], [2.5e-5 * px[t], 2.5e-5 * py[t], 1]])
        heads[t] = there @ rigid @ lean @ back
    return heads


def _smoothed(values: Floats, sigma: float) -> Floats:
    """(T, C) along time."""
    reach = int(3 * sigma) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    padded = np.pad(values, ((reach, reach), (0, 0)), mode="edge")
    columns = [np.convolve(column, kernel / kernel.sum(), "valid") for column in padded.T]
    return np.stack(columns, 1)


def _slow(rng: Generator, frames: int, sigma: float) -> Floats:
    """(T,) noise of deviation 1 that changes over about ``sigma`` frames."""
    reach = int(4 * sigma) + 1
    noise = _smoothed(rng.normal(size=(frames + 2 * reach, 1)), sigma)[reach : reach + frames, 0]
    return np.asarray(noise * np.sqrt(2 * np.sqrt(np.pi) * sigma))
