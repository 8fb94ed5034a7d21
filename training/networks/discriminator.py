"""Tells restored faces from true ones: the discriminator of StyleGAN2.

Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", CVPR 2020, arXiv
1912.04958: residual blocks down to 4x4 px, the spread over a small batch as one more channel,
equalised learning rates, no normalisation. Shown the worn picture as well, it also punishes what
does not belong to it (Isola et al., "Image-to-Image Translation with Conditional Adversarial
Networks", CVPR 2017).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor, nn

from vidrestore.restore.gpen.network import GAIN, SLOPE, Linear
from vidrestore.restore.gpen.resampling import Blur

_MOST = 512
_FINEST = 16384
_GROUP = 4
_COARSEST = 4


@dataclass(frozen=True, slots=True)
class DiscriminatorShape:
    """The free dimensions.

    Attributes:
        size: side of the pictures, a power of two from 8.
        width: of the channels, in parts of a full GPEN's: 1 is 64 at 256 px, 512 from 32 px down.
        conditional: whether it is shown the worn picture beside the one to be judged.
    """

    size: int
    width: float = 0.5
    conditional: bool = True

    def __post_init__(self) -> None:
        """Refuse what no network can be built from."""
        if self.size < 8 or self.size & (self.size - 1):
            raise ValueError(f"size {self.size}; a power of two from 8 is needed")
        if self.width <= 0:
            raise ValueError(f"width {self.width}; it must be positive")

    def channels(self) -> tuple[int, ...]:
        """Of every octave, the finest first and the one of 4 px last."""
        sides = (self.size >> octave for octave in range(self.size.bit_length() - 2))
        return tuple(max(1, round(self.width * min(_MOST, _FINEST / side))) for side in sides)


class Conv(nn.Module):
    """Convolution with equalised learning rate, after a blur where it halves the size.

    Args:
        inputs: channels in.
        outputs: channels out.
        side: kernel side, 1 or 3.
        reduce: whether the output has half the size.
        activate: whether a bias and a leaky ReLU (slope 0.2, gain sqrt 2) follow.
    """

    def __init__(
        self, inputs: int, outputs: int, side: int, *, reduce: bool = False, activate: bool = True
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, side, side))
        self.bias = nn.Parameter(torch.zeros(outputs)) if activate else None
        self.scale = 1 / math.sqrt(inputs * side * side)
        # A 3x3 kernel of stride 2 makes (H + 1) samples H / 2; a 1x1 kernel takes H - 1.
        self.blur = Blur(inputs, 1.0, 2 if side == 3 else 1) if reduce else None
        self.padding = 0 if reduce else side // 2

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H, W), or half that size."""
        stride = 1
        if self.blur is not None:
            x, stride = self.blur(x), 2
        y = F.conv2d(x, self.weight * self.scale, self.bias, stride, self.padding)
        return y if self.bias is None else F.leaky_relu(y, SLOPE) * GAIN


class ResidualBlock(nn.Module):
    """Two convolutions, the second of which halves the size, beside a linear way around.

    Args:
        inputs: channels in.
        outputs: channels out.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = Conv(inputs, inputs, 3)
        self.second = Conv(inputs, outputs, 3, reduce=True)
        self.around = Conv(inputs, outputs, 1, reduce=True, activate=False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H / 2, W / 2), of equal strength."""
        y = self.second(self.first(x)) + self.around(x)
        return cast("Tensor", y) / math.sqrt(2.0)


def with_spread(x: Tensor, group: int = _GROUP) -> Tensor:
    """One more channel: how much the pictures of a group differ (minibatch standard deviation).

    A generator that gives everything the same look is given away by it. Karras et al., "Progressive
    Growing of GANs", ICLR 2018, arXiv 1710.10196.

    Args:
        x: (N, C, H, W).
        group: pictures that are compared; as many as divide N evenly, this at most.

    Returns:
        (N, C + 1, H, W); the new channel is constant over each picture.
    """
    count = x.shape[0]
    size = next(size for size in range(min(group, count), 0, -1) if count % size == 0)
    groups = x.float().reshape(size, count // size, *x.shape[1:])
    spread = (groups.var(0, unbiased=False) + 1e-8).sqrt().mean((1, 2, 3))
    channel = spread.repeat(size).to(x.dtype)[:, None, None, None]
    return torch.cat((x, channel.expand(-1, 1, *x.shape[2:])), dim=1)


class Discriminator(nn.Module):
    """Scores pictures: positive for what looks true.

    Args:
        shape: size and width, and whether the worn picture is seen too.
    """

    def __init__(self, shape: DiscriminatorShape) -> None:
        super().__init__()
        self.shape = shape
        channels = shape.channels()
        self.entry = Conv(6 if shape.conditional else 3, channels[0], 1)
        self.blocks = nn.ModuleList(ResidualBlock(i, o) for i, o in itertools.pairwise(channels))
        last = channels[-1]
        self.mixing = Conv(last + 1, last, 3)
        self.gathering = Linear(last * _COARSEST**2, last, activate=True)
        self.score = Linear(last, 1)

    def forward(self, picture: Tensor, worn: Tensor) -> Tensor:
        """The (N,) scores, unbounded.

        Args:
            picture: (N, 3, S, S) RGB in [-1, 1], restored or true.
            worn: the same shape, what was to be restored; unused unless ``conditional``.
        """
        x = torch.cat((picture, worn), dim=1) if self.shape.conditional else picture
        x = self.entry(x)
        for block in self.blocks:
            x = block(x)
        x = self.mixing(with_spread(x))
        return cast("Tensor", self.score(self.gathering(x.flatten(1)))).squeeze(1).float()
