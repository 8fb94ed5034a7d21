"""The six kinds of wear, written apart from training's: no code and no seeds are shared.

What a restorer gets is a file, shaped as such files are found:

- mild, medium, heavy: a small video that somebody enlarged. The truth is blurred, reduced (2, 4, 8
  times), made noisy, enlarged to the truth's size (cubic) and encoded (H.264, crf 24, 28, 32).
- film, VHS: captures, encoded at the truth's own size. Film's truth is gray.
- CCTV: a small file of motion JPEG, faces 50 px high; its truth is what a sharp camera of that size
  would see.

The strengths were chosen so that the input's PSNR is about that of the tables that this benchmark
was asked to renew: rigid faces 32.7, 27.7, 24.3, 24.7, 28.5 and 29.0 dB, real ones 39.5, 34.1 and
29.7 dB (mild, medium, heavy). Encoding before enlarging gave 1.5 to 5 dB less there.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from benchmarks.against_filters.media import Encoding, Pictures
from benchmarks.against_filters.scenes import Truth
from benchmarks.against_filters.wear.camera import Cctv
from benchmarks.against_filters.wear.film import Film
from benchmarks.against_filters.wear.reduced import Reduced
from benchmarks.against_filters.wear.tape import Tape

__all__ = ["KINDS", "Kind"]


class Kind(Protocol):
    """One kind of wear.

    Attributes:
        seen_as: name of the truth it is held against: "whole", "gray" or "small".
    """

    @property
    def seen_as(self) -> str: ...  # noqa: D102
    def seen(self, truth: Truth) -> Truth:
        """The truth that this kind's results are held against."""

    def worn(self, truth: Truth, random: np.random.Generator) -> tuple[Pictures, Encoding]:
        """What the file shows, and how it is encoded.

        Args:
            truth: as ``seen`` gives it.
            random: all that is drawn comes from it.
        """


KINDS: dict[str, Kind] = {
    "mild": Reduced(2, blur=0, noise=1.5, crf=24),
    "medium": Reduced(4, blur=1, noise=3, crf=28),
    "heavy": Reduced(8, blur=0, noise=3, crf=32),
    "film": Film(),
    "vhs": Tape(),
    "cctv": Cctv(),
}
