"""How far a restored crop is from the truth; pictures are (N, 3, S, S) RGB in [-1, 1]."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor

_REACH = (0.075, 0.075, 0.06, 0.085, 0.085)
"""Radius of the weighted discs around eyes, nose and mouth corners, in parts of the side."""
_CHARBONNIER = 0.01
_LEAST_COST = 0.03
"""Added to a sample's cost before its loss is divided by it, so that untouched ones stay finite."""

_WANTED = 0.9
"""Part of the truth's strength of detail that is asked for."""
_LEAST_STRENGTH = 0.003
"""Added to it, so that pictures without detail do not count without end."""


@dataclass(frozen=True, slots=True)
class LossWeights:
    """What each term counts.

    Attributes:
        pixel: Charbonnier distance of the pixels.
        detail: of the bands of a Laplacian pyramid, the finest counting most.
        energy: of the local strength of detail, so that the result is not too smooth.
        low: of 8x8 means, so that brightness and colour stay.
        chroma: of the colour differences, so that gray stays gray.
    """

    pixel: float = 1.0
    detail: float = 2.0
    energy: float = 0.3
    low: float = 2.0
    chroma: float = 0.5


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


def _distance(difference: Tensor) -> Tensor:
    return (difference.square() + _CHARBONNIER**2).sqrt() - _CHARBONNIER


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


def _luma(x: Tensor) -> Tensor:
    return 0.299 * x[:, :1] + 0.587 * x[:, 1:2] + 0.114 * x[:, 2:]


def losses(
    restored: Tensor, truth: Tensor, landmarks: Tensor, face: int, weights: LossWeights
) -> dict[str, Tensor]:
    """Every term of every picture, weighted, (N,) each; their sum is under "total".

    Args:
        restored: (N, 3, S, S), S a multiple of 16.
        truth: the same shape.
        landmarks: (N, 5, 2) xy px in these pictures.
        face: side of a whole crop.
        weights: of the terms.
    """
    places = feature_weights(landmarks, truth.shape[-1], face)
    difference = restored - truth
    terms = {"pixel": weights.pixel * _mean(places * _distance(difference))}

    # The bands are linear: those of the difference are the differences of the bands.
    detail, at = terms["pixel"].new_zeros(()), places
    for level, band in enumerate(_bands(_luma(difference), 3)):
        detail = detail + 0.5**level * _mean(at * _distance(band))
        at = _halve(at)
    terms["detail"] = weights.detail * detail

    energy, at = terms["pixel"].new_zeros(()), places
    for mine, wanted in zip(_bands(_luma(restored), 2), _bands(_luma(truth), 2), strict=True):
        gap = (_strength(mine) - _strength(wanted)).abs()
        energy = energy + _mean(F.avg_pool2d(at, 8) * gap)
        at = _halve(at)
    terms["energy"] = weights.energy * energy

    terms["low"] = weights.low * _mean(_distance(F.avg_pool2d(difference, 8)))
    chroma = difference - _luma(difference)
    terms["chroma"] = weights.chroma * _mean(_distance(_halve(chroma)))
    return {**terms, "total": torch.stack(list(terms.values())).sum(0)}


def relative_losses(
    restored: Tensor,
    source: Tensor,
    truth: Tensor,
    landmarks: Tensor,
    *,
    face: int,
    weights: LossWeights,
) -> dict[str, Tensor]:
    """The mean of every term; what the input would have cost ("source"); what to go down ("loss").

    A sample counts in proportion to how much it can gain: else the worst, of which little can be
    restored, would outweigh the rest. Arguments are those of :func:`losses`.
    """
    terms = losses(restored, truth, landmarks, face, weights)
    with torch.no_grad():
        cost = losses(source, truth, landmarks, face, weights)["total"]
    means = {name: term.mean() for name, term in terms.items()}
    loss = (terms["total"] / (cost + _LEAST_COST)).mean()
    return {**means, "source": cost.mean(), "loss": loss}


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
    for mine, wanted in zip(_bands(_luma(restored), 2), _bands(_luma(truth), 2), strict=True):
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
