"""The parts of an aligned crop that measures look at.

Outlines are given on GPEN's 512 crop (eyes at (202, 243) and (309, 242), mouth corners at
(212, 366) and (301, 366)) and scale to S as ``(x + 0.5) * S / 512 - 0.5``.
"""

from __future__ import annotations

import numpy as np

from vidrestore.measure.levels import Mask

_SIDE = 512.0

# Ellipses: centre x, centre y, half width, half height, px at 512.
_Ellipse = tuple[float, float, float, float]
_FACE: _Ellipse = (255.5, 308.0, 124.0, 150.0)
_MOUTH: _Ellipse = (256.5, 368.0, 72.0, 44.0)
_EYES: tuple[_Ellipse, ...] = ((202.0, 238.0, 48.0, 30.0), (309.4, 237.6, 48.0, 30.0))
# Around the features that are not skin, brows included.
_NOT_SKIN: tuple[_Ellipse, ...] = (
    (202.0, 228.0, 58.0, 46.0),
    (309.4, 227.6, 58.0, 46.0),
    (256.5, 370.0, 68.0, 40.0),
    (248.4, 322.0, 36.0, 16.0),
)
_INNER_SKIN: _Ellipse = (255.5, 298.0, 100.0, 126.0)


def face_region(size: int) -> Mask:
    """(S, S) mask of the face, from the forehead to the chin."""
    return _inside(_FACE, size)


def mouth_region(size: int) -> Mask:
    """(S, S) mask of the mouth with its corners."""
    return _inside(_MOUTH, size)


def eye_region(size: int) -> Mask:
    """(S, S) mask of both eyes with their lids."""
    return _inside(_EYES[0], size) | _inside(_EYES[1], size)


def skin_region(size: int) -> Mask:
    """(S, S) mask of the cheeks, the nose's bridge, the forehead and the chin.

    Eyes, brows, nostrils and mouth are left out, and the face's rim, where hair and background
    begin.
    """
    skin = _inside(_INNER_SKIN, size)
    for feature in _NOT_SKIN:
        skin &= ~_inside(feature, size)
    return skin


def _inside(ellipse: _Ellipse, size: int) -> Mask:
    if size < 16:
        raise ValueError(f"a crop of {size} pixels has no regions; 16 is the least")
    scale = _SIDE / size
    x0, y0, half_width, half_height = ellipse
    grid = (np.arange(size) + 0.5) * scale - 0.5
    inside: Mask = (
        ((grid[None, :] - x0) / half_width) ** 2 + ((grid[:, None] - y0) / half_height) ** 2
    ) <= 1.0
    return inside
