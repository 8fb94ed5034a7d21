"""How skin follows mouth, smile and brows: thin-plate splines through points of a face mesh."""

from __future__ import annotations

import numpy as np

from training.samples.expressions.curves import Floats
from training.samples.expressions.motion import Motion
from training.samples.expressions.spline import Spline

LEFT_CORNER, RIGHT_CORNER = 61, 291
CHEEKS = [50, 280, 205, 425, 117, 346, 187, 411, 216, 436]
WIDE = 0.45
"""Gap added between the lips by a mouth of 1, in mouth widths."""
_CHIN, _BETWEEN, _NOSE_TIP, _UNDER_LIP = 152, 168, 4, 17
NOSE = [6, 197, 195, 5, 4, 1, 2, 98, 327, 168, 129, 358]
FOREHEAD = [151, 337, 108, 299, 69]
UPPER_OVAL = [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 127, 162, 21, 54, 103, 67, 109]
UPPER_OVAL += [234, 93]
_LOWER_CHEEKS = (205, 425, 187, 411, 216, 436)
_FOLLOW_MOUTH = (187, 411, 216, 436)
# How far points of the jaw follow the lower lip, from the chin to the ear.
JAW = {152: 1, 148: 1, 377: 1, 176: 0.95, 400: 0.95, 149: 0.85, 378: 0.85, 150: 0.7, 379: 0.7}
JAW |= {136: 0.52, 365: 0.52, 172: 0.35, 397: 0.35, 58: 0.18, 288: 0.18, 132: 0.06, 361: 0.06}
JAW |= {199: 1, 200: 1, 18: 1, 194: 0.95, 418: 0.95, 211: 0.8, 431: 0.8}
_KINDS = ("open", "shut", "smile", "brow")


class Skin:
    """Fields of displacement of a portrait's skin.

    Args:
        points: (478, 2) xy px.
        groups: names of features to indices of points.
        size: side of the portrait, px.
    """

    def __init__(self, points: Floats, groups: dict[str, list[int]], size: int) -> None:
        p = self._points = points
        self._groups = groups
        self._wide = float(np.linalg.norm(p[LEFT_CORNER] - p[RIGHT_CORNER]))
        down = p[_CHIN] - p[_BETWEEN]
        self._down = down / np.linalg.norm(down)
        self._across = (p[RIGHT_CORNER] - p[LEFT_CORNER]) / self._wide
        inner = p[groups["lips_in_lower"]] - p[groups["lips_in_upper"]]
        self._gaps = np.maximum(inner @ self._down, 0)
        self.gap = float(self._gaps.max())
        fixed = self._fixed(size)
        self._fields = {
            jaw: self._made("lower" if jaw else "upper", fixed, size) for jaw in (False, True)
        }

    def field(self, motion: Motion, t: int, *, jaw: bool) -> Floats:
        """(nodes, nodes, 2): displacement in a frame, of the jaw or of what is on the skull."""
        basis, mouth = self._fields[jaw], float(motion.mouth[t])
        field = max(mouth, 0.0) * basis["open"] + max(-mouth, 0.0) * basis["shut"]
        moved = field + float(motion.smile[t]) * basis["smile"]
        return np.asarray(moved + float(motion.brow[t]) * basis["brow"], np.float32)

    def _fixed(self, size: int) -> Floats:
        """Points that stay: the border, the neck, and the forehead, which follows the brows."""
        p, axis = self._points, np.linspace(0, size, 7)
        border = [(x, y) for x in axis for y in axis if x in (0, size) or y in (0, size)]
        chin = np.linalg.norm(p[_CHIN] - p[_UNDER_LIP])
        jaw = p[self._groups["jaw"]]
        neck = jaw + 1.1 * chin * self._down + (jaw - p[_NOSE_TIP]) * [0.35, 0]
        return np.vstack([np.array(border), neck, p[FOREHEAD]])

    def _made(self, part: str, fixed: Floats, size: int) -> dict[str, Floats]:
        groups = self._groups
        lids = [
            index
            for side in "rl"
            for lid in ("upper_lid_", "lower_lid_")
            for index in groups[lid + side][1:-1:2]
        ]
        brows = groups["brow_r"] + groups["brow_l"]
        inner, outer = groups[f"lips_in_{part}"][1:-1], groups[f"lips_out_{part}"][1:-1]
        corners = [LEFT_CORNER, RIGHT_CORNER, 78, 308]
        ids = [*NOSE, *UPPER_OVAL, *lids, *brows, *CHEEKS, *JAW, *corners, *inner, *outer]
        spline = Spline(np.vstack([self._points[ids], fixed]), size)
        row = {index: number for number, index in enumerate(ids)}
        moves = {kind: np.zeros((len(ids) + len(fixed), 2)) for kind in _KINDS}
        self._move_jaw(moves, row)
        self._move_corners(moves, row)
        self._move_lips(moves, row, (inner, outer), lower=part == "lower")
        self._move_cheeks(moves, row)
        for index in brows:
            moves["brow"][row[index]] = -0.14 * self._wide * self._down
        moves["brow"][-len(FOREHEAD) :] = -0.08 * self._wide * self._down
        return {kind: spline.field(move) for kind, move in moves.items()}

    def _move_jaw(self, moves: dict[str, Floats], row: dict[int, int]) -> None:
        for index, share in JAW.items():
            moves["open"][row[index]] = 0.86 * WIDE * self._wide * share * self._down
            moves["shut"][row[index]] = -0.55 * self.gap * share * self._down

    def _move_corners(self, moves: dict[str, Floats], row: dict[int, int]) -> None:
        wide, down, across = self._wide, self._down, self._across
        for index, side in ((LEFT_CORNER, 1), (78, 1), (RIGHT_CORNER, -1), (308, -1)):
            moves["open"][row[index]] = WIDE * wide * (0.3 * down + 0.07 * side * across)
            moves["smile"][row[index]] = wide * (-0.10 * side * across - 0.07 * down)

    def _move_lips(
        self,
        moves: dict[str, Floats],
        row: dict[int, int],
        rims: tuple[list[int], list[int]],
        *,
        lower: bool,
    ) -> None:
        wide, down, across = self._wide, self._down, self._across
        follow, meet = (0.86, -0.55) if lower else (-0.14, 0.45)
        for rim in rims:
            count = len(rim)
            for place, index in enumerate(rim):
                side = (place + 1) / (count + 1) * 2 - 1
                bow = 1 - abs(side) ** 2.4
                parts = follow * bow + 0.3 * (1 - bow)
                moves["open"][row[index]] = WIDE * wide * parts * down
                moves["shut"][row[index]] = meet * self._gaps[place + 1] * down
                rise = 0.02 - 0.08 * side**2
                moves["smile"][row[index]] = wide * (0.10 * side * across + rise * down)

    def _move_cheeks(self, moves: dict[str, Floats], row: dict[int, int]) -> None:
        wide, down, across = self._wide, self._down, self._across
        for number, index in enumerate(CHEEKS):
            side = 1 if number % 2 == 0 else -1
            share = 0.5 if index in _LOWER_CHEEKS else 0.2
            moves["smile"][row[index]] = wide * share * (-0.05 * side * across - 0.06 * down)
            part = 0.18 if index in _FOLLOW_MOUTH else 0.04
            moves["open"][row[index]] = WIDE * wide * part * down
