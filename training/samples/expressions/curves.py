"""Soft steps, edges and curves that the parts of a face are drawn with."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
"""Arrays of float32 or float64."""


def smoothstep(x: Any) -> Any:
    """0 below 0, 1 above 1, 3 x^2 - 2 x^3 between."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3 - 2 * x)


def edge(distance: Floats) -> Floats:
    """Coverage, 0 to 1, of a pixel whose centre is that many px inside of an edge."""
    return np.clip(distance + 0.5, 0, 1).astype(np.float32)


def curve(points: Floats, columns: Floats) -> Floats:
    """Smooth y over columns through (N, 2) points, level beyond them."""
    y = np.interp(columns, *points[np.argsort(points[:, 0])].T)
    line = y.astype(np.float32)[None]
    return cv2.GaussianBlur(line, (0, 0), 1.5, borderType=cv2.BORDER_REPLICATE)[0]


def filled(image: Floats, known: Floats) -> Floats:
    """The known pixels carried over the rest, from the nearest smooth scale that has any.

    Args:
        image: (H, W, 3) float32, levels.
        known: (H, W) float32, 0 to 1.
    """
    total = known.sum()
    mean = (image * known[..., None]).sum((0, 1)) / total if total > 0.5 else 150.0
    out = np.full_like(image, mean)
    for sigma in (24, 12, 6, 3, 1.5):
        weight = cv2.GaussianBlur(known, (0, 0), sigma)[..., None]
        near = cv2.GaussianBlur(image * known[..., None], (0, 0), sigma)
        out += smoothstep(weight / 0.1) * (near / np.maximum(weight, 1e-6) - out)
    return out
