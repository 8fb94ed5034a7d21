"""The GPEN network, written from the papers.

GPEN: Yang et al., "GAN Prior Embedded Network for Blind Face Restoration in the Wild", CVPR 2021,
arXiv 2105.06070. Its generator: Karras et al., "Analyzing and Improving the Image Quality of
StyleGAN", CVPR 2020, arXiv 1912.04958.

An encoder halves the picture down to 4x4 px. Its last map becomes one style vector; each of its
maps stands where StyleGAN2 adds noise, but is concatenated to the features instead of added.

Two choices make it fast. A style scales the activations and not the kernels, so a batch shares one
ordinary convolution; demodulation is then one small matrix product. And the square root of two
that follows every leaky ReLU is drawn into what comes before it, as it commutes.
"""

from __future__ import annotations

import itertools
import math
from typing import cast

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor, nn

from vidrestore.restore.gpen.resampling import Blur, double
from vidrestore.restore.gpen.shape import GpenShape

SLOPE = 0.2
GAIN = math.sqrt(2.0)
EPSILON = 1e-8
_MAPPING_RATE = 0.01


def _drawn(*shape: int) -> Tensor:
    """Numbers of the normal distribution.

    None on "meta", where there is nothing to draw or to compute: torch would load its compiler and
    sympy, a second or two, to find that out.
    """
    empty = torch.empty(shape)
    return empty if empty.is_meta else empty.normal_()


class Linear(nn.Module):
    """A fully connected layer with equalised learning rate (StyleGAN, arXiv 1812.04948).

    Args:
        inputs: features in.
        outputs: features out.
        multiplier: of the learning rate: weights are stored so many times smaller.
        activate: whether a leaky ReLU (slope 0.2, gain sqrt 2) follows.
        bias: what the bias starts at.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        multiplier: float = 1.0,
        activate: bool = False,
        bias: float = 0.0,
    ) -> None:
        super().__init__()
        drawn = _drawn(outputs, inputs)
        self.weight = nn.Parameter(drawn if drawn.is_meta else drawn / multiplier)
        self.bias = nn.Parameter(torch.full((outputs,), bias / multiplier))
        self.scale, self.multiplier = multiplier / math.sqrt(inputs), multiplier
        self.activate = activate

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs) to (N, outputs)."""
        y = F.linear(x, self.weight * self.scale, self.bias * self.multiplier)
        return F.leaky_relu(y, SLOPE) * GAIN if self.activate else y


class EncoderBlock(nn.Module):
    """Convolution and leaky ReLU; with ``reduce`` a blur and a stride of 2 first.

    Args:
        inputs: channels in.
        outputs: channels out.
        side: kernel side, 1 or 3.
        reduce: whether the output has half the size.
    """

    def __init__(self, inputs: int, outputs: int, side: int, *, reduce: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(_drawn(outputs, inputs, side, side))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale = GAIN / math.sqrt(inputs * side * side)
        self.blur = Blur(inputs, 1.0, 2) if reduce else None

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H, W), or half that size."""
        stride = 1
        if self.blur is not None:
            x, stride = self.blur(x), 2
        y = F.conv2d(x, self.weight * self.scale, self.bias * GAIN, stride=stride)
        return F.leaky_relu(y, SLOPE)


class ModulatedConv(nn.Module):
    """StyleGAN2's convolution whose input channels are scaled by a style.

    Args:
        inputs: channels in.
        outputs: channels out.
        side: kernel side, 1 or 3.
        style_width: length of the style vector.
        double: whether it is a transposed convolution of stride 2; (H, W) then becomes
            (2 H + 1, 2 W + 1), for a blur to bring to (2 H, 2 W).
    """

    def __init__(
        self, inputs: int, outputs: int, side: int, style_width: int, *, double: bool = False
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(_drawn(outputs, inputs, side, side))
        self.modulation = Linear(style_width, inputs, bias=1.0)
        self.scale = 1.0 / math.sqrt(inputs * side * side)
        self.side, self.doubles = side, double

    def forward(self, x: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """Convolve; do not demodulate yet.

        Returns:
            The (N, outputs, H', W') result and the (N, outputs) factors that demodulate it.
        """
        scales = self.modulation(style)
        kernel = self.weight * self.scale
        x = x * scales[:, :, None, None].to(x.dtype)
        if self.doubles:
            y = F.conv_transpose2d(x, kernel.transpose(0, 1), stride=2)
        else:
            y = F.conv2d(x, kernel, padding=self.side // 2)
        power = kernel.float().square().sum((2, 3))
        return y, torch.rsqrt(scales.float().square() @ power.T + EPSILON)


class StyledConv(nn.Module):
    """Modulated convolution, the encoder's map beside it, bias and leaky ReLU.

    Args:
        inputs: channels in.
        outputs: channels of the convolution; the result has twice as many, as the encoder's map
            (of ``outputs`` channels) is concatenated.
        style_width: length of the style vector.
        double: whether the result has twice the input's size.
    """

    def __init__(
        self, inputs: int, outputs: int, style_width: int, *, double: bool = False
    ) -> None:
        super().__init__()
        self.conv = ModulatedConv(inputs, outputs, 3, style_width, double=double)
        self.blur = Blur(outputs, 4.0, 1) if double else None
        self.map_weight = nn.Parameter(torch.zeros(1))
        self.bias = nn.Parameter(torch.zeros(2 * outputs))

    def forward(self, x: Tensor, style: Tensor, encoded: Tensor) -> Tensor:
        """(N, inputs, H, W) and the encoder's (N, outputs, H', W') to (N, 2 outputs, H', W')."""
        y, demodulation = self.conv(x, style)
        if self.blur is not None:
            y = self.blur(y)
        return self.join(y, demodulation, encoded)

    def join(self, own: Tensor, demodulation: Tensor, encoded: Tensor) -> Tensor:
        """What follows the convolution: both (N, outputs, H, W) to (N, 2 outputs, H, W)."""
        factors = (demodulation * GAIN)[:, :, None, None].to(own.dtype)
        bias = (self.bias * GAIN)[None, :, None, None].to(own.dtype)
        own_bias, encoded_bias = bias.chunk(2, dim=1)
        weight = (self.map_weight * GAIN).to(own.dtype)
        joined = torch.cat((own * factors + own_bias, encoded * weight + encoded_bias), dim=1)
        return F.leaky_relu(joined, SLOPE)


class ToRgb(nn.Module):
    """One octave's share of the picture: a modulated 1x1 convolution without demodulation.

    Args:
        inputs: channels in.
        style_width: length of the style vector.
    """

    def __init__(self, inputs: int, style_width: int) -> None:
        super().__init__()
        self.conv = ModulatedConv(inputs, 3, 1, style_width)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, 3, H, W)."""
        return cast("Tensor", self.conv(x, style)[0] + self.bias.to(x.dtype))


class Gpen(nn.Module):
    """Restores faces: (N, 3, S, S) RGB in [-1, 1] to the same, deterministically.

    The values are not clamped. Fastest in ``torch.channels_last``.

    Args:
        shape: sizes and widths.
    """

    def __init__(self, shape: GpenShape) -> None:
        super().__init__()
        self.shape = shape
        widths, style = shape.widths, shape.style_width
        down = list(zip(widths[:0:-1], widths[-2::-1], strict=True))
        up = list(itertools.pairwise(widths))
        self.encoder = nn.ModuleList([EncoderBlock(3, widths[-1], 1, reduce=False)])
        self.encoder.extend(EncoderBlock(i, o, 3, reduce=True) for i, o in down)
        self.to_style = Linear(widths[0] * 16, style, activate=True)
        self.mapping = nn.ModuleList(
            Linear(style, style, multiplier=_MAPPING_RATE, activate=True)
            for _ in range(shape.mapping_depth)
        )
        self.constant = nn.Parameter(_drawn(1, widths[0], 4, 4))
        self.first = StyledConv(widths[0], widths[0], style)
        self.doubling = nn.ModuleList(StyledConv(2 * i, o, style, double=True) for i, o in up)
        self.refining = nn.ModuleList(StyledConv(2 * o, o, style) for _, o in up)
        self.to_rgb = nn.ModuleList(ToRgb(2 * width, style) for width in widths)

    def forward(self, picture: Tensor) -> Tensor:
        """(N, 3, S, S) RGB in [-1, 1] to the restored (N, 3, S, S), unclamped."""
        maps = []
        x = picture
        for block in self.encoder:
            x = block(x)
            maps.append(x)
        style = self.style(x)
        coarse, *finer = reversed(maps)
        constant = self.constant.to(x.dtype).expand(x.shape[0], -1, -1, -1)
        y = self.first(constant, style, coarse)
        rgb = self.to_rgb[0](y, style)
        octaves = zip(self.doubling, self.refining, list(self.to_rgb)[1:], finer, strict=True)
        for doubling, refining, to_rgb, encoded in octaves:
            y = refining(doubling(y, style, encoded), style, encoded)
            rgb = to_rgb(y, style) + double(rgb)
        return cast("Tensor", rgb)

    @classmethod
    def empty(cls, shape: GpenShape) -> Gpen:
        """A network on the CPU whose parameters are yet to be loaded, made without random draws."""
        with torch.device("meta"):
            network = cls(shape)
        # Module.to_empty would load sympy.
        for module in network.modules():
            for name, parameter in list(module.named_parameters(recurse=False)):
                setattr(module, name, nn.Parameter(torch.empty(parameter.shape)))
            if isinstance(module, Blur):
                module.kernel = torch.empty(module.kernel.shape)
                module.reset()
        return network

    def style(self, coarse: Tensor) -> Tensor:
        """The (N, style_width) vector that an (N, C, 4, 4) encoder map stands for."""
        style = self.to_style(coarse.flatten(1))
        style = style * torch.rsqrt(style.square().mean(1, keepdim=True) + EPSILON)
        for layer in self.mapping:
            style = layer(style)
        return cast("Tensor", style)
