"""The least time that a device could take for a GPEN, if nothing but its two rates held it back.

The floor is the sum over layers of the larger of two times: the layer's operations at the rate of a
large matrix product, and its fewest bytes at the rate at which memory is copied. A layer is one of
the network's blocks with all that belongs to it (a blur, the style, bias, activation, the
concatenation): it reads its inputs and its weights once and writes its result once. What a layer
writes the next one reads: nothing stays in a cache between two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from vidrestore.restore.gpen.network import EncoderBlock, Gpen, Linear, StyledConv, ToRgb
from vidrestore.restore.gpen.shape import GpenShape


@dataclass(frozen=True, slots=True)
class Layer:
    """What a layer of a network has to do.

    Attributes:
        name: as the network's.
        operations: for a face; a multiplication and an addition are two.
        samples: read and written for a face.
        weights: read once for a batch.
    """

    name: str
    operations: int
    samples: int
    weights: int


@dataclass(frozen=True, slots=True)
class Rates:
    """What was measured of a device.

    Attributes:
        operations: of a large matrix product, in a second.
        bytes: read and written by a large copy, in a second.
        width: bytes of a sample.
    """

    operations: float
    bytes: float
    width: int


def layers(shape: GpenShape) -> list[Layer]:
    """The layers of a GPEN, measured on the network itself, without its memory or its work."""
    with torch.device("meta"):
        network = Gpen(shape).requires_grad_(False)
        picture = torch.empty(1, 3, shape.size, shape.size)
    found: list[Layer] = []
    counter = FlopCounterMode(display=False)
    outer = (EncoderBlock, StyledConv, ToRgb)
    for name, module in network.named_modules():
        style = isinstance(module, Linear) and not name.endswith("modulation")
        if isinstance(module, outer) or style:
            _watch(module, name, counter, found)
    with counter:
        network(picture)
    return found


def _watch(module: nn.Module, name: str, counter: FlopCounterMode, found: list[Layer]) -> None:
    """Add what the module does to ``found`` when it is called."""
    before = [0]

    def begin(*_: Any) -> None:
        before[0] = counter.get_total_flops()

    def end(module: nn.Module, inputs: tuple[torch.Tensor, ...], result: torch.Tensor) -> None:
        samples = sum(each.numel() for each in inputs) + result.numel()
        if isinstance(module, ToRgb) and result.shape[-1] > 4:
            # The octave before, half as wide, is doubled and added before the sum is written.
            samples += result.numel() // 4
        weights = sum(each.numel() for each in module.parameters())
        done = counter.get_total_flops() - before[0]
        found.append(Layer(name, done, samples, weights))

    module.register_forward_pre_hook(begin)
    module.register_forward_hook(end)


def gigaflop(shape: GpenShape) -> float:
    """Operations for one face, in 1e9; a multiplication and an addition are two."""
    return sum(layer.operations for layer in layers(shape)) / 1e9


def floor_seconds(work: Sequence[Layer], rates: Rates, batch: int) -> float:
    """The least time for a face, if ``batch`` of them share the weights."""
    return sum(
        max(layer.operations / rates.operations, layer_bytes(layer, rates, batch) / rates.bytes)
        for layer in work
    )


def layer_bytes(layer: Layer, rates: Rates, batch: int) -> float:
    """Fewest bytes for a face."""
    return (layer.samples + layer.weights / batch) * rates.width
