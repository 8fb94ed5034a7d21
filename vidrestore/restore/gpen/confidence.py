"""How far a restored crop can be trusted, place by place.

A small network sees the crop that was restored and what the restorer changed, and tells for cells
of 8 px which share of the change brings the picture nearest to the truth, and how large an error is
left: both learned by maximum likelihood, the error taken as Gaussian (Kendall and Gal, "What
Uncertainties Do We Need in Bayesian Deep Learning for Computer Vision?", NIPS 2017, arXiv
1703.04977). Where the change is as likely to harm as to help, the share is nought and the crop
stays as it was: a lid that may be shut gets no pupil.

It also tells how strong the finest detail is that is still missing, which nobody can know but which
a picture without it lacks. It can be drawn as texture: noise of that strength, fixed in the crop so
that it rides on the face.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor, nn

from vidrestore.errors import ModelError
from vidrestore.picture.luma import BT601
from vidrestore.restore.gpen.network import SLOPE

PREFIX = "confidence."
"""Of the names under which a weight file holds it beside its network."""
CELL = 8
_FOLD = 4
_STRENGTH = 4.0
"""Factor on what was changed, which is a tenth as large as the picture."""
_DEEPEST = 16
_SEED = 97
_STRONGEST = 0.04
"""Deviation of texture at most, of [-1, 1]: 5 levels."""


class Trust(NamedTuple):
    """What the network tells.

    Attributes:
        share: (N, 1, S / 8, S / 8), 0 to 1: how much of the change to take.
        log_error: the same shape: logarithm of the mean square that is left, of [-1, 1].
        log_missing: the same shape: that of the finest octave of luma alone.
    """

    share: Tensor
    log_error: Tensor
    log_missing: Tensor


class Confidence(nn.Module):
    """Tells how far to trust a restored crop; for any side that 16 divides."""

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Conv2d(2 * _FOLD**2, 32, 3, 1, 1)
        self.halve = nn.Conv2d(32, 48, 3, 2, 1)
        self.refine = nn.Conv2d(48, 48, 3, 1, 1)
        self.halve_again = nn.Conv2d(48, 64, 3, 2, 1)
        self.widen = nn.Conv2d(64, 64, 3, 1, 2, dilation=2)
        self.join = nn.Conv2d(64 + 48, 48, 3, 1, 1)
        self.tell = nn.Conv2d(48, 3, 1)

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
        share, log_error, log_missing = heads.chunk(3, dim=1)
        return Trust(share.sigmoid(), log_error, log_missing)


def luma(picture: Tensor) -> Tensor:
    """(N, 3, H, W) RGB to (N, 1, H, W), BT.601."""
    red, green, blue = picture.chunk(3, dim=1)
    return BT601[0] * red + BT601[1] * green + BT601[2] * blue


def finest(picture: Tensor) -> Tensor:
    """The finest octave of (N, C, S, S): what halving by means takes away."""
    half = F.avg_pool2d(picture, 2)
    grown = F.interpolate(half, scale_factor=2.0, mode="bilinear", align_corners=False)
    return picture - grown


def grain(size: int) -> Tensor:
    """(1, 1, S, S) noise of the finest octave, of deviation 1, the same on every call."""
    draws = torch.Generator().manual_seed(_SEED)
    noise = finest(torch.randn(1, 1, size, size, generator=draws))
    return noise / noise.std()


def shared(source: Tensor, restored: Tensor, share: Tensor) -> Tensor:
    """The source with that share of the change.

    Args:
        source: (N, 3, S, S).
        restored: the same shape.
        share: (N, 1, S / 8, S / 8), brought to S by linear interpolation.
    """
    return source + _grown(share) * (restored - source)


def _grown(cells: Tensor) -> Tensor:
    return F.interpolate(cells, scale_factor=float(CELL), mode="bilinear", align_corners=False)


class Caution(NamedTuple):
    """How a network's results are taken.

    Attributes:
        confidence: in float32 on the CPU; left as it is.
        texture: 0 to 1, how much of the detail that is still missing is drawn as texture.
    """

    confidence: Confidence
    texture: float


class Cautious:
    """A network in its form for inference, of whose result only the trusted share is taken.

    Args:
        form: (N, 3, S, S) RGB in [-1, 1] to the same in float32.
        caution: how.
        size: S.
        device: of the form.
    """

    def __init__(
        self,
        form: Callable[[Tensor], Tensor],
        caution: Caution,
        size: int,
        device: torch.device,
    ) -> None:
        self._form = form
        self._confidence = copy.deepcopy(caution.confidence).to(device)
        self._grain = (caution.texture * grain(size)).to(device) if caution.texture else None

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
            result = shared(source, restored[one], trust.share)
            if self._grain is not None:
                result = result + self._grain * _grown(grain_strength(trust.log_missing))
            results[one] = result
        return results


def grain_strength(log_missing: Tensor) -> Tensor:
    """(N, 1, h, w): deviation of the texture to draw.

    What is missing along edges (rims of glasses, teeth, a collar) is their place, not texture: the
    least of a cell and its neighbours is taken, and no more than skin has.
    """
    strength = (0.5 * log_missing).exp()
    around = -F.max_pool2d(-strength, 3, 1, 1)
    return around.clamp_max(_STRONGEST)


def confidence_of(state: Mapping[str, Tensor], size: int) -> Confidence | None:
    """What a weight file's tensors under ``PREFIX`` make; None if there are none.

    Args:
        state: those tensors, prefix taken off.
        size: side of the network's crops.

    Raises:
        ModelError: they are not a whole one, or the crops are too small for it.
    """
    if not state:
        return None
    network = Confidence()
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    found = {name: tuple(value.shape) for name, value in state.items()}
    if found != wanted or size % _DEEPEST:
        odd = sorted(set(found.items()) ^ set(wanted.items())) or [("crops", (size,))]
        raise ModelError(f"its confidence is not whole: {PREFIX}{odd[0][0]} is missing or odd")
    network.load_state_dict({name: value.float() for name, value in state.items()})
    return network.eval().requires_grad_(False)
