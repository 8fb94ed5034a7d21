"""How different two faces look to networks that find faces."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor, nn

from training.learning.losses import feature_weights
from training.networks.observers import CenterFaceLayers, ONetLayers

_LEAST_SCALE = 0.1
"""What a channel counts as at least, in parts of its layer's mean strength."""


class PerceptualLoss(nn.Module):
    """Mean difference of inner layers, eyes, nose and mouth counting more.

    O-Net sees the picture whole, for fine detail, and halved, which is nearer to the faces that it
    knows; CenterFace sees it whole. Every channel counts in parts of its strength in the truth, and
    every layer alike.

    Args:
        boost: what eyes and mouth count more.

    Raises:
        ModelError: the weights of an observer are missing or not the expected ones.
    """

    def __init__(self, boost: float = 5.0) -> None:
        super().__init__()
        self.boost = boost
        self.fine, self.coarse = ONetLayers(), CenterFaceLayers()
        self.eval().requires_grad_(requires_grad=False)

    def forward(self, restored: Tensor, truth: Tensor, landmarks: Tensor) -> Tensor:
        """The (N,) distances, nought for the truth; gradients reach ``restored`` alone.

        Args:
            restored: (N, 3, S, S) RGB in [-1, 1], S at least 48.
            truth: the same shape.
            landmarks: (N, 5, 2) xy px in these pictures.
        """
        side = truth.shape[-1]
        places = feature_weights(landmarks, side, side, self.boost)
        with torch.no_grad():
            wanted = self._maps(truth)
        distances = [
            _distance(mine, theirs, places)
            for mine, theirs in zip(self._maps(restored), wanted, strict=True)
        ]
        return torch.stack(distances).mean(0)

    def _maps(self, picture: Tensor) -> list[Tensor]:
        half = F.avg_pool2d(picture, 2)
        return [*self.fine(picture, 2), *self.fine(half), *self.coarse(picture)]


def _distance(mine: Tensor, theirs: Tensor, places: Tensor) -> Tensor:
    """(N,) weighted differences of (N, C, H, W) maps; places are (N, 1, S, S)."""
    mine, theirs = mine.float(), theirs.float()
    strength = theirs.abs().mean((0, 2, 3), keepdim=True)
    scale = torch.maximum(strength, _LEAST_SCALE * strength.mean())
    weights = F.adaptive_avg_pool2d(places, (theirs.shape[-2], theirs.shape[-1]))
    return (weights * ((mine - theirs).abs() / scale)).mean((1, 2, 3))
