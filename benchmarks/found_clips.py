"""Short clips of faces that are hard to find: rolled, dark, hatted, small, or just after a cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.cuts import scene

Picture = NDArray[np.uint8]
Floats = NDArray[np.float64]
Plane = NDArray[np.float32]
Person = tuple[Picture, Floats]

WIDTH, HEIGHT = 640, 360
# Frames with the face, and frames of another shot before a cut.
SHOWN, BEFORE = 30, 10
# Frames until what hides a face after a cut is gone.
HIDDEN = 13
NOISE = 2.5
# Eyes to chin over the distance of the eyes.
CHIN = 1.8


@dataclass(frozen=True)
class Case:
    """How a face is shown.

    Attributes:
        name: of the row.
        height: eyes to chin, px.
        roll: degrees clockwise.
        gain: factor on the light.
        contrast: factor on what differs from the mean.
        hat: whether a dark brim and its shadow lie over forehead and eyes.
        after_cut: what hides the face in a shot's first frames; "" for a clip of one shot.
    """

    name: str
    height: float = 60.0
    roll: float = 0.0
    gain: float = 1.0
    contrast: float = 1.0
    hat: bool = False
    after_cut: str = ""


@dataclass(frozen=True, eq=False)
class Clip:
    """Pictures, and where the one face is.

    Attributes:
        pictures: (T, HEIGHT, WIDTH, 3) uint8 RGB.
        landmarks: (T, 5, 2) xy px; NaN where there is no face.
    """

    pictures: NDArray[np.uint8]
    landmarks: Floats

    @property
    def begins(self) -> int:
        """The first frame with the face; T if there is none."""
        shown = np.flatnonzero(~np.isnan(self.landmarks[:, 0, 0]))
        return int(shown[0]) if len(shown) else len(self.landmarks)


def cases() -> list[Case]:
    """All rows, in order."""
    rolled = [
        Case(f"{height} px, rolled by {roll}", height, roll)
        for height, roll in product((60, 34), (0, 60, 90, 120, 150, 180))
    ]
    plain = Case("", 40)
    return [
        *rolled,
        replace(plain, name="22 px", height=22),
        replace(plain, name="dark", gain=0.12),
        replace(plain, name="dull", gain=0.5, contrast=0.25),
        replace(plain, name="hat", hat=True),
        replace(plain, name="hat, dark", hat=True, gain=0.15, contrast=0.7),
        replace(plain, name="hat, dark, 30 px", hat=True, gain=0.15, contrast=0.7, height=30),
        *(replace(plain, name=f"after a cut: {what}", after_cut=what) for what in HIDING),
    ]


def make(case: Case, person: Person, seed: int) -> Clip:
    """A face before a scene of shapes, swaying a little, with noise.

    Args:
        case: how.
        person: a portrait, (H, W, 3) uint8 RGB, and (5, 2) landmarks, xy px in it.
        seed: of scene, way and noise.
    """
    random = np.random.default_rng(seed)
    ground = cv2.resize(scene(random)[:, :WIDTH], (WIDTH, HEIGHT)).astype(np.float32)
    ground = np.asarray(cv2.GaussianBlur(ground, (0, 0), 3.0))
    at = random.uniform((220, 150), (420, 210))
    phases = random.uniform(0, 2 * np.pi, 3)
    shots, places = [], []
    if case.after_cut:
        other = cv2.resize(scene(random)[:, :WIDTH], (WIDTH, HEIGHT))
        shots += [np.asarray(other, np.float32)] * BEFORE
        places += [np.full((5, 2), np.nan)] * BEFORE
    for t in range(SHOWN):
        sway = np.sin(t / np.array([5.0, 7.0, 9.0]) + phases)
        hiding = max(0.0, 1 - t / HIDDEN) if case.after_cut else 0.0
        roll = case.roll + 3 * sway[0] + (130 * hiding if case.after_cut == "upside down" else 0)
        here = at + case.height * 0.12 * sway[1:]
        picture, points = _placed(case, person, ground, here, roll)
        if hiding:
            picture = HIDING[case.after_cut](picture, points, hiding)
        mean = picture.mean()
        shots.append(((picture - mean) * case.contrast + mean) * case.gain)
        places.append(points)
    noisy = [shot + random.normal(0, NOISE, (HEIGHT, WIDTH, 1)) for shot in shots]
    return Clip(np.stack(noisy).round().clip(0, 255).astype(np.uint8), np.stack(places))


def faceless(seed: int) -> Clip:
    """A scene of shapes, panned, without any face."""
    random = np.random.default_rng((seed, 1))
    view = cv2.resize(scene(random), (3 * WIDTH, 2 * HEIGHT))
    steps = [(40 + 8 * t, 60 + 2 * t) for t in range(SHOWN)]
    shots = [view[y : y + HEIGHT, x : x + WIDTH] for x, y in steps]
    noisy = [shot + random.normal(0, NOISE, (HEIGHT, WIDTH, 1)) for shot in shots]
    pictures = np.stack(noisy).round().clip(0, 255).astype(np.uint8)
    return Clip(pictures, np.full((SHOWN, 5, 2), np.nan))


def _placed(
    case: Case, person: Person, ground: Plane, at: Floats, roll: float
) -> tuple[Plane, Floats]:
    """A frame, and the landmarks in it."""
    portrait, landmarks = person
    centre = landmarks.mean(axis=0)
    eyes = float(np.linalg.norm(landmarks[1] - landmarks[0]))
    scale, angle = case.height / CHIN / eyes, np.radians(roll)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = np.column_stack([turn, at - turn @ centre])
    head = np.zeros(portrait.shape[:2], np.float32)
    middle = int(centre[0]), int(centre[1] - 0.2 * eyes)
    cv2.ellipse(head, middle, (int(2.0 * eyes), int(2.6 * eyes)), 0, 0, 360, 1.0, -1)
    head = np.asarray(cv2.GaussianBlur(head, (0, 0), 0.15 * eyes))
    face = portrait.astype(np.float32)
    if case.hat:
        face = _hatted(face, landmarks, eyes)
    face = np.asarray(cv2.GaussianBlur(face, (0, 0), max(0.45 / scale, 0.1)))
    size = (WIDTH, HEIGHT)
    weights = cv2.warpAffine(head, matrix, size)[..., None]
    picture = cv2.warpAffine(face, matrix, size, borderMode=cv2.BORDER_REFLECT_101)
    return ground * (1 - weights) + picture * weights, landmarks @ turn.T + matrix[:, 2]


def _hatted(face: Plane, landmarks: Floats, eyes: float) -> Plane:
    """With a dark hat, its brim right above the eyes, and its shadow upon them."""
    x, y = landmarks[:2].mean(axis=0)
    shadow = np.ones(face.shape[:2], np.float32)
    axes = (int(1.2 * eyes), int(0.6 * eyes))
    cv2.ellipse(shadow, (int(x), int(y - 0.1 * eyes)), axes, 0, 0, 360, 0.4, -1)
    dark = face * np.asarray(cv2.GaussianBlur(shadow, (0, 0), 0.15 * eyes))[..., None]
    hat = (28.0, 25.0, 22.0)
    brim, crown = (int(x), int(y - 0.75 * eyes)), (int(x), int(y - 1.1 * eyes))
    cv2.ellipse(dark, brim, (int(1.5 * eyes), int(0.35 * eyes)), 0, 0, 360, hat, -1, cv2.LINE_AA)
    cv2.ellipse(dark, crown, (int(1.05 * eyes), int(0.9 * eyes)), 0, 180, 360, hat, -1, cv2.LINE_AA)
    return dark


def _darkness(picture: Plane, _: Floats, hiding: float) -> Plane:
    """Light comes up."""
    return picture * np.float32(1 - 0.92 * hiding)


def _blur(picture: Plane, points: Floats, hiding: float) -> Plane:
    """The lens finds its focus."""
    eyes = float(np.linalg.norm(points[1] - points[0]))
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), max(0.6 * eyes * hiding, 0.1)))


def _arm(picture: Plane, points: Floats, hiding: float) -> Plane:
    """Something dark before the lower half of the face moves away downwards."""
    eyes = float(np.linalg.norm(points[1] - points[0]))
    x, y = points.mean(axis=0)
    low = int(y - 0.1 * eyes + 2 * eyes * (1 - hiding))
    covered = picture.copy()
    corners = (int(x - 3 * eyes), low), (int(x + 3 * eyes), low + int(1.6 * eyes))
    cv2.rectangle(covered, *corners, (60.0, 45.0, 40.0), -1)
    return covered


def _as_it_is(picture: Plane, _points: Floats, _hiding: float) -> Plane:
    """Nothing hides it, or its pose does."""
    return picture


HIDING: dict[str, Callable[[Plane, Floats, float], Plane]] = {
    "nothing": _as_it_is,
    "darkness": _darkness,
    "blur": _blur,
    "an arm": _arm,
    "upside down": _as_it_is,
}
