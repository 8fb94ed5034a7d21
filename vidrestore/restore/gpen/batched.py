"""GPEN for inference on a GPU: whole batches, channels last, in few passes over memory.

The style scales the maps and not the kernels, so that a batch shares one convolution; what follows
it is written where it belongs in the concatenation. In float16 a map times its style could exceed
65504, so the scales are divided by the largest of their picture, which demodulation takes out
again, exactly. To RGB is one product of matrices per picture, its style in the small matrix.
"""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor

from vidrestore.restore.gpen.folding import FoldedForm
from vidrestore.restore.gpen.network import (
    EPSILON,
    GAIN,
    SLOPE,
    EncoderBlock,
    Gpen,
    StyledConv,
    ToRgb,
)

_TINY = 1e-12


class _Halving:
    """An encoder block."""

    def __init__(self, block: EncoderBlock, _side: int, dtype: torch.dtype) -> None:
        weight = block.weight * block.scale
        self.weight = weight.to(dtype, memory_format=torch.channels_last)
        self.bias = (block.bias * GAIN).to(dtype)
        self.blur = None if block.blur is None else block.blur.kernel.to(dtype)

    def __call__(self, x: Tensor) -> Tensor:
        stride = 1
        if self.blur is not None:
            x, stride = F.conv2d(x, self.blur, padding=2, groups=len(self.blur)), 2
        return F.leaky_relu_(F.conv2d(x, self.weight, self.bias, stride=stride), SLOPE)


class _Styled:
    """A styled convolution."""

    def __init__(self, layer: StyledConv, _side: int, dtype: torch.dtype) -> None:
        weight = layer.conv.weight * layer.conv.scale
        self.outputs = len(weight)
        self.power = weight.square().sum((2, 3)).T.contiguous()
        self.blur = None if layer.blur is None else layer.blur.kernel.to(dtype)
        if self.blur is not None:  # its convolution doubles, and so is a transposed one
            weight = weight.transpose(0, 1)
        self.weight = weight.to(dtype, memory_format=torch.channels_last)
        self.map_weight = float(layer.map_weight) * GAIN
        bias = (layer.bias * GAIN).to(dtype)[:, None, None]
        self.bias, self.map_bias = bias.chunk(2)

    def __call__(self, x: Tensor, scales: Tensor, encoded: Tensor) -> Tensor:
        """(N, inputs, H, W), (N, inputs), (N, outputs, H', W') to (N, 2 outputs, H', W')."""
        largest = scales.abs().amax(1, keepdim=True).clamp_min(_TINY)
        scales = scales / largest
        power = scales.square() @ self.power + EPSILON / largest.square()
        demodulation = (torch.rsqrt(power) * GAIN).to(x.dtype)[:, :, None, None]
        y = self._convolve(x * scales.to(x.dtype)[:, :, None, None])
        count, _, height, width = encoded.shape
        joined = x.new_empty((count, height, width, 2 * self.outputs)).permute(0, 3, 1, 2)
        own, beside = joined.chunk(2, dim=1)
        torch.addcmul(self.bias, y, demodulation, out=own)
        torch.add(self.map_bias, encoded, alpha=self.map_weight, out=beside)
        return F.leaky_relu_(joined, SLOPE)

    def _convolve(self, x: Tensor) -> Tensor:
        if self.blur is None:
            return F.conv2d(x, self.weight, padding=1)
        y = F.conv_transpose2d(x, self.weight, stride=2)
        return F.conv2d(y, self.blur, padding=1, groups=self.outputs)


class _Colour:
    """To RGB."""

    def __init__(self, layer: ToRgb, dtype: torch.dtype) -> None:
        self.weight = (layer.conv.weight * layer.conv.scale)[:, :, 0, 0]
        self.bias, self.dtype = layer.bias.detach(), dtype

    def __call__(self, x: Tensor, scales: Tensor) -> Tensor:
        kernels = (self.weight * scales[:, None, :]).to(self.dtype)
        pixels = x.permute(0, 2, 3, 1).flatten(1, 2)
        rgb = torch.bmm(pixels, kernels.transpose(1, 2)).view(len(x), *x.shape[2:], 3)
        # Octaves are summed in float32: their sum is the picture.
        return rgb.permute(0, 3, 1, 2).float() + self.bias


class BatchedGpen(FoldedForm):
    """A :class:`Gpen` that restores whole batches; each result depends on its own picture alone.

    Args:
        network: in float32 on the CPU; left as it is.
        device: where to compute.
        dtype: float32, bfloat16 or float16.
    """

    def __init__(self, network: Gpen, device: torch.device, dtype: torch.dtype) -> None:
        placed = copy.deepcopy(network).to(device)
        super().__init__(placed, dtype, encoder=_Halving, styled=_Styled, colour=_Colour)

    def __call__(self, pictures: Tensor) -> Tensor:
        """As :meth:`forward`."""
        return self.forward(pictures)
