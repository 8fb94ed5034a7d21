"""How far a restored crop is from the truth; pictures are (N, 3, S, S) RGB in [-1, 1]."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor

from vidrestore.restore.gpen.confidence import luma

_REACH = (0.075, 0.075, 0.06, 0.085, 0.085)
"""Radius of the weighted discs around eyes, nose and mouth corners, in parts of the side."""
_MEANS = 8
"""Px a side over which what is to stay is averaged."""
_LEAST_COARSE = 2e-4
"""Squared error, of [-1, 1], added to the source's own, so that untouched pictures stay finite."""
_WANTED = 0.9
"""Part of the truth's strength of detail that is asked for."""
_LEAST_STRENGTH = 0.003
"""Added to it, so that pictures without detail do not count without end."""


def feature_weights(landmarks: Tensor, side: int, face: int, boost: float = 3.0) -> Tensor:
    """(N, 1, side, side) weights: about one on average, ``1 + boost`` times more on eyes and mouth.

    Args:
        landmarks: (N, 5, 2) xy px in pictures of that side.
        side: S, of the picture or patch.
        face: side of a whole crop, to which the weighted discs are in proportion.
        boost: what eyes and mouth count more.
    """
    axis = torch.arange(side, device=landmarks.device, dtype=torch.float32)
    radii = torch.tensor(_REACH, device=landmarks.device) * face
    dx = (axis - landmarks[..., :1]) / radii[:, None]
    dy = (axis - landmarks[..., 1:]) / radii[:, None]
    bumps = torch.exp(-(dy.square()[..., :, None] + dx.square()[..., None, :]))
    return (1 + boost * bumps.amax(1, keepdim=True)) / (1 + 0.1 * boost)


def _halve(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, 2)


def _bands(x: Tensor, levels: int) -> list[Tensor]:
    """Laplacian bands, finest first."""
    bands = []
    for _ in range(levels):
        half = _halve(x)
        grown = F.interpolate(half, scale_factor=2, mode="bilinear", align_corners=False)
        bands.append(x - grown)
        x = half
    return bands


def mean_squares(difference: Tensor, weights: Tensor) -> Tensor:
    """(N, C, H, W) to the (N,) weighted mean squares.

    Args:
        difference: of pictures in [-1, 1].
        weights: (H, W), one on average.
    """
    return _mean(difference.square() * weights)


def coarse_error(restored: Tensor, source: Tensor, truth: Tensor, weights: Tensor) -> Tensor:
    """The squared error of 8x8 means over the source's own; (N,).

    Args:
        restored: (N, 3, S, S) in [-1, 1], S a multiple of 8.
        source: what it was made from, of the same shape.
        truth: the same shape.
        weights: (S, S), of the pixels.
    """
    places = F.avg_pool2d(weights[None], _MEANS)
    mine, own = (mean_squares(F.avg_pool2d(x - truth, _MEANS), places) for x in (restored, source))
    return mine / (own + _LEAST_COARSE)


def detail_gap(restored: Tensor, truth: Tensor, weights: Tensor) -> Tensor:
    """How far the local strength of detail is from nine tenths of the truth's, relatively; (N,).

    What cannot be known averages out in a least-squares result, which is too soft; this asks for
    some of the strength back, where the truth has it and not elsewhere. All of it would be noise.

    Args:
        restored: (N, 3, S, S) in [-1, 1], S a multiple of 16.
        truth: the same shape.
        weights: (S, S), of the pixels.
    """
    gaps = []
    at = weights[None, None]
    for mine, wanted in zip(_bands(luma(restored), 2), _bands(luma(truth), 2), strict=True):
        places, strength = F.avg_pool2d(at, 8), _strength(wanted)
        gap = (_strength(mine) - _WANTED * strength).abs()
        gaps.append(_mean(places * gap) / (_mean(places * strength) + _LEAST_STRENGTH))
        at = _halve(at)
    return torch.stack(gaps).sum(0)


def _mean(x: Tensor) -> Tensor:
    """(N, C, H, W) to (N,)."""
    return x.mean((1, 2, 3))


def _strength(band: Tensor) -> Tensor:
    """Root mean square over 8x8 windows."""
    return (F.avg_pool2d(band.square(), 8) + 1e-5).sqrt()
