"""A run's curve as a picture: what the averaged network gained, over the samples it has seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_SIZE = (360, 640)
_EDGE = 48
_COLOURS = {"mild": (60, 160, 60), "medium": (60, 60, 200), "heavy": (200, 60, 60)}
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def gains(log: Path) -> dict[str, list[tuple[int, float]]]:
    """By level: samples seen, and dB over the input, of every time a run was judged.

    Args:
        log: its ``log.jsonl``.
    """
    found: dict[str, list[tuple[int, float]]] = {level: [] for level in _COLOURS}
    for line in log.read_text().splitlines():
        row: dict[str, Any] = json.loads(line)
        for level, figures in row.get("validation", {}).items():
            if level in found:
                found[level].append((row["samples"], figures["psnr_out"] - figures["psnr_in"]))
    return found


def draw(found: dict[str, list[tuple[int, float]]]) -> NDArray[np.uint8]:
    """(360, 640, 3) uint8 RGB: samples to the right, dB upwards, a line for each level."""
    picture = np.full((*_SIZE, 3), 255, np.uint8)
    height, width = _SIZE
    points = [point for line in found.values() for point in line]
    most = max((samples for samples, _ in points), default=0) or 1
    low, high = (end([db for _, db in points] or [0.0]) for end in (min, max))
    low, high = min(low, 0.0), max(high, low + 0.1)

    def place(samples: int, db: float) -> tuple[int, int]:
        x = _EDGE + (width - 2 * _EDGE) * samples / most
        y = height - _EDGE - (height - 2 * _EDGE) * (db - low) / (high - low)
        return round(x), round(y)

    for db in np.linspace(low, high, 5):
        left = place(0, db)
        cv2.line(picture, left, place(most, db), (225, 225, 225), 1)
        cv2.putText(picture, f"{db:.2f}", (4, left[1] + 4), _FONT, 0.35, (90, 90, 90))
    cv2.putText(picture, f"{most} samples", (width - 130, height - 12), _FONT, 0.4, (90, 90, 90))
    for number, (level, line) in enumerate(found.items()):
        colour = _COLOURS[level]
        places = np.array([place(*point) for point in line], np.int32).reshape(-1, 2)
        cv2.polylines(picture, [places], isClosed=False, color=colour, thickness=2)
        cv2.putText(picture, level, (_EDGE + 90 * number, 24), _FONT, 0.5, colour)
    return picture


def write(log: Path, path: Path) -> None:
    """Draw a run's log into a PNG."""
    cv2.imwrite(str(path), np.ascontiguousarray(draw(gains(log))[..., ::-1]))
