"""How far a restored crop can be trusted, place by place.

A small network sees the crop that was restored and what the restorer changed, and tells for cells
of 8 px which share of the change brings the picture nearest to the truth, and how large an error is
left: both learned by maximum likelihood, the error taken as Gaussian (Kendall and Gal, "What
Uncertainties Do We Need in Bayesian Deep Learning for Computer Vision?", NIPS 2017, arXiv
1703.04977). Where the change is as likely to harm as to help, the share is nought and the crop
stays as it was: a lid that may be shut gets no pupil.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import ClassVar, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor, nn

from vidrestore.picture.luma import BT601
from vidrestore.restore.beside import Beside
from vidrestore.restore.gpen.network import SLOPE

CELL = 8
_FOLD = 4
_STRENGTH = 4.0
"""Factor on what was changed, which is a tenth as large as the picture."""


class Trust(NamedTuple):
    """What the network tells.

    Attributes:
        share: (N, 1, S / 8, S / 8), 0 to 1: how much of the change to take.
        log_error: the same shape: logarithm of the mean square that is left, of [-1, 1].
    """

    share: Tensor
    log_error: Tensor


class Confidence(Beside):
    """Tells how far to trust a restored crop."""

    prefix: ClassVar[str] = "confidence."
    divisor: ClassVar[int] = 16

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Conv2d(2 * _FOLD**2, 32, 3, 1, 1)
        self.halve = nn.Conv2d(32, 48, 3, 2, 1)
        self.refine = nn.Conv2d(48, 48, 3, 1, 1)
        self.halve_again = nn.Conv2d(48, 64, 3, 2, 1)
        self.widen = nn.Conv2d(64, 64, 3, 1, 2, dilation=2)
        self.join = nn.Conv2d(64 + 48, 48, 3, 1, 1)
        self.tell = nn.Conv2d(48, 2, 1)

    def forward(self, source: Tensor, restored: Tensor) -> Trust:
        """Look at crops and their results.

        Args:
            source: (N, 3, S, S) RGB in [-1, 1].
            restored: the same shape.
        """
        seen, changed = luma(source), luma(restored - source)
        x = F.pixel_unshuffle(torch.cat((seen, changed * _STRENGTH), 1), _FOLD)
        x = F.leaky_relu(self.see(x), SLOPE)
        fine = F.leaky_relu(self.refine(F.leaky_relu(self.halve(x), SLOPE)), SLOPE)
        wide = F.leaky_relu(self.halve_again(fine), SLOPE)
        wide = F.leaky_relu(self.widen(wide), SLOPE)
        grown = F.interpolate(wide, scale_factor=2.0, mode="nearest")
        heads = self.tell(F.leaky_relu(self.join(torch.cat((fine, grown), 1)), SLOPE))
        share, log_error = heads.chunk(2, dim=1)
        return Trust(share.sigmoid(), log_error)


def luma(picture: Tensor) -> Tensor:
    """(N, 3, H, W) RGB to (N, 1, H, W), BT.601."""
    red, green, blue = picture.chunk(3, dim=1)
    return BT601[0] * red + BT601[1] * green + BT601[2] * blue


def shared(source: Tensor, restored: Tensor, share: Tensor) -> Tensor:
    """The source with that share of the change.

    Args:
        source: (N, 3, S, S).
        restored: the same shape.
        share: (N, 1, S / 8, S / 8), brought to S by linear interpolation.
    """
    grown = F.interpolate(share, scale_factor=float(CELL), mode="bilinear", align_corners=False)
    return source + grown * (restored - source)


class Cautious:
    """A network in its form for inference, of whose result only the trusted share is taken.

    Args:
        form: (N, 3, S, S) RGB in [-1, 1] to the same in float32.
        confidence: in float32 on the CPU; left as it is.
        device: of the form.
    """

    def __init__(
        self,
        form: Callable[[Tensor], Tensor],
        confidence: Confidence,
        device: torch.device,
    ) -> None:
        self._form = form
        self._confidence = copy.deepcopy(confidence).to(device)

    @torch.inference_mode()
    def __call__(self, pictures: Tensor) -> Tensor:
        """(N, 3, S, S) RGB in [-1, 1] to the restored (N, 3, S, S) float32, unclamped."""
        restored = self._form(pictures)
        results = torch.empty_like(restored)
        # One by one: a result depends on its own crop alone, to the last bit.
        for place in range(len(pictures)):
            one = slice(place, place + 1)
            source = pictures[one].float()
            trust = self._confidence(source, restored[one])
            results[one] = shared(source, restored[one], trust.share)
        return results
