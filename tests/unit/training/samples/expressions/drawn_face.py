"""A face drawn by code, with the points of its mesh that moving it takes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from training.samples.expressions.skin import CHEEKS, FOREHEAD, JAW, NOSE, UPPER_OVAL

SIZE = 384
SKIN, WHITE, IRIS, LIP, DARK = (
    (200, 150, 120),
    (235, 235, 235),
    (60, 40, 30),
    (170, 80, 80),
    (40, 20, 20),
)
EYES = ((152.0, 160.0), (232.0, 160.0))
MOUTH = (192.0, 268.0)
_EYE, _OPEN = (26.0, 10.0), 8.0


def groups() -> dict[str, list[int]]:
    """Features to indices, as the mesh numbers them."""
    free = iter(i for i in range(478) if i not in _taken())
    made: dict[str, list[int]] = {}
    for side in "rl":
        for lid in ("upper_lid_", "lower_lid_"):
            made[lid + side] = [next(free) for _ in range(9)]
        made["iris_" + side] = [next(free) for _ in range(5)]
        made["brow_" + side] = [next(free) for _ in range(10)]
    for part in ("upper", "lower"):
        made[f"lips_in_{part}"] = [78, *(next(free) for _ in range(9)), 308]
        made[f"lips_out_{part}"] = [61, *(next(free) for _ in range(9)), 291]
    made["jaw"] = [i for i, share in JAW.items() if share < 1][:10]
    return made


def _taken() -> set[int]:
    fixed = {61, 291, 78, 308, 152, 168, 17, 4}
    return {*JAW, *CHEEKS, *NOSE, *UPPER_OVAL, *FOREHEAD, *fixed}


def points(names: dict[str, list[int]]) -> NDArray[np.float64]:
    """(478, 2) xy px."""
    p = np.full((478, 2), SIZE / 2)
    bend = np.linspace(np.pi, 0, 9)
    for side, (x, y) in zip("rl", EYES, strict=True):
        across = x + _EYE[0] * np.cos(bend)
        for lid, sign in (("upper_lid_", -1), ("lower_lid_", 1)):
            p[names[lid + side]] = np.stack([across, y + sign * _EYE[1] * np.sin(bend)], 1)
        rim = [(9, 0), (0, -9), (-9, 0), (0, 9)]
        p[names["iris_" + side]] = np.array([[0, 0], *rim]) + np.array([x, y])
        for half, up in ((slice(0, 5), 34), (slice(5, 10), 28)):
            brow = np.linspace(x - 28, x + 28, 5)
            p[names["brow_" + side][half]] = np.stack([brow, np.full(5, y - up)], 1)
    bend = np.linspace(np.pi, 0, 11)
    for part, sign in (("upper", -1), ("lower", 1)):
        for rim, wide, high in (("in", 40.0, _OPEN), ("out", 46.0, 18.0)):
            x, y = MOUTH[0] + wide * np.cos(bend), MOUTH[1] + sign * high * np.sin(bend)
            p[names[f"lips_{rim}_{part}"]] = np.stack([x, y], 1)
    for several, low, high in ((UPPER_OVAL, np.pi, 2 * np.pi), (list(JAW), 0.0, np.pi)):
        angle = np.linspace(low + 0.1, high - 0.1, len(several))
        p[several] = np.stack([192 + 120 * np.cos(angle), 190 + 150 * np.sin(angle)], 1)
    p[NOSE] = np.stack([np.full(len(NOSE), 192), np.linspace(150, 225, len(NOSE))], 1)
    p[FOREHEAD] = np.stack([np.linspace(140, 240, len(FOREHEAD)), np.full(5, 90)], 1)
    for number, index in enumerate(CHEEKS):
        p[index] = (120 if number % 2 == 0 else 264, 200 + 8 * (number // 2))
    p[152], p[168], p[17], p[4] = (192, 345), (192, 155), (192, 290), (192, 215)
    return p


def picture(names: dict[str, list[int]]) -> NDArray[np.uint8]:
    """(384, 384, 3) uint8 RGB."""
    p = points(names)
    image = np.full((SIZE, SIZE, 3), SKIN, np.uint8)

    def fill(upper: str, lower: str, colour: tuple[int, int, int]) -> None:
        around = np.vstack([p[names[upper]], p[names[lower]][::-1]]).round().astype(np.int32)
        cv2.fillPoly(image, [around], colour, cv2.LINE_AA)

    for side, (x, y) in zip("rl", EYES, strict=True):
        fill("upper_lid_" + side, "lower_lid_" + side, WHITE)
        cv2.circle(image, (int(x), int(y)), 9, IRIS, -1, cv2.LINE_AA)
        brow = p[names["brow_" + side]][5:].round().astype(np.int32)
        cv2.polylines(image, [brow], isClosed=False, color=DARK, thickness=5)
    fill("lips_out_upper", "lips_out_lower", LIP)
    fill("lips_in_upper", "lips_in_lower", WHITE)
    noise = np.random.default_rng(0).normal(0, 3, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)
