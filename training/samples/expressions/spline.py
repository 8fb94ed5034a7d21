"""Thin-plate splines (Bookstein 1989) on a coarse grid of nodes."""

from __future__ import annotations

import cv2
import numpy as np

from training.samples.expressions.curves import Floats

STRIDE = 8
"""Px between nodes; node n of a field lies at (n - 1) STRIDE."""
_UNIT = 100.0  # px, so that the kernel's system is well conditioned


class Spline:
    """Carries moves of control points over the picture.

    Args:
        points: (N, 2) xy px.
        size: side of the picture, px.
    """

    def __init__(self, points: Floats, size: int) -> None:
        self._points = points / _UNIT
        count = len(points)
        system = np.zeros((count + 3, count + 3))
        system[:count, :count] = self._kernel(self._points) + 1e-5 * np.eye(count)
        system[:count, count:] = _affine(self._points)
        system[count:, :count] = system[:count, count:].T
        self._inverse = np.linalg.inv(system)
        axis = np.arange(-1, size // STRIDE + 2) * STRIDE / _UNIT
        grid = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
        self._at = np.hstack([self._kernel(grid), _affine(grid)])
        self._shape = (len(axis), len(axis), 2)

    def field(self, moves: Floats) -> Floats:
        """(N, 2) moves of the points, px, to the (nodes, nodes, 2) float32 field."""
        rows = np.vstack([moves, np.zeros((3, 2))])
        field = self._at @ (self._inverse @ rows)
        return field.reshape(self._shape).astype(np.float32)

    def _kernel(self, at: Floats) -> Floats:
        squares = ((at[:, None] - self._points[None]) ** 2).sum(-1)
        return np.asarray(squares * np.log(squares + 1e-12))


def _affine(at: Floats) -> Floats:
    return np.hstack([np.ones((len(at), 1)), at])


def at(field: Floats, xy: Floats) -> Floats:
    """A field's values at (..., 2) px, between nodes by bilinear interpolation."""
    nodes = np.asarray(xy, np.float32) / STRIDE + 1
    flat = nodes if nodes.ndim == 3 else nodes.reshape(1, -1, 2)
    found = cv2.remap(field, flat, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return found.reshape(nodes.shape)


def inverse(field: Floats) -> Floats:
    """The field that leads back, by fixed-point iteration."""
    axis = np.arange(len(field))
    nodes = (np.stack(np.meshgrid(axis, axis), -1) - 1).astype(np.float32) * STRIDE
    back = -field
    for _ in range(6):
        back = -at(field, nodes + back)
    return back
