"""Leaving out the borders that a container hides, so that no result shows them.

PyAV can write no such rectangle, and only some encoders can: the picture itself becomes smaller.
"""

from __future__ import annotations

from dataclasses import replace

import av

from vidrestore.datatypes import FrameFormat
from vidrestore.video.facts.media import Hidden
from vidrestore.video.pixels.graph import FilterChain


class Cropper:
    """Crops pictures without copying them; side data and tags travel.

    A border that ends within a chroma sample takes the whole sample along: what is hidden must
    never show, and chroma cannot move.

    Args:
        hidden: columns and rows to leave out: left, top, right, bottom.
        fmt: of the pictures.
        lines: rows of each chroma row that must stay together; 2 keeps fields apart.

    Attributes:
        shown: x0, y0, x1, y1 of what is left; None where nothing is left out, or nothing would be
            left.
        format: of the result.
    """

    def __init__(self, hidden: Hidden, fmt: FrameFormat, lines: int = 1) -> None:
        x0, x1 = _within(hidden[0], hidden[2], fmt.width, 1 << fmt.chroma_shift[0])
        y0, y1 = _within(hidden[1], hidden[3], fmt.height, lines << fmt.chroma_shift[1])
        sound = any(hidden) and x0 < x1 and y0 < y1
        self.shown: tuple[int, int, int, int] | None = (x0, y0, x1, y1) if sound else None
        self.format = replace(fmt, width=x1 - x0, height=y1 - y0) if sound else fmt
        self._settings = f"{x1 - x0}:{y1 - y0}:{x0}:{y0}:exact=1"
        self._chain: FilterChain | None = None

    def __call__(self, picture: av.VideoFrame) -> av.VideoFrame:
        """The part of the picture that is shown; all must have the same format and tags."""
        if self.shown is None:
            return picture
        if self._chain is None:
            self._chain = FilterChain(picture, [("crop", self._settings)])
        (cropped,) = self._chain.push(picture)
        return cropped


def _within(before: int, behind: int, length: int, step: int) -> tuple[int, int]:
    end = (length - behind) // step * step if behind else length
    return -(-before // step) * step, end
