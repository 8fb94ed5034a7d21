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

FACE_ROWS, FACE_COLUMNS = slice(1, 4), slice(1, 3)
"""Cells of the 4x4 map that hold the face."""
OCTAVES = 3
"""How many of the finest octaves have a bank."""
_CARRIED = 6
_SLOPE = 0.2
_LUMA = (0.299, 0.587, 0.114)
_SEEN_GAIN = 6.0
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
    kept = 0
    for below, block in enumerate(network.encoder[1:]):
        kept = _carry(block, kept=kept, detail=below < OCTAVES)
    for octave in range(1, OCTAVES + 1):
        network.doubling[-octave].map_weight.fill_(1 / math.sqrt(2.0))
        _fill(network.refining[-octave], network.to_rgb[-octave])


def _carry(block: EncoderBlock, *, kept: int, detail: bool) -> int:
    """Fill an encoder's block: reduced colours, then what is kept, then new detail.

    Args:
        block: to be filled; its kernels are left random where nothing is said.
        kept: channels of its input after the colours whose means it passes on.
        detail: whether it adds the strength of detail at its own scale.

    Returns:
        How many channels after the colours hold something.
    """
    block.weight.sub_(block.weight.mean((2, 3), keepdim=True)).mul_(block.scale)
    block.bias.zero_()
    block.weight[: _CARRIED + kept] = 0.0
    for colour in range(3):
        _mix(block.weight[colour], _one(colour), _delta())
        _mix(block.weight[colour + 3], -_one(colour), _delta())
    for channel in range(_CARRIED, _CARRIED + kept):
        block.weight[channel, channel] = 1 / 9
    place = _CARRIED + kept
    for kernel, colours, threshold in _seen_detail() if detail else ():
        for sign in (1.0, -1.0):
            _mix(block.weight[place], colours, sign * _SEEN_GAIN * kernel / kernel.norm())
            block.bias[place] = -threshold / math.sqrt(2.0)
            place += 1
    block.weight.div_(block.scale)
    return place - _CARRIED


def _mix(channel: Tensor, colours: Tensor, kernel: Tensor) -> None:
    """Let a channel filter a mixture of the colours that its input carries."""
    channel.zero_()
    # lrelu(x) - lrelu(-x) is (1 + slope) x
    own = colours[:, None, None] * kernel / (1 + _SLOPE)
    channel[:3], channel[3:_CARRIED] = own, -own


def _seen_detail() -> list[tuple[Tensor, Tensor, float]]:
    """What the encoder looks for at each scale: kernel, mixture of colours, threshold.

    Each is looked for in both signs; the means of the two leaky ReLUs add up to its strength. The
    thresholds tell few strong edges from much weak grain.
    """
    second, surround = _kernels()
    line = torch.tensor([1.0, -2.0, 1.0])
    corners = torch.outer(line, line)
    step = torch.outer(torch.tensor([1.0, 2.0, 1.0]), torch.tensor([-1.0, 0.0, 1.0]))
    luma = torch.tensor(_LUMA)
    looked = [(kernel, luma, 0.0) for kernel in (*second, surround, corners, step, step.T)]
    looked += [(surround, _one(0) - luma, 0.0), (surround, _one(2) - luma, 0.0)]
    looked += [(surround, luma, 0.2), (corners, luma, 0.05), (corners, luma, 0.2)]
    return looked


def _one(colour: int) -> Tensor:
    return torch.eye(3)[colour]


def _delta() -> Tensor:
    kernel = torch.zeros(3, 3)
    kernel[1, 1] = 1.0
    return kernel


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
    to_rgb.conv.modulation.bias[:width] = 0.0  # nothing is shown yet
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
        The (N, C) means over the face's cells of the coarsest map; and, finest octave first, the
        (N, k, H, W) bank outputs with the (3, k) colours they are shown in.
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
        used = bank_size(encoded.shape[1])
        outputs.append(refined[:, :used])
        to_rgb = network.to_rgb[-octave].conv
        colours.append(to_rgb.weight[:, :used, 0, 0] * to_rgb.scale)
    return x[:, :, FACE_ROWS, FACE_COLUMNS].mean((2, 3)), outputs, colours
