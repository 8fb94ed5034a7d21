"""How GPEN's layers halve and double pictures: StyleGAN2's [1, 3, 3, 1] (arXiv 1912.04958)."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor, nn


def blur_kernel(gain: float = 1.0) -> Tensor:
    """The (4, 4) binomial low-pass [1, 3, 3, 1] of StyleGAN2, its sum being ``gain``."""
    row = torch.tensor([1.0, 3.0, 3.0, 1.0])
    kernel = torch.outer(row, row)
    return kernel * (gain / kernel.sum())


class Blur(nn.Module):
    """Low-pass every channel with [1, 3, 3, 1]; zeros beyond the border.

    Args:
        channels: C of the (N, C, H, W) input; the output is (N, C, H + 2 pad - 3, W + 2 pad - 3).
        gain: what a constant picture is multiplied by.
        pad: zeros added on each side.
    """

    kernel: Tensor

    def __init__(self, channels: int, gain: float, pad: int) -> None:
        super().__init__()
        self.channels, self.gain, self.pad = channels, gain, pad
        self.register_buffer("kernel", torch.empty(channels, 1, 4, 4), persistent=False)
        self.reset()

    def reset(self) -> None:
        """Fill in the kernel: no state dict holds it."""
        if not self.kernel.is_meta:
            self.kernel.copy_(blur_kernel(self.gain).expand_as(self.kernel))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C, H + 2 pad - 3, W + 2 pad - 3)."""
        kernel = self.kernel.to(x.dtype)
        return F.conv2d(x, kernel, padding=self.pad, groups=self.channels)


def double(x: Tensor) -> Tensor:
    """Twice the size by StyleGAN2's kernel: zeros between the samples, then [1, 3, 3, 1].

    Each new sample is 3/4 of its nearest and 1/4 of its next neighbour, which is bilinear
    interpolation; only the border differs, where zeros lie outside.
    """
    padded = F.pad(x, (1, 1, 1, 1))
    twice = F.interpolate(padded, scale_factor=2, mode="bilinear", align_corners=False)
    return twice[:, :, 2:-2, 2:-2]
