"""What brings the result of a large face nearer to the truth: gains for its bands.

A model of side S sees a crop of 2 S px at half its size, one that is averaged over frames, and
draws what such a face most likely has. How much of that is right, how much of what blur weakened
can be strengthened, and how much of what only the frame alone shows is more than noise, differs
from one recording to the next, and hardly within a face. So a small network tells gains for the
bands of all three, from how strong these are: a Wiener filter whose signal and noise are learned.

With some twenty gains for a whole crop it can draw nothing, and has too little room to learn its
samples by heart. Networks that looked at each place gained less on faces that they had never seen,
and spoiled soft ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vidrestore.restore.beside import Beside
from vidrestore.restore.detail.bands import BANDS, KNOWN, Bands, known

Float32 = NDArray[np.float32]

_WIDTH: Final = 128
PARTS: Final = 3
"""What is amplified: result, change, and what the frame alone shows."""


class RefinementNetwork(Beside):
    """Tells gains from what is known of a face's bands, in crops of twice the restorer's side."""

    prefix: ClassVar[str] = "refinement."
    divisor: ClassVar[int] = 32  # so that crops of 2 S px divide into cells

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Linear(KNOWN, _WIDTH)
        self.give = nn.Linear(_WIDTH, PARTS * BANDS)

    def forward(self, faces: Tensor) -> Tensor:
        """(N, KNOWN) of ``known`` to (N, PARTS, BANDS): what to add of each band; 0 is nothing."""
        gains: Tensor = self.give(torch.tanh(self.see(faces)))
        return gains.reshape(-1, PARTS, BANDS)


@dataclass(frozen=True, slots=True)
class Refinable:
    """The bands of a face that was restored.

    Attributes:
        result: of what became of it.
        change: of the difference that the restorer made.
        alone: of what the frame alone shows and the mean over frames does not.
        pixel: how many pixels of the crop a pixel of the frame is.
    """

    result: Bands
    change: Bands
    alone: Bands
    pixel: float

    @classmethod
    def of(cls, own: Float32, base: Float32, result: Float32, pixel: float) -> Self:
        """Take a face apart.

        Args:
            own: (W, W) luma of the frame alone, levels of 0..255; 64 divides W.
            base: of the mean over frames, which was restored.
            result: of what became of it.
            pixel: how many pixels of the crop a pixel of the frame is.
        """
        before, after = Bands.of(base), Bands.of(result)
        return cls(after, after.minus(before), Bands.of(own).minus(before), pixel)

    def known(self) -> Float32:
        """(KNOWN,), what gains are told from."""
        return known(self.result, self.change, self.alone, self.pixel)

    @property
    def parts(self) -> tuple[Bands, Bands, Bands]:
        """What is amplified."""
        return self.result, self.change, self.alone

    def summed(self, gains: Float32) -> Float32:
        """(W, W) levels, what gains of (PARTS, BANDS) add."""
        total, *rest = (part.summed(gain) for part, gain in zip(self.parts, gains, strict=True))
        for levels in rest:
            total += levels
        return total
