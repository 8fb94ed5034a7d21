"""Black-and-white shots are found, so that only light is written into them, never colour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, Literal

import cv2
import numpy as np

from vidrestore.datatypes import Image, Look
from vidrestore.picture.luma import LUMA

_BLOCKS = 32  # of the longest side: averaging over blocks takes noise off
_DARK, _BRIGHT = 24.0, 250.0  # luma beyond these tells nothing about colour
_LEAST_LIT = 0.05  # of the picture
# Chroma in 8-bit code values. The spread is what remains when an even tint is taken off: the
# distance from the median that one block in twenty exceeds. A tint above the limit counts as
# colour, as a face that fills the picture is a tint, too.
_PLAIN_SPREAD, _COLOURED_SPREAD = 4.0, 7.0
_PLAIN_TINT, _COLOURED_TINT = 8.0, 12.0
_INERTIA = 8  # pictures that contradict a settled answer in vain; the next one changes it


class Colourless:
    """Decides for every shot whether it is black and white; a ``Stage[Look, Look]``.

    Every picture votes: plain, in colour, or undecided. A shot's first pictures decide quickly by
    their majority; once that is settled, it takes nine pictures more of the other kind than of
    its own to change it, so that nothing switches to and fro.

    Latency: none. Memory: where a shot's pictures agree, ``_INERTIA`` frames; where they contradict
    each other, the shot, as such a shot keeps one answer.

    Args:
        mode: "auto" measures, "on" takes everything for black and white, "off" nothing.
    """

    latency: Final = 0
    memory: Final[int | None] = None

    def __init__(self, mode: Literal["auto", "on", "off"]) -> None:
        self._mode = mode
        self._balance = 0
        self._colourless = False

    def push(self, item: Look, /) -> Iterable[Look]:
        """The same look; its frame says whether it is black and white."""
        if self._mode == "auto" and item.frame.format.layout != "gray":
            if item.shot_start:
                self._balance, self._colourless = 0, False
            self._vote(colour_vote(item.picture))
            answer = self._colourless
        else:
            answer = self._mode != "off"
        yield replace(item, frame=replace(item.frame, colourless=answer))

    def flush(self) -> Iterable[Look]:
        """Nothing is ever held."""
        return ()

    def _vote(self, vote: int) -> None:
        self._balance = max(-_INERTIA, min(_INERTIA, self._balance - vote))
        if self._balance:
            self._colourless = self._balance > 0


def colour_vote(picture: Image) -> int:
    """Whether a picture is in colour: 1 yes, -1 no, 0 it does not say.

    Args:
        picture: (h, w, 3) uint8 RGB.
    """
    height, width = picture.shape[:2]
    scale = min(1.0, _BLOCKS / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(picture.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    luma = small @ LUMA
    lit = (luma > _DARK) & (luma < _BRIGHT)
    if lit.mean() < _LEAST_LIT:
        return 0
    chroma = np.stack([(small[..., 2] - luma) / 1.772, (small[..., 0] - luma) / 1.402], axis=-1)
    chroma = chroma[lit]
    tint = np.median(chroma, axis=0)
    spread = float(np.percentile(np.linalg.norm(chroma - tint, axis=1), 95))
    strength = float(np.linalg.norm(tint))
    if spread >= _COLOURED_SPREAD or strength >= _COLOURED_TINT:
        return 1
    return -1 if spread <= _PLAIN_SPREAD and strength <= _PLAIN_TINT else 0
