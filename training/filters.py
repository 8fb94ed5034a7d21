"""A start at which the network holds a bank of filters, waiting to be mixed by the style.

What restores a worn picture best differs from picture to picture much more than from place to
place: a linear filter of a few pixels fitted to each picture gains 1.2 dB on mild wear and half a
dB on the rest, while the best one for all pictures gains almost nothing (fit.py measures both). So
the style, which sees the whole picture, should choose the filter. Three parts make that possible
from the first step on:

- the encoder carries reduced colours in its first six channels, +RGB and -RGB, and in the others
  the strength of detail at three scales down to the 4x4 map, from which the style is made;
- the refining convolutions of the three finest octaves hold second differences of brightness in
  four directions, the detail of two colour differences, small detail cut off at thresholds, and
  random detail filters over all the encoder's channels;
- the to-RGB layers of these octaves weigh them by the style's modulation, which starts at nought.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from training.identity import start_as_identity
from vidrestore.restore.network import EncoderBlock, Gpen, StyledConv, ToRgb

OCTAVES = 3
"""How many of the finest octaves have a bank."""
_CARRIED = 6
_SLOPE = 0.2
_LUMA = (0.299, 0.587, 0.114)
_DETAIL_GAIN = 3.0
_THRESHOLDS = (0.03, 0.1, 0.2)
# A residual in R - Y or B - Y leaves the luma as it is, so green answers for both.
_RED = (1.0, -_LUMA[0] / _LUMA[1], 0.0)
_BLUE = (0.0, -_LUMA[2] / _LUMA[1], 1.0)


@torch.no_grad()
def start_with_filters(network: Gpen) -> None:
    """Set a freshly built network so that it copies its input and holds the bank.

    Raises:
        ValueError: if the finest octave is too narrow.
    """
    start_as_identity(network)
    for below, block in enumerate(network.encoder[1:]):
        _carry(block, detail=below < OCTAVES)
    for octave in range(1, OCTAVES + 1):
        network.doubling[-octave].map_weight.fill_(1 / math.sqrt(2.0))
        _fill(network.refining[-octave], network.to_rgb[-octave])


def _carry(block: EncoderBlock, *, detail: bool) -> None:
    """Reduced colours, then the means of the block's inputs, then new detail if there is room."""
    inputs, outputs = block.weight.shape[1], block.weight.shape[0]
    block.weight.sub_(block.weight.mean((2, 3), keepdim=True)).mul_(_DETAIL_GAIN * block.scale)
    block.weight[:_CARRIED] = 0.0
    for colour in range(3):
        for sign, place in ((1.0, colour), (-1.0, colour + 3)):
            # lrelu(x) - lrelu(-x) is (1 + slope) x
            block.weight[place, colour, 1, 1] = sign / (1 + _SLOPE)
            block.weight[place, colour + 3, 1, 1] = -sign / (1 + _SLOPE)
    kept = 0 if inputs == outputs // 2 and inputs <= 16 else min(inputs, outputs) - _CARRIED
    if not detail:
        kept = min(inputs, outputs) - _CARRIED
    for channel in range(_CARRIED, _CARRIED + kept):
        block.weight[channel] = 0.0
        block.weight[channel, channel] = 1 / 9
    block.weight.div_(block.scale)
    block.bias.zero_()


def bank_size(width: int) -> int:
    """Designed filters in an octave of that many channels; the rest are random."""
    return 12 + 2 * min(len(_THRESHOLDS), (width - 12) // 2)


def _kernels() -> tuple[list[Tensor], Tensor]:
    """Four second differences, and the Laplacian over eight neighbours."""
    differences = []
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        kernel = torch.zeros(3, 3)
        kernel[1, 1] = -2.0
        kernel[1 + dy, 1 + dx] += 1.0
        kernel[1 - dy, 1 - dx] += 1.0
        differences.append(kernel)
    surround = torch.ones(3, 3)
    surround[1, 1] = -8.0
    return differences, surround


def _fill(refining: StyledConv, to_rgb: ToRgb) -> None:
    """Put the bank into an octave's last convolution, and its colours into the to-RGB layer."""
    weight, bias = refining.conv.weight, refining.bias
    width = weight.shape[0]
    colours = weight[:, width:]
    colours.sub_(colours.mean((2, 3), keepdim=True))
    weight[:, :width] = 0.0  # of the octaves below, nothing yet
    differences, surround = _kernels()
    red = torch.tensor([1.0, 0, 0]) - torch.tensor(_LUMA)
    blue = torch.tensor([0, 0, 1.0]) - torch.tensor(_LUMA)
    luma = torch.tensor(_LUMA)
    plans = [(kernel, luma, 0.0, (1.0, 1.0, 1.0)) for kernel in differences]
    plans += [(surround, red, 0.0, _RED), (surround, blue, 0.0, _BLUE)]
    thresholds = _THRESHOLDS[: (bank_size(width) - 12) // 2]
    plans += [(surround, luma, threshold, (1.0, 1.0, 1.0)) for threshold in thresholds]
    to_rgb.conv.weight[:, :width] = 1.0 / to_rgb.conv.scale
    to_rgb.conv.modulation.bias[:width] = 0.0
    for place, (kernel, mix, threshold, shown) in enumerate(plans):
        for sign, channel in ((1.0, 2 * place), (-1.0, 2 * place + 1)):
            weight[channel] = 0.0
            own = sign * mix[:, None, None] * kernel
            weight[channel, width : width + 3] = own
            weight[channel, width + 3 : width + _CARRIED] = -own
            bias[channel] = -threshold
            column = sign * torch.tensor(shown)
            to_rgb.conv.weight[:, channel] = column[:, None, None] / to_rgb.conv.scale


@torch.no_grad()
def bank_features(network: Gpen, picture: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    """What the style is made of and what it mixes, for a network fresh from the start above.

    Args:
        network: after :func:`start_with_filters`.
        picture: (N, 3, S, S) RGB in [-1, 1].

    Returns:
        The (N, C) means of the coarsest map; and, finest octave first, the (N, width, H, W) bank
        outputs with the (3, width) colours they are shown in.
    """
    maps, x = [], picture
    for block in network.encoder:
        x = block(x)
        maps.append(x)
    style = x.new_zeros(x.shape[0], network.shape.style_width)
    outputs, colours = [], []
    for octave in range(1, OCTAVES + 1):
        encoded = maps[octave - 1]
        ones = encoded.new_ones(1, encoded.shape[1])
        y = network.doubling[-octave].join(torch.zeros_like(encoded), ones, encoded)
        refined = network.refining[-octave](y, style, encoded)
        outputs.append(refined[:, : encoded.shape[1]])
        to_rgb = network.to_rgb[-octave].conv
        colours.append(to_rgb.weight[:, : encoded.shape[1], 0, 0] * to_rgb.scale)
    return x.mean((2, 3)), outputs, colours
