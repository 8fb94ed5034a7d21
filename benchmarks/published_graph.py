"""GPEN's graph as published, for engines to be compared on: slow in the ways ours is not.

StyleGAN2's own formulation (Karras et al., CVPR 2020): the kernels of every layer are scaled and
normalised anew for each sample, the batch is folded into the channels and one grouped convolution
serves it; blurs are two-dimensional; bias, leaky ReLU and gain are operations of their own.
"""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import cast

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor, nn

from vidrestore.restore.gpen.network import (
    EncoderBlock,
    Gpen,
    Linear,
    ModulatedConv,
    StyledConv,
    ToRgb,
)
from vidrestore.restore.gpen.resampling import blur_kernel


def _sizes(x: Tensor) -> list[int]:
    # Plain numbers, so that an export holds constants: ONNX wants to know a kernel's shape.
    return [int(size) for size in x.shape]


def _activate(x: Tensor, bias: Tensor) -> Tensor:
    return F.leaky_relu(x + bias.view(1, -1, 1, 1), 0.2) * math.sqrt(2.0)


def _upfirdn(x: Tensor, gain: float, *, up: int, before: int, after: int) -> Tensor:
    """StyleGAN2's operation in plain torch: zeros between samples, padding, a flipped kernel."""
    n, c, h, w = _sizes(x)
    x = x.reshape(n * c, h, 1, w, 1, 1)
    x = F.pad(x, (0, 0, 0, up - 1, 0, 0, 0, up - 1)).reshape(n * c, h * up, w * up, 1)
    x = F.pad(x, (0, 0, before, after, before, after)).permute(0, 3, 1, 2)
    sides = h * up + before + after, w * up + before + after
    y = F.conv2d(x.reshape(n * c, 1, *sides), torch.flip(blur_kernel(gain), (0, 1))[None, None])
    y = y.reshape(n * c, 1, sides[0] - 3, sides[1] - 3).permute(0, 2, 3, 1)[:, ::1, ::1, :]
    return y.reshape(n, c, sides[0] - 3, sides[1] - 3)


def _blur(x: Tensor, gain: float, pad: int, *, upfirdn: bool) -> Tensor:
    if upfirdn:
        return _upfirdn(x, gain, up=1, before=pad, after=pad)
    n, c, h, w = _sizes(x)
    x = F.pad(x.reshape(n * c, 1, h, w), (pad, pad, pad, pad))
    y = F.conv2d(x, blur_kernel(gain)[None, None])
    return y.reshape(n, c, h + 2 * pad - 3, w + 2 * pad - 3)


def _double(x: Tensor, *, upfirdn: bool) -> Tensor:
    if upfirdn:
        return _upfirdn(x, 4.0, up=2, before=2, after=1)
    n, c, h, w = _sizes(x)
    x = F.conv_transpose2d(x.reshape(n * c, 1, h, w), blur_kernel(4.0)[None, None], stride=2)
    return x[:, :, 1:-1, 1:-1].reshape(n, c, 2 * h, 2 * w)


def _linear(layer: Linear, x: Tensor) -> Tensor:
    y = F.linear(x, layer.weight * layer.scale, layer.bias * layer.multiplier)
    return F.leaky_relu(y, 0.2) * math.sqrt(2.0) if layer.activate else y


def _modulated(
    layer: ModulatedConv, x: Tensor, style: Tensor, *, demodulate: bool, upfirdn: bool = False
) -> Tensor:
    n, _, h, w = _sizes(x)
    scales = _linear(layer.modulation, style)
    kernel = layer.weight[None] * layer.scale * scales[:, None, :, None, None]
    if demodulate:
        power = kernel.square().sum((2, 3, 4), keepdim=True)
        kernel = kernel * torch.rsqrt(power + 1e-8)
    outputs, inputs, side, _ = _sizes(layer.weight)
    x = x.reshape(1, n * inputs, h, w)
    if layer.doubles:
        kernel = kernel.transpose(1, 2).reshape(n * inputs, outputs, side, side)
        y = F.conv_transpose2d(x, kernel, stride=2, groups=n)
        return _blur(y.reshape(n, outputs, 2 * h + 1, 2 * w + 1), 4.0, 1, upfirdn=upfirdn)
    kernel = kernel.reshape(n * outputs, inputs, side, side)
    y = F.conv2d(x, kernel, padding=side // 2, groups=n)
    return y.reshape(n, outputs, h, w)


class PublishedGraph(nn.Module):
    """A :class:`Gpen` computed as it was published: (N, 3, S, S) to (N, 3, S, S) in [-1, 1].

    Args:
        network: whose parameters are used, not copied.
        upfirdn: whether blurs are written out as StyleGAN2's code does without its CUDA kernels.
    """

    def __init__(self, network: Gpen, *, upfirdn: bool = False) -> None:
        super().__init__()
        self.network, self._upfirdn = network, upfirdn

    def forward(self, picture: Tensor) -> Tensor:
        """The restored picture, unclamped."""
        net, x, maps = self.network, picture, []
        for block in cast("list[EncoderBlock]", net.encoder):
            halves = block.blur is not None
            x = _blur(x, 1.0, 2, upfirdn=self._upfirdn) if halves else x
            scale = block.scale / math.sqrt(2.0)
            x = F.conv2d(x, block.weight * scale, stride=2 if halves else 1)
            x = _activate(x, block.bias)
            maps.append(x)
        style = _linear(net.to_style, x.reshape(x.shape[0], -1))
        style = style * torch.rsqrt(style.square().mean(1, keepdim=True) + 1e-8)
        for layer in cast("list[Linear]", net.mapping):
            style = _linear(layer, style)
        coarse, *finer = reversed(maps)
        y = net.constant.repeat(x.shape[0], 1, 1, 1)
        y = self._styled(net.first, y, style, coarse)
        rgb = _to_rgb(cast("ToRgb", net.to_rgb[0]), y, style)
        octaves = zip(net.doubling, net.refining, list(net.to_rgb)[1:], finer, strict=True)
        for doubling, refining, to_rgb, encoded in octaves:
            y = self._styled(cast("StyledConv", doubling), y, style, encoded)
            y = self._styled(cast("StyledConv", refining), y, style, encoded)
            rgb = _double(rgb, upfirdn=self._upfirdn) + _to_rgb(cast("ToRgb", to_rgb), y, style)
        return rgb

    def _styled(self, layer: StyledConv, x: Tensor, style: Tensor, encoded: Tensor) -> Tensor:
        y = _modulated(layer.conv, x, style, demodulate=True, upfirdn=self._upfirdn)
        return _activate(torch.cat((y, layer.map_weight * encoded), dim=1), layer.bias)


def _to_rgb(layer: ToRgb, x: Tensor, style: Tensor) -> Tensor:
    return _modulated(layer.conv, x, style, demodulate=False) + layer.bias


def write_onnx(network: Gpen, path: Path) -> None:
    """Write the graph as ONNX for single pictures: input ``picture``, output ``restored``."""
    side = network.shape.size
    with warnings.catch_warnings():
        # The exporter tells what it did not fold, the tracer that sizes become constants.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            PublishedGraph(network).eval(),
            (torch.zeros(1, 3, side, side),),
            str(path),
            input_names=["picture"],
            output_names=["restored"],
            opset_version=17,
            dynamo=False,
        )
