"""What brings a result nearer to the truth in the octaves that are finest in a large crop.

A model of side S sees a crop of 2 S px at half its size, and its change comes back enlarged: the
finest octave stays as the source has it, and the next is changed too weakly. A small network looks
at the crop and at its result where they are, and gives what to add, by least squares: what blur
left is strengthened, noise is weakened, and what the restorer drew too sharp is taken back.

It sees some 20 px around each pixel and nothing else. One that was shown the strength of all
octaves in the whole crop learned its samples by heart, and spoiled soft faces that it had never
seen.

Means over cells take no part, neither in what is seen nor in what is given: light and colour stay
the source's.
"""

from __future__ import annotations

from typing import ClassVar, Final

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor, nn

from vidrestore.restore.beside import Beside
from vidrestore.restore.detail.octaves import CELL

_WIDTH: Final = 20
_DILATIONS: Final = (1, 2, 4, 1)
_FOLD: Final = 2
_SLOPE: Final = 0.2
_SEEN: Final = 16.0
"""Levels of the result that count as one."""
_CHANGED: Final = 4.0
"""Levels of what the restorer changed, and of what is given, that count as one."""


class RefinementNetwork(Beside):
    """Gives what to add to the luma of results."""

    prefix: ClassVar[str] = "refinement."
    divisor: ClassVar[int] = 8  # so that cells divide crops of 2 S px

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Conv2d(2 * _FOLD**2, _WIDTH, 3, 1, 1)
        self.think = nn.ModuleList(
            nn.Conv2d(_WIDTH, _WIDTH, 3, 1, apart, apart) for apart in _DILATIONS
        )
        self.give = nn.Conv2d(_WIDTH, _FOLD**2, 3, 1, 1)

    def forward(self, base: Tensor, result: Tensor) -> Tensor:
        """What to add to results, (N, 1, W, W) levels, of mean about 0 in every cell.

        Args:
            base: (N, 1, W, W) luma of what was restored, levels of 0..255; W is 2 S, or the side
                of a part of such crops that 16 divides.
            result: of what became of it, of the same shape.
        """
        seen, before = without_means(result), without_means(base)
        seen = torch.cat((seen / _SEEN, (seen - before) / _CHANGED), 1)
        x = F.leaky_relu(self.see(F.pixel_unshuffle(seen, _FOLD)), _SLOPE)
        for layer in self.think:
            x = x + F.leaky_relu(layer(x), _SLOPE)
        return without_means(F.pixel_shuffle(self.give(x), _FOLD) * _CHANGED)


def without_means(luma: Tensor) -> Tensor:
    """(N, 1, W, W) less the means of its cells, brought back to W by linear interpolation."""
    means = F.avg_pool2d(luma, CELL)
    grown = F.interpolate(means, scale_factor=float(CELL), mode="bilinear", align_corners=False)
    return luma - grown
