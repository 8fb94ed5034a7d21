"""Worn faces with the landmarks of the sharp ones: what training/landmarks.py learns from.

A portrait is turned, shifted, bent (mouths above all) and relit, then worn and reduced as far as to
9 px between the eyes. Its landmarks go along with the geometry and know nothing of the wear.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.samples import wear
from training.samples.augment import Picture
from training.samples.portraits import Portrait
from vidrestore.detect.networks.face_crop import crop_from_picture, gray_crop
from vidrestore.detect.networks.landmark_network import SIDE
from vidrestore.picture.similarity import robust_similarity

Floats = NDArray[np.float64]

MARGIN = 8
"""Of the stored crops on every side of the network's, px: room for shifts."""
_GRID = 40
_SMALLEST, _LARGEST = 9.0, 50.0
"""Distance of the eyes in the worn picture, px."""


def halved(portrait: Portrait) -> Portrait:
    """At half the size: nothing finer is needed here."""
    height, width = portrait.pixels.shape[:2]
    small = cv2.resize(portrait.pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return replace(portrait, pixels=small, landmarks=(portrait.landmarks + 0.5) / 2 - 0.5)


def mixed(one: Portrait, other: Portrait, rng: Generator) -> Portrait:
    """Somebody between two people: shapes brought together, pictures laid over each other.

    A few hundred people are soon known by heart; pairs of them are not.
    """
    share = float(rng.uniform(0.25, 0.75))
    height, width = one.pixels.shape[:2]
    there = robust_similarity(other.landmarks, one.landmarks, rounds=1)
    moved = other.landmarks @ there[:, :2].T + there[:, 2]
    between = (1 - share) * one.landmarks + share * moved
    back = cv2.invertAffineTransform(there)
    first = _reshaped(one.pixels, between, one.landmarks - between, np.eye(2, 3), (height, width))
    second = _reshaped(other.pixels, between, moved - between, back, (height, width))
    second *= np.float32(np.clip(first.mean() / max(float(second.mean()), 1.0), 0.6, 1.6))
    pixels = np.clip((1 - share) * first + share * second + 0.5, 0, 255).astype(np.uint8)
    return replace(one, pixels=pixels, landmarks=between)


def _reshaped(
    pixels: Picture, points: Floats, away: Floats, source: Floats, size: tuple[int, int]
) -> Picture:
    """A picture looked up ``away`` from landmarks, smoothly less far from them.

    Args:
        pixels: (H, W, 3) uint8.
        points: (5, 2) landmarks in the result.
        away: (5, 2) from these to the same in the picture brought to the result by ``source``.
        source: (2, 3) picture_from_result.
        size: (h, w) of the result.
    """
    apart = float(np.linalg.norm(points[1] - points[0]))
    between = np.linalg.norm(points[:, None] - points[None], axis=2)
    weights = np.linalg.solve(np.exp(-((between / (0.7 * apart)) ** 2)) + 1e-3 * np.eye(5), away)
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    moved_x, moved_y = x.copy(), y.copy()
    for (px, py), (wx, wy) in zip(points, weights, strict=True):
        bump = np.exp(-((x - px) ** 2 + (y - py) ** 2) / np.float32((0.7 * apart) ** 2))
        moved_x += np.float32(wx) * bump
        moved_y += np.float32(wy) * bump
    linear = source.astype(np.float32)
    looked = [row[0] * moved_x + row[1] * moved_y + row[2] for row in linear]
    values = cv2.remap(pixels, *looked, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(values, np.float32)


def sample(portrait: Portrait, rng: Generator) -> tuple[NDArray[np.uint8], Floats]:
    """A worn crop and the true landmarks in it.

    Returns:
        (SIDE + 2 * MARGIN, SIDE + 2 * MARGIN) uint8 gray, and (5, 2) xy px. The crop is aligned by
        landmarks that are off as a detector's are.
    """
    picture, landmarks = _worn(*_moved(portrait, rng), rng)
    matrix = crop_from_picture(_about(landmarks, rng))
    matrix[:, 2] += MARGIN
    crop = gray_crop(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), matrix, SIDE + 2 * MARGIN)
    return crop, landmarks @ matrix[:, :2].T + matrix[:, 2]


def _about(landmarks: Floats, rng: Generator) -> Floats:
    """Landmarks that are off, one time in seven far off."""
    wide = 2.5 if rng.random() < 0.15 else 1.0
    apart = float(np.linalg.norm(landmarks[1] - landmarks[0]))
    return landmarks + apart * wide * (rng.normal(0, 0.03, 2) + rng.normal(0, 0.04, (5, 2)))


def _moved(portrait: Portrait, rng: Generator) -> tuple[Picture, Floats, int]:
    """The portrait in another pose, expression and light.

    Returns:
        (S, S, 3) picture, 0..1; (5, 2) landmarks; how often the picture is to be reduced.
    """
    there = portrait.landmarks
    apart = float(np.linalg.norm(there[1] - there[0]))
    eyes = float(np.exp(rng.uniform(np.log(_SMALLEST), np.log(_LARGEST))))
    finer = max(1, round(apart / eyes))
    side = round(5.2 * eyes) * finer
    pose = _pose(there, apart / (eyes * finer), side, rng)
    ends = np.linspace(0, side - 1, _GRID)
    places = _through(pose, np.stack(np.meshgrid(ends, ends), -1).reshape(-1, 2))
    places += _bend(places, there, apart, rng)
    step = np.arange(side, dtype=np.float32) * np.float32((_GRID - 1) / (side - 1))
    coarse = places.reshape(_GRID, _GRID, 2).astype(np.float32)
    source = cv2.remap(coarse, *np.meshgrid(step, step), cv2.INTER_LINEAR)
    back = np.linalg.inv(pose)
    landmarks = _through(back, there)
    for _ in range(4):  # where the bent map meets the portrait's landmarks
        x, y = landmarks.astype(np.float32).T[:, None]
        reached = cv2.remap(source, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]
        landmarks += _through(back, there) - _through(back, reached.astype(np.float64))
    pixels = cv2.remap(
        portrait.pixels,
        source[..., 0],
        source[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    picture = _acted(pixels.astype(np.float32) / np.float32(255), landmarks, rng)
    return _lit(picture, rng), landmarks, finer


def _pose(there: Floats, scale: float, side: int, rng: Generator) -> Floats:
    """(3, 3) portrait_from_picture: a similarity, a little aspect and perspective."""
    angle = rng.normal(0, 0.12) * (2.5 if rng.random() < 0.1 else 1.0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    aspect = float(np.exp(rng.normal(0, 0.04)))
    linear = scale * float(np.exp(rng.normal(0, 0.05))) * turn @ np.diag([aspect, 1 / aspect])
    centre = there.mean(axis=0)
    apart = float(np.linalg.norm(there[1] - there[0]))
    middle = centre + rng.normal(0, 0.25 * apart, 2) - linear @ np.full(2, (side - 1) / 2)
    plain = np.vstack([np.column_stack([linear, middle]), (0, 0, 1)])
    away = np.array([[1, 0, -centre[0]], [0, 1, -centre[1]], [0, 0, 1]])
    tilt = np.eye(3)
    tilt[2, :2] = rng.normal(0, 2.5e-4, 2)
    pose: Floats = np.linalg.inv(away) @ tilt @ away @ plain
    return pose


def _through(matrix: Floats, points: Floats) -> Floats:
    """(N, 2) points under a (3, 3) map."""
    mapped = points @ matrix[:, :2].T + matrix[:, 2]
    result: Floats = mapped[:, :2] / mapped[:, 2:]
    return result


def _bend(places: Floats, there: Floats, apart: float, rng: Generator) -> Floats:
    """(N, 2) how far off places of the portrait are looked up: other faces, other mouths."""
    bend = np.zeros_like(places)
    for _ in range(4):
        centre, reach = there.mean(axis=0) + rng.normal(0, 0.7 * apart, 2), rng.uniform(0.35, 0.9)
        weight = _bump(places - centre, reach * apart)
        bend += weight * rng.normal(0, 0.035 * apart, 2)
    if rng.random() < 0.6:
        offsets = places - there[3:].mean(axis=0)
        weight = _bump(offsets, rng.uniform(0.4, 0.7) * apart)
        bend[:, :1] -= rng.normal(0, 0.18) * offsets[:, :1] * weight
        bend[:, 1:] += rng.normal(0, 0.06) * apart * weight
    return bend


def _bump(offsets: Floats, reach: float) -> Floats:
    weight: Floats = np.exp(-(offsets**2).sum(axis=1, keepdims=True) / (2 * reach**2))
    return weight


def _acted(picture: Picture, landmarks: Floats, rng: Generator) -> Picture:
    """Sometimes an open mouth, shut eyes, or something before the face."""
    apart = float(np.linalg.norm(landmarks[1] - landmarks[0]))
    if rng.random() < 0.35:
        picture = _parted(picture, landmarks, rng)
    if rng.random() < 0.12:
        skin = cv2.blur(picture, (int(0.6 * apart) | 1,) * 2)
        half = np.array([0.28, 0.1]) * apart
        picture = _painted(picture, list(landmarks[:2]), half, skin, 0.03 * apart)
    if rng.random() < 0.12:
        centre = landmarks.mean(axis=0) + rng.normal(0, 0.8 * apart, 2)
        low, high = (centre + sign * rng.uniform(0.15, 0.6, 2) * apart for sign in (-1, 1))
        colour = tuple(float(value) for value in rng.uniform(0, 1, 3))
        picture = picture.copy()
        cv2.rectangle(picture, _whole(low), _whole(high), colour, cv2.FILLED)
    return picture


def _parted(picture: Picture, landmarks: Floats, rng: Generator) -> Picture:
    """Lips apart: the lower one falls, the upper one rises a little, the dark and teeth between."""
    across = landmarks[4] - landmarks[3]
    half = max(float(np.linalg.norm(across)) / 2, 1.0)
    along = across / (2 * half)
    down = np.array([-along[1], along[0]])
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    x, y = x - np.float32(landmarks[3:, 0].mean()), y - np.float32(landmarks[3:, 1].mean())
    # In halves of the mouth's width: along the mouth, and below the line where its lips meet.
    u = (x * along[0] + y * along[1]) / half
    profile = np.cos(np.pi / 2 * np.clip(u, -1, 1)) ** rng.uniform(0.7, 1.6)
    v = (x * down[0] + y * down[1]) / half - rng.uniform(0, 0.2) * profile
    gap = rng.uniform(0.04, 0.7) * profile
    raised = -rng.uniform(0.1, 0.4) * gap
    fallen = gap + raised
    shift = np.where(v < (raised + fallen) / 2, raised, fallen)
    shift *= np.exp(-np.abs(v) / np.where(shift < 0, 0.5, rng.uniform(0.7, 2.0)))
    back = (-half * shift).astype(np.float32)
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    moved = cv2.remap(
        picture,
        columns + back * np.float32(down[0]),
        rows + back * np.float32(down[1]),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    soft = max(0.04, 1 / half)
    inside = np.clip((v - raised) / soft, 0, 1) * np.clip((fallen - v) / soft, 0, 1)
    depth = (v - raised) / np.maximum(gap, 1e-3)
    teeth = np.clip((rng.uniform(-0.2, 0.6) - depth) / 0.15, 0, 1) * rng.uniform(0.4, 1.0)
    dark = np.array([0.27, 0.12, 0.12], np.float32) * np.float32(rng.uniform(0.3, 1.2))
    bright = np.array([0.75, 0.72, 0.68], np.float32)
    seen = dark + teeth[..., None] * (bright - dark)
    result: Picture = (moved + inside[..., None] * (seen - moved)).astype(np.float32)
    return result


def _painted(
    picture: Picture, centres: list[Floats], half: Floats, colour: NDArray[Any], soft: float
) -> Picture:
    """Ellipses of a colour, or of another picture."""
    mask = np.zeros(picture.shape[:2], np.float32)
    for centre in centres:
        axes = _whole(np.maximum(half, 1))
        cv2.ellipse(mask, _whole(centre), axes, 0, 0, 360, 1.0, cv2.FILLED)
    weight = cv2.GaussianBlur(mask, (0, 0), max(soft, 0.3))[..., None]
    painted: Picture = picture + weight * (colour - picture)
    return painted


def _whole(point: Floats) -> tuple[int, int]:
    return int(point[0]), int(point[1])


def _lit(picture: Picture, rng: Generator) -> Picture:
    """Another gamma, light from a side, another exposure, or gray."""
    side = picture.shape[0]
    lit = picture ** np.float32(np.exp(rng.normal(0, 0.25)))
    if rng.random() < 0.5:
        across = np.linspace(-0.5, 0.5, side, dtype=np.float32)
        slope = rng.normal(0, 0.35, 2).astype(np.float32)
        lit = lit * np.exp(slope[0] * across + slope[1] * across[:, None])[..., None]
    lit = lit * np.float32(np.exp(rng.normal(-0.1, 0.25))) + np.float32(rng.normal(0, 0.03))
    if rng.random() < 0.3:
        lit = np.repeat(lit.mean(axis=2, keepdims=True), 3, axis=2)
    return np.ascontiguousarray(lit, np.float32)


def _noisy(picture: Picture, rng: Generator) -> Picture:
    level = float(rng.uniform(0, 0.055) * rng.random() ** 0.3)
    return wear.noise(picture, level, wear.NoiseKind.draw(rng), rng)


def _worn(
    picture: Picture, landmarks: Floats, finer: int, rng: Generator
) -> tuple[NDArray[np.uint8], Floats]:
    """Blur, reduction, noise, a codec, and sometimes an enlargement."""
    apart = float(np.linalg.norm(landmarks[1] - landmarks[0]))
    if rng.random() < 0.85:
        picture = wear.soften(picture, float(rng.uniform(0, 0.14) * apart), rng)
    if rng.random() < 0.06:
        picture = wear.smear(picture, float(rng.uniform(0.02, 0.3) * apart), rng)
    side = picture.shape[0] // finer
    picture = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    landmarks = (landmarks + 0.5) / finer - 0.5
    if rng.random() < 0.8:
        picture = _noisy(picture, rng)
    if rng.random() < 0.04:
        picture = wear.scratch(picture, rng.uniform(0, 1), rng)
    picture = np.clip(picture, 0, 1).astype(np.float32)
    kind = rng.random()
    if kind < 0.6:
        (picture,) = wear.video([picture], "libx264", int(rng.integers(16, 33)), rng)
    elif kind < 0.75:
        picture = wear.jpeg(picture, int(rng.integers(25, 95)))
    if rng.random() < 0.35 and side < 220:
        grow = int(rng.integers(2, 5))
        picture = cv2.resize(picture, (side * grow,) * 2, interpolation=cv2.INTER_CUBIC)
        landmarks = (landmarks + 0.5) * grow - 0.5
    return np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8), landmarks
