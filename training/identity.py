"""A start at which the network returns its input.

A random GPEN must first learn to copy a picture, which takes tens of thousands of samples. The
architecture can copy exactly: the first convolution carries +RGB and -RGB through its leaky ReLU,
the last styled convolution concatenates that map to its features, and the last to-RGB takes the
difference. Every other to-RGB weight starts at nought, so training learns what to add.
"""

from __future__ import annotations

import math

import torch

from vidrestore.restore.network import Gpen

_SLOPE = 0.2
_COLOURS = 3
_DETAIL_GAIN = 3.0
_SMOOTH_SHARE = 4


@torch.no_grad()
def start_as_identity(network: Gpen) -> None:
    """Set a freshly built network so that its output is its input.

    Styles start without effect: a plain U-shaped network is sooner of use, and a style can grow
    in later.

    Raises:
        ValueError: if the finest octave has fewer than six channels.
    """
    width = network.shape.widths[-1]
    if width < 2 * _COLOURS:
        raise ValueError(f"the finest octave has {width} channels; carrying RGB takes six")
    for block in (network.first, *network.doubling, *network.refining):
        block.map_weight.fill_(1.0)
        block.conv.modulation.weight.zero_()
    for to_rgb in network.to_rgb:
        to_rgb.conv.weight.zero_()
        to_rgb.conv.modulation.weight.zero_()

    entry, exit_ = network.encoder[0], network.to_rgb[-1]
    carried = torch.cat((torch.eye(_COLOURS), -torch.eye(_COLOURS)))
    entry.weight[: 2 * _COLOURS] = (carried / entry.scale)[:, :, None, None]
    # x > 0 leaves as gain * x on its own channel and as -slope^2 * gain * x on the negative's
    gain = math.sqrt(2.0) * (1 + _SLOPE**2)
    places = slice(width, width + 2 * _COLOURS)
    _see_detail(network)
    exit_.conv.weight[:, places] = carried.T[:, :, None, None] / (gain * exit_.conv.scale)


def hold_copy(network: Gpen) -> None:
    """Drop the gradients of the weights that carry the input to the output.

    All learning is then in what is added to it: brightness and colour cannot drift.
    """
    width = network.shape.widths[-1]
    places = slice(width, width + 2 * _COLOURS)
    entry, last, exit_ = network.encoder[0], network.refining[-1], network.to_rgb[-1]
    held: list[tuple[torch.Tensor, slice | tuple[slice, slice]]] = [
        (entry.weight, slice(2 * _COLOURS)),
        (entry.bias, slice(2 * _COLOURS)),
        (last.map_weight, slice(None)),
        (last.bias, places),
        (exit_.conv.weight, (slice(None), slice(width, None))),
        (exit_.conv.modulation.weight, places),
        (exit_.conv.modulation.bias, places),
    ]
    for parameter, part in held:
        if parameter.grad is not None:
            parameter.grad[part] = 0.0


def _see_detail(network: Gpen) -> None:
    """Let most random kernels answer to detail alone.

    What is to be learned is small against brightness and colour, which all random features share;
    every step would shake those first. Kernels without a mean do not see them.
    """
    for block in network.encoder[1:]:
        detail = block.weight[block.weight.shape[0] // _SMOOTH_SHARE :]
        detail.sub_(detail.mean((2, 3), keepdim=True)).mul_(_DETAIL_GAIN)
    finest = network.refining[-1].conv.weight
    colours = finest[:, finest.shape[1] // 2 :]
    colours.sub_(colours.mean((2, 3), keepdim=True)).mul_(_DETAIL_GAIN)
