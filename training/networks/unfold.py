"""From a GPEN of constant style back to the form that learns, and on to twice the size.

:func:`unfold` is the inverse of ``PlainGpen.fold``, so that training goes on from weights that
ship. Folding loses how strong each channel was; every layer's own features are
brought back to strength one on samples, which changes nothing in what the network computes.

:func:`grow` adds an octave: the network then computes what it did on the picture at half the size,
and what it changes there is added to the larger picture.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from training.networks.plain import COLOURS, RESIDUAL, Join, PlainGpen, Reduce, see_detail
from vidrestore.restore.gpen.network import GAIN, SLOPE, Gpen, StyledConv

_LEAST = 1e-4
_STRONGEST = 1e3
_CARRIES = 2e-3
"""Largest departure from carrying the input: weights are stored in float16."""


@torch.no_grad()
def unfold(network: Gpen, typical: Tensor) -> PlainGpen:
    """A plain network of the same function, up to rounding.

    Args:
        network: a GPEN that was folded, on the CPU in float32.
        typical: (N, 3, S, S) samples in [-1, 1] on which features are brought to strength one.

    Raises:
        ValueError: the network's style is not constant, or it does not carry its input.
    """
    plain = PlainGpen(network.shape)
    _check(network)
    carried, entry = 2 * COLOURS, network.encoder[0]
    plain.entry.copy_(entry.weight[carried:, :, 0, 0] * entry.scale)
    plain.entry_bias.copy_(entry.bias[carried:] * GAIN)
    for mine, block in zip(plain.encoder, list(network.encoder)[1:], strict=True):
        mine.weight.copy_(block.weight * block.scale)
        mine.bias.copy_(block.bias * GAIN)
    plain.constant.copy_(network.constant)
    maps = [plain.enter(typical)]
    for block in plain.encoder:
        maps.append(block(maps[-1]))
    x = plain.constant.expand(len(typical), -1, -1, -1)
    lengths, x = _take(plain.first, network.first, torch.ones(x.shape[1]), x, maps[-1])
    _take_rgb(plain, network, 0, lengths)
    layers = zip(plain.doubling, plain.refining, network.doubling, network.refining, strict=True)
    for octave, (doubling, refining, doubles, refines) in enumerate(layers, start=1):
        encoded = maps[-1 - octave]
        lengths, x = _take(doubling, doubles, lengths, x, encoded)
        lengths, x = _take(refining, refines, lengths, x, encoded)
        _take_rgb(plain, network, octave, lengths)
    plain.rgb_bias.copy_(sum(layer.bias for layer in network.to_rgb)[0, :, 0, 0] / RESIDUAL)
    return plain


def _check(network: Gpen) -> None:
    styled = [network.first, *network.doubling, *network.refining, *network.to_rgb]
    if any(bool(layer.conv.modulation.weight.any()) for layer in styled):
        raise ValueError("the style depends on the picture: this GPEN was never a plain network")
    entry, carried = network.encoder[0], 2 * COLOURS
    carries = torch.cat((torch.eye(COLOURS), -torch.eye(COLOURS)))
    found = entry.weight[:carried, :, 0, 0] * entry.scale
    if (found - carries).abs().max() > _CARRIES or entry.bias[:carried].abs().max() > _CARRIES:
        raise ValueError("the first convolution does not carry the picture")


def _take(
    mine: Join, gpen: StyledConv, lengths: Tensor, x: Tensor, encoded: Tensor
) -> tuple[Tensor, Tensor]:
    """Set a layer from the GPEN's; gives its channels' lengths, as in ``fold``, and its output."""
    weight = gpen.conv.weight * gpen.conv.modulation.bias[None, :, None, None]
    unit = weight / weight.square().sum((1, 2, 3), keepdim=True).sqrt()
    kernel = unit * GAIN / lengths[None, :, None, None]
    strength = mine.linear(x, kernel).std((0, 2, 3))
    own = (1.0 / (strength + _LEAST)).clamp_max(_STRONGEST)
    mine.weight.copy_(kernel * own[:, None, None, None])
    own_bias, map_bias = gpen.bias.chunk(2)
    mine.bias.copy_(own_bias * GAIN * own)
    mine.map_weight.copy_(gpen.map_weight * GAIN)
    mine.map_bias.copy_(map_bias * GAIN)
    return torch.cat((own, torch.ones_like(own))), mine(x, encoded)


def _take_rgb(plain: PlainGpen, network: Gpen, octave: int, lengths: Tensor) -> None:
    conv = network.to_rgb[octave].conv
    weight = conv.weight[:, :, 0, 0] * conv.scale * conv.modulation.bias
    if octave == len(network.to_rgb) - 1:
        width = network.shape.widths[-1]
        weight = weight.clone()
        weight[:, width : width + 2 * COLOURS] -= plain.carry()[:, :, 0, 0]
    plain.to_rgb[octave].copy_(weight / RESIDUAL / lengths)


@torch.no_grad()
def grow(plain: PlainGpen, width: int, typical: Tensor) -> PlainGpen:
    """The same network for crops of twice the side, with an octave that says nothing yet.

    Args:
        plain: for crops of S px.
        width: channels of the new octave, more than six.
        typical: (N, 3, 2 S, 2 S) samples in [-1, 1], for the new features' strength.
    """
    shape = replace(plain.shape, widths=(*plain.shape.widths, width))
    larger = PlainGpen(shape)
    for name in ("constant", "rgb_bias"):
        getattr(larger, name).copy_(getattr(plain, name))
    larger.first.load_state_dict(plain.first.state_dict())
    for several in ("doubling", "refining"):
        _copy(getattr(plain, several), getattr(larger, several))
    for mine, block in zip(list(larger.encoder)[1:], plain.encoder, strict=True):
        mine.load_state_dict(block.state_dict())
    for mine, theirs in zip(larger.to_rgb, plain.to_rgb, strict=False):
        mine.copy_(theirs)
    free = torch.nn.functional.conv2d(typical, larger.entry[:, :, None, None])
    larger.entry.div_(free.std((0, 2, 3))[:, None])
    _enter_by_halving(larger.encoder[0], plain)
    _open(larger, typical)
    return larger


def _copy(theirs: nn.ModuleList, mine: nn.ModuleList) -> None:
    for one, other in zip(mine, theirs, strict=False):
        one.load_state_dict(other.state_dict())


def _enter_by_halving(block: Reduce, plain: PlainGpen) -> None:
    """Let the first octave of the encoder give what the smaller network saw first."""
    colours = torch.cat((torch.eye(COLOURS), -torch.eye(COLOURS), plain.entry))
    taps = torch.from_numpy(_halving_taps()).float()
    kernel = torch.outer(taps, taps)
    block.weight.zero_()
    for sign, place in ((1.0, 0), (-1.0, COLOURS)):
        part = colours * (sign / (1.0 + SLOPE))
        block.weight[:, place : place + COLOURS] = part[:, :, None, None] * kernel
    block.bias.zero_()
    block.bias[2 * COLOURS :] = plain.entry_bias


def _halving_taps() -> np.ndarray:
    """(3,) taps which, after the blur [1, 3, 3, 1] / 8, come nearest to the mean of two samples."""
    blur = np.array([1.0, 3.0, 3.0, 1.0]) / 8.0
    system = np.zeros((6, 2))
    for tap in range(3):
        system[tap : tap + 4, 1 if tap == 1 else 0] += blur
    wanted = np.array([0.0, 0.0, 0.5, 0.5, 0.0, 0.0])
    (side, middle), *_ = np.linalg.lstsq(system, wanted, rcond=None)
    taps = np.array([side, middle, side])
    return taps / taps.sum()


def _open(larger: PlainGpen, typical: Tensor) -> None:
    """Bring the new octave's features to strength one."""
    maps = [larger.enter(typical)]
    for block in larger.encoder:
        maps.append(block(maps[-1]))
    y = larger.first(larger.constant.expand(len(typical), -1, -1, -1), maps.pop())
    *inner, (doubling, refining) = zip(larger.doubling, larger.refining, strict=True)
    for doubles, refines in inner:
        encoded = maps.pop()
        y = refines(doubles(y, encoded), encoded)
    finest = refining.weight
    see_detail(finest[:, finest.shape[1] // 2 :])
    y = larger.even(doubling, y, maps[0])
    larger.even(refining, y, maps[0])
