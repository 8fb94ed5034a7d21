"""Several pictures of one moment in one: side by side, or a stripe of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np

from vidrestore.datatypes import Image

Layout = Literal["side", "split"]

# The bar with the names, in parts of the picture's height, and at least so many px.
_BAR_SHARE, _LEAST_BAR = 1 / 24, 20
_TEXT_SHARE = 0.5
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_PAPER, _INK, _LINE = 24, 235, 255
# The height of the font's capitals at scale 1, px.
_CAPITALS = 22.0


def arranged(
    pictures: Sequence[Image],
    names: Sequence[str],
    layout: Layout = "side",
    widest: int | None = None,
) -> Image:
    """One picture of several, each under its name.

    Args:
        pictures: (h, w, 3) uint8 RGB; smaller ones are enlarged to the size of the largest.
        names: of each.
        layout: side by side, or the first one's left part beside the next one's, and so on to the
            right edge, with a line between.
        widest: columns that the result may have; None for any number.

    Returns:
        (h, w, 3) uint8 RGB.
    """
    height, width = max((picture.shape[:2] for picture in pictures), key=lambda size: size[1])
    count = len(pictures)
    whole = width * count if layout == "side" else width
    if widest is not None and whole > widest:
        height, width = round(height * widest / whole), width * widest // whole
    panels = [_sized(picture, width, height) for picture in pictures]
    if layout == "split":
        edges = [round(width * n / count) for n in range(count + 1)]
        panels = [panels[n][:, edges[n] : edges[n + 1]].copy() for n in range(count)]
        for panel in panels[1:]:
            panel[:, :1] = _LINE
    rows = max(_LEAST_BAR, round(height * _BAR_SHARE))
    columns = [
        np.concatenate([_bar(name, panel.shape[1], rows), panel])
        for name, panel in zip(names, panels, strict=True)
    ]
    return np.concatenate(columns, axis=1)


def _sized(picture: Image, width: int, height: int) -> Image:
    if picture.shape[:2] == (height, width):
        return picture
    smaller = picture.shape[1] > width
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=way))


def _bar(name: str, columns: int, rows: int) -> Image:
    """A name on a dark bar, as large as fits."""
    bar = np.full((rows, columns, 3), _PAPER, np.uint8)
    # The font has no other characters.
    text = name.encode("ascii", "replace").decode()
    scale = rows * _TEXT_SHARE / _CAPITALS
    (across, _), _ = cv2.getTextSize(text, _FONT, scale, 1)
    room = max(1, columns - rows // 2)
    if across > room:
        scale *= room / across
    base = (rows + round(scale * _CAPITALS)) // 2
    cv2.putText(bar, text, (rows // 4, base), _FONT, scale, (_INK,) * 3, 1, cv2.LINE_AA)
    return bar
