"""The eight ways in which a picture may be stored, and how each comes upright.

The numbers are those of TIFF and EXIF (tag 274): 1 is upright, 3 upside down, 6 and 8 lie on a
side, 2, 4, 5 and 7 are mirrored as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from vidrestore.datatypes import Image

_UPRIGHT: Final[dict[int, Callable[[Image], Image]]] = {
    2: lambda plane: plane[:, ::-1],
    3: lambda plane: plane[::-1, ::-1],
    4: lambda plane: plane[::-1],
    5: lambda plane: plane.T,
    6: lambda plane: np.rot90(plane, -1),
    7: lambda plane: plane[::-1, ::-1].T,
    8: lambda plane: np.rot90(plane, 1),
}

SIDEWAYS: Final = frozenset({5, 6, 7, 8})
"""Orientations whose upright picture has the other height and width."""


def upright(plane: Image, orientation: int) -> Image:
    """A plane (h, w) as it is to be seen; what is no orientation counts as upright."""
    turn = _UPRIGHT.get(orientation)
    return plane if turn is None else np.ascontiguousarray(turn(plane))
