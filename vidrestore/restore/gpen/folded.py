"""GPEN for inference on a CPU: everything that does not depend on the picture is done at load.

A ``FoldedForm`` that takes one picture at a time, in as few passes
over memory as oneDNN's fused convolutions allow:

- the style and the demodulation go into the kernel where that is smaller than the picture, and
  onto the picture elsewhere;
- the demodulation of a doubling layer goes into its blur, whose bias and leaky ReLU are fused;
- the encoder's half of every concatenation is written where it belongs.

A picture's result does not depend on the batch it came in: pictures are computed one by one.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor

from vidrestore.restore.gpen.folding import FoldedForm
from vidrestore.restore.gpen.fused import Kernel, convolve, convolve_transposed
from vidrestore.restore.gpen.network import (
    EPSILON,
    GAIN,
    SLOPE,
    EncoderBlock,
    Gpen,
    StyledConv,
    ToRgb,
)
from vidrestore.restore.gpen.resampling import blur_kernel


class _Halving:
    """An encoder block with its weights folded and laid out for the processor."""

    def __init__(self, block: EncoderBlock, side: int, dtype: torch.dtype) -> None:
        inputs = block.weight.shape[1]
        self.halves = block.blur is not None
        weight = (block.weight * block.scale).to(dtype)
        self.bias = (block.bias * GAIN).to(dtype)
        blurred = (1, inputs, side + 1, side + 1) if self.halves else (1, inputs, side, side)
        self.kernel = Kernel(weight, blurred, stride=2 if self.halves else 1)
        self.blur = blur_kernel().expand(inputs, 1, 4, 4).to(dtype).contiguous()

    def __call__(self, x: Tensor) -> Tensor:
        if self.halves:
            x = convolve(x, self.blur, padding=2, groups=len(self.blur))
        return self.kernel.convolve(x, self.bias, leaky=True)


class _Styled:
    """A styled convolution; ``side`` is that of the picture it reads."""

    def __init__(self, layer: StyledConv, side: int, dtype: torch.dtype) -> None:
        conv = layer.conv
        weight = conv.weight * conv.scale
        self.outputs, self.inputs = weight.shape[:2]
        self.dtype, self.doubles = dtype, conv.doubles
        self.power = weight.square().sum((2, 3)).T.contiguous()
        # A kernel of one sample for every channel: oneDNN fuses its bias and leaky ReLU, and does
        # both many times as fast as torch's own passes over bfloat16.
        weight_of_map = (layer.map_weight * GAIN).to(dtype)
        self.map_weight = weight_of_map.expand(self.outputs)[:, None, None, None].contiguous()
        bias = (layer.bias * GAIN).to(dtype)
        self.bias, self.map_bias = (half.contiguous() for half in bias.chunk(2))
        self.into_kernel = weight.numel() < self.inputs * side * side
        self.blur = (blur_kernel(4.0) * GAIN)[None, None]
        self.weight, self.kernel = weight, None
        if self.doubles:
            weight = self.weight = weight.transpose(0, 1)
        if not self.into_kernel:
            read = (1, self.inputs, side, side)
            padding = 0 if self.doubles else 1
            packed = weight.to(dtype)
            self.kernel = Kernel(packed, read, padding=padding, transposed=self.doubles)
            self.weight = packed[:0]
        else:
            self.weight = self.weight.contiguous(memory_format=torch.channels_last)

    def __call__(self, x: Tensor, scales: Tensor, encoded: Tensor) -> Tensor:
        """(1, inputs, H, W), (1, inputs), (1, outputs, H', W') to (1, 2 outputs, H', W')."""
        scales = scales[0]
        demodulation = torch.rsqrt(scales.square() @ self.power + EPSILON)
        if self.kernel is not None:
            x = x * scales.to(x.dtype)[:, None, None]
        make = self._double if self.doubles else self._refine
        beside = convolve(encoded, self.map_weight, self.map_bias, groups=self.outputs, leaky=True)
        return torch.cat((make(x, scales, demodulation), beside), dim=1)

    def _double(self, x: Tensor, scales: Tensor, demodulation: Tensor) -> Tensor:
        if self.kernel is not None:
            y = self.kernel.convolve(x)
        else:
            kernel = (self.weight * scales[:, None, None, None]).to(self.dtype)
            y = convolve_transposed(x, kernel)
        blur = (self.blur * demodulation[:, None, None, None]).to(self.dtype)
        return convolve(y, blur, self.bias, padding=1, groups=self.outputs, leaky=True)

    def _refine(self, x: Tensor, scales: Tensor, demodulation: Tensor) -> Tensor:
        demodulation = demodulation * GAIN
        if self.kernel is None:
            factors = demodulation[:, None] * scales
            kernel = (self.weight * factors[:, :, None, None]).to(self.dtype)
            return convolve(x, kernel, self.bias, padding=1, leaky=True)
        y = self.kernel.convolve(x)
        factors = demodulation.to(self.dtype)[:, None, None]
        return F.leaky_relu_(torch.addcmul(self.bias[:, None, None], y, factors), SLOPE)


class _Colour:
    """To RGB: a kernel of one sample, so the style always goes into it."""

    def __init__(self, layer: ToRgb, dtype: torch.dtype) -> None:
        self.weight = layer.conv.weight * layer.conv.scale
        self.bias, self.dtype = layer.bias.detach(), dtype

    def __call__(self, x: Tensor, scales: Tensor) -> Tensor:
        kernel = (self.weight * scales[0][:, None, None]).to(self.dtype)
        # Octaves are summed in float32: their sum is the picture.
        return convolve(x, kernel).float() + self.bias


class FoldedGpen(FoldedForm):
    """A :class:`Gpen` on the CPU with its weights folded.

    Args:
        network: on the CPU, in float32; its parameters may be freed afterwards.
        dtype: float32 or bfloat16.
    """

    def __init__(self, network: Gpen, dtype: torch.dtype = torch.float32) -> None:
        super().__init__(network, dtype, encoder=_Halving, styled=_Styled, colour=_Colour)

    @torch.inference_mode()
    def __call__(self, pictures: Tensor) -> Tensor:
        """(N, 3, S, S) RGB in [-1, 1] to the restored (N, 3, S, S) float32, unclamped."""
        restored = torch.empty(pictures.shape, dtype=torch.float32)
        for index in range(len(pictures)):
            restored[index : index + 1] = self.forward(pictures[index : index + 1])
        return restored
