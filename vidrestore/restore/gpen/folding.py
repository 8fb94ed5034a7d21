"""What the inference forms of a GPEN share: constant factors folded, one product for all styles."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor

from vidrestore.restore.gpen.network import (
    EPSILON,
    GAIN,
    SLOPE,
    EncoderBlock,
    Gpen,
    Linear,
    StyledConv,
    ToRgb,
)
from vidrestore.restore.gpen.resampling import double

EncoderLayer = Callable[[Tensor], Tensor]
StyledLayer = Callable[[Tensor, Tensor, Tensor], Tensor]
ColourLayer = Callable[[Tensor, Tensor], Tensor]


class FoldedForm:
    """A :class:`Gpen` whose layers are made anew for inference; made once, called often.

    It computes what the network computes. The scales of equalised learning rate and the gains of
    sqrt 2 are multiplied into the weights, and one matrix product gives the styles of all layers.
    The arithmetic is ``dtype``'s with sums in float32; the style vector and the sum of the octaves
    are float32 throughout.

    Args:
        network: in float32; its parameters may be freed afterwards.
        dtype: of the maps and kernels.
        encoder: makes a layer from a block and the side of the picture that it reads.
        styled: likewise; the layer takes (N, inputs, H, W), the (N, inputs) scales of the style
            and the encoder's (N, outputs, H', W'), and gives (N, 2 outputs, H', W').
        colour: the layer takes (N, inputs, H, W) and (N, inputs), and gives float32 (N, 3, H, W).
    """

    @torch.no_grad()
    def __init__(
        self,
        network: Gpen,
        dtype: torch.dtype,
        *,
        encoder: Callable[[EncoderBlock, int, torch.dtype], EncoderLayer],
        styled: Callable[[StyledConv, int, torch.dtype], StyledLayer],
        colour: Callable[[ToRgb, torch.dtype], ColourLayer],
    ) -> None:
        self.shape, self._dtype = network.shape, dtype
        size = network.shape.size
        blocks = cast("list[EncoderBlock]", list(network.encoder))
        sides = [size, *(size >> i for i in range(len(blocks) - 1))]
        self._encoder = [
            encoder(block, side, dtype) for block, side in zip(blocks, sides, strict=True)
        ]
        self._style = [_folded(network.to_style)]
        self._style += [_folded(cast("Linear", layer)) for layer in network.mapping]
        self._constant = network.constant.detach().to(dtype, memory_format=torch.channels_last)
        ups = list(zip(network.doubling, network.refining, strict=True))
        layers = cast("list[StyledConv]", [network.first, *(layer for up in ups for layer in up)])
        reads = [4, *(side for i in range(len(ups)) for side in (4 << i, 8 << i))]
        self._styled = [
            styled(layer, side, dtype) for layer, side in zip(layers, reads, strict=True)
        ]
        colours = cast("list[ToRgb]", list(network.to_rgb))
        self._colours = [colour(layer, dtype) for layer in colours]
        modulations = [layer.conv.modulation for layer in layers]
        modulations += [layer.conv.modulation for layer in colours]
        self._widths = [len(layer.bias) for layer in modulations]
        folded = [_folded(layer) for layer in modulations]
        self._modulation = torch.cat([w for w, _ in folded]), torch.cat([b for _, b in folded])

    def forward(self, pictures: Tensor) -> Tensor:
        """(N, 3, S, S) RGB in [-1, 1] to the restored (N, 3, S, S) float32, unclamped."""
        x = pictures.to(self._dtype, memory_format=torch.channels_last)
        maps = []
        for block in self._encoder:
            x = block(x)
            maps.append(x)
        modulations = F.linear(self._style_of(x), *self._modulation)
        scales = torch.split(modulations, self._widths, dim=1)
        layers, colours = scales[: len(self._styled)], scales[len(self._styled) :]
        encoded = maps.pop()
        y = self._styled[0](self._constant, layers[0], encoded)
        rgb = self._colours[0](y, colours[0])
        for octave in range(1, len(self._colours)):
            encoded, first = maps.pop(), 2 * octave - 1
            for index in (first, first + 1):
                y = self._styled[index](y, layers[index], encoded)
            rgb = self._colours[octave](y, colours[octave]) + double(rgb)
        return rgb

    def _style_of(self, coarse: Tensor) -> Tensor:
        (weight, bias), *mapping = self._style
        style = F.leaky_relu(F.linear(coarse.float().flatten(1), weight, bias), SLOPE)
        style = style * torch.rsqrt(style.square().mean(1, keepdim=True) + EPSILON)
        for weight, bias in mapping:
            style = F.leaky_relu(F.linear(style, weight, bias), SLOPE)
        return style


def _folded(layer: Linear) -> tuple[Tensor, Tensor]:
    """Weight and bias with rate, scale and, where an activation follows, its gain."""
    gain = GAIN if layer.activate else 1.0
    return layer.weight * (layer.scale * gain), layer.bias * (layer.multiplier * gain)
