"""The network in a form that gradients move easily, and its passage into a GPEN.

A GPEN with a style that never changes is an ordinary U-shaped network in awkward coordinates: every
generator kernel is brought to length one, whatever length it is stored with, and features of detail
are far weaker than those of brightness, so that steps large enough for the former shake the latter.
Here kernels have the length they have, the input is carried to the output beside the network, and
every layer begins with features of strength one, measured on real samples (layer-sequential
unit-variance initialisation: Mishkin and Matas, ICLR 2016, arXiv 1511.06422).

The passage is exact, as a leaky ReLU lets positive factors through: what demodulation divides a
channel by is multiplied into the kernels that read it.
"""

from __future__ import annotations

import itertools
import math
from typing import cast

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor, nn

from training.networks.identity import COLOURS, start_as_identity
from vidrestore.restore.gpen.network import GAIN, SLOPE, Gpen, StyledConv
from vidrestore.restore.gpen.resampling import Blur, double
from vidrestore.restore.gpen.shape import GpenShape

RESIDUAL = 0.1
"""Strength of what is added to the input, in features of strength one: a worn picture is some
hundredths off its truth."""


_FROZEN = 3
"""The octave of 32 px: the finest that windows share with the whole picture."""

_LEAST = 1e-6
"""Strength that features are taken to have at least."""


class Reduce(nn.Module):
    """Blur, 3x3 convolution of stride 2, leaky ReLU: an octave of the encoder."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3) / math.sqrt(9 * inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.blur = Blur(inputs, 1.0, 2)

    def linear(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H / 2, W / 2)."""
        return F.conv2d(self.blur(x), self.weight, bias, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """With bias and leaky ReLU."""
        return F.leaky_relu(self.linear(x, self.bias), SLOPE, inplace=True)


class Join(nn.Module):
    """A convolution of the generator and the encoder's map beside it."""

    def __init__(self, inputs: int, outputs: int, *, doubles: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3) / math.sqrt(9 * inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.map_weight = nn.Parameter(torch.ones(1))
        self.map_bias = nn.Parameter(torch.zeros(outputs))
        self.blur = Blur(outputs, 4.0, 1) if doubles else None

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        """The convolution by a kernel of this layer's shape."""
        if self.blur is None:
            return F.conv2d(x, weight, bias, padding=1)
        y = cast("Tensor", self.blur(F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)))
        return y if bias is None else y + bias[:, None, None].to(y.dtype)

    def forward(self, x: Tensor | None, encoded: Tensor) -> Tensor:
        """Convolve and join.

        Args:
            x: (N, inputs, H, W); None is as if it said nothing.
            encoded: the encoder's (N, C, H', W').

        Returns:
            (N, 2 C, H', W').
        """
        if x is None:
            own = self.bias[:, None, None].expand(encoded.shape).to(encoded.dtype)
        else:
            own = self.linear(x, self.weight, self.bias)
        # As the features are: a bias in float32 would make all that follows float32 too.
        factor, offset = self.map_weight.to(own.dtype), self.map_bias.to(own.dtype)[:, None, None]
        joined = torch.cat((own, encoded.to(own.dtype) * factor + offset), 1)
        return F.leaky_relu(joined, SLOPE, inplace=True)


class PlainGpen(nn.Module):
    """A GPEN of constant style: (N, 3, S, S) RGB in [-1, 1] to the same.

    Args:
        shape: sizes and widths; of the style only the passage makes use.

    Raises:
        ValueError: if the finest octave has no more than the six channels that carry the input.
    """

    def __init__(self, shape: GpenShape) -> None:
        super().__init__()
        widths = shape.widths
        if widths[-1] <= 2 * COLOURS:
            raise ValueError(f"the finest octave has {widths[-1]} channels; more than six needed")
        self.shape = shape
        free = widths[-1] - 2 * COLOURS
        self.entry = nn.Parameter(torch.randn(free, COLOURS))
        self.entry_bias = nn.Parameter(torch.zeros(free))
        self.encoder = nn.ModuleList(Reduce(i, o) for i, o in itertools.pairwise(widths[::-1]))
        self.constant = nn.Parameter(torch.randn(1, widths[0], 4, 4))
        self.first = Join(widths[0], widths[0])
        up = list(itertools.pairwise(widths))
        self.doubling = nn.ModuleList(Join(2 * i, o, doubles=True) for i, o in up)
        self.refining = nn.ModuleList(Join(2 * o, o) for _, o in up)
        # Through the last of these the input is carried; the entry's own bias does for the others.
        self.refining[-1].map_weight.requires_grad_(False)
        self.refining[-1].map_bias.requires_grad_(False)
        self.to_rgb = nn.ParameterList(torch.zeros(COLOURS, 2 * width) for width in widths)
        self.rgb_bias = nn.Parameter(torch.zeros(COLOURS))

    def enter(self, picture: Tensor) -> Tensor:
        """The finest map: +RGB and -RGB as they are, and free mixtures of colours."""
        free = F.conv2d(picture, self.entry[:, :, None, None], self.entry_bias)
        carried = picture.to(free.dtype)
        return F.leaky_relu(torch.cat((carried, -carried, free), 1), SLOPE, inplace=True)

    def forward(self, picture: Tensor, lowest: int = 0) -> Tensor:
        """The restored (N, 3, S, S), unclamped.

        Args:
            picture: a whole crop, or with ``lowest`` a patch whose side its octaves can halve.
            lowest: octaves below this one, 0 being 4 px, are left out, as if they said nothing.
        """
        maps = [self.enter(picture)]
        for block in list(self.encoder)[: len(self.encoder) - lowest]:
            maps.append(block(maps[-1]))
        y = added = None
        if lowest == 0:
            y = self.first(self.constant.expand(len(picture), -1, -1, -1), maps.pop())
            added = self._rgb(0, y)
        for octave, encoded in enumerate(reversed(maps), start=max(1, lowest)):
            y = self.doubling[octave - 1](y, encoded)
            y = self.refining[octave - 1](y, encoded)
            own = self._rgb(octave, y)
            added = own if added is None else own + double(added)
        assert added is not None
        return picture + (added.float() + self.rgb_bias[:, None, None]) * RESIDUAL

    def forward_windows(self, picture: Tensor, corners: Tensor, side: tuple[int, int]) -> Tensor:
        """What :meth:`forward` gives in a window of each picture; finer octaves alone learn.

        Octaves up to 32 px see the whole pictures and are taken as they are. Finer ones are
        computed in the window, as if nothing lay around it: near its border the result differs.

        Args:
            picture: (N, 3, S, S).
            corners: (N, 2) top and left of the windows, multiples of ``windows_step``.
            side: height and width, multiples of the same.

        Returns:
            (N, 3, height, width).
        """
        step, fine = self.windows_step, len(self.encoder) - _FROZEN
        with torch.no_grad():
            x, maps = self.enter(picture), []
            for number, block in enumerate(self.encoder):
                x = block(x)
                if number >= fine - 1:
                    maps.append(x)
            y = self.first(self.constant.expand(len(picture), -1, -1, -1), maps.pop())
            added = self._rgb(0, y)
            for octave, encoded in enumerate(reversed(maps), start=1):
                y = self.refining[octave - 1](self.doubling[octave - 1](y, encoded), encoded)
                added = self._rgb(octave, y) + double(added)
            y, added = (windows(x, corners // step, side, step) for x in (y, added))
        seen = windows(picture, corners, side, 1)
        fine_maps = [self.enter(seen)]
        for block in list(self.encoder)[: fine - 1]:
            fine_maps.append(block(fine_maps[-1]))
        for octave, encoded in enumerate(reversed(fine_maps), start=_FROZEN + 1):
            y = self.refining[octave - 1](self.doubling[octave - 1](y, encoded), encoded)
            added = self._rgb(octave, y) + double(added)
        return seen + (added.float() + self.rgb_bias[:, None, None]) * RESIDUAL

    @property
    def windows_step(self) -> int:
        """Px of the picture to one of the octave of 32 px."""
        return self.shape.size >> (_FROZEN + 2)

    def _rgb(self, octave: int, y: Tensor) -> Tensor:
        return F.conv2d(y, self.to_rgb[octave][:, :, None, None])

    @torch.no_grad()
    def even_out(self, pictures: Tensor) -> None:
        """Bring every layer's features to mean 0 and strength 1 on (N, 3, S, S) samples.

        Most kernels that look at the finest map lose their mean first: they then see detail alone,
        which has to be told from brightness before it can be of use.
        """
        coarse = self.encoder[0].weight.shape[0] // 4
        see_detail(self.encoder[0].weight[coarse:])
        finest = self.refining[-1].weight
        see_detail(finest[:, finest.shape[1] // 2 :])
        free = F.conv2d(pictures, self.entry[:, :, None, None])
        self.entry /= free.std((0, 2, 3))[:, None]
        self.entry_bias.copy_(-F.conv2d(pictures, self.entry[:, :, None, None]).mean((0, 2, 3)))
        self._even_out_below(len(self.to_rgb), pictures)

    @torch.no_grad()
    def open_up(self, lowest: int, pictures: Tensor) -> None:
        """Let the octaves below ``lowest``, left out so far, take part without saying anything yet.

        Args:
            lowest: as in :meth:`forward`, of what was learned.
            pictures: (N, 3, S, S) samples on which the octaves' features are brought to strength 1.
        """
        self._even_out_below(lowest, pictures)
        self.doubling[lowest - 1].weight.zero_()

    def _even_out_below(self, known: int, pictures: Tensor) -> None:
        """Even out the layers of octaves below that one."""
        maps = [self.enter(pictures)]
        for octave, block in zip(range(len(self.encoder) - 1, -1, -1), self.encoder, strict=True):
            x = maps[-1]
            if octave < known:
                block.weight /= block.linear(x).std((0, 2, 3))[:, None, None, None] + _LEAST
                block.bias.copy_(-block.linear(x).mean((0, 2, 3)))
            maps.append(block(x))
        y = self.even(self.first, self.constant.expand(len(pictures), -1, -1, -1), maps[-1])
        layers = list(zip(self.doubling, self.refining, maps[-2::-1], strict=True))
        for doubling, refining, encoded in layers[: known - 1]:
            y = self.even(refining, self.even(doubling, y, encoded), encoded)

    @staticmethod
    def even(layer: Join, x: Tensor, encoded: Tensor) -> Tensor:
        """Give own features and the encoder's map an equal say."""
        half = x.shape[1] // 2
        for part in (slice(half), slice(half, None)):
            alone = torch.zeros_like(layer.weight)
            alone[:, part] = layer.weight[:, part]
            spread = layer.linear(x, alone).std((0, 2, 3)) * math.sqrt(2.0)
            layer.weight[:, part] /= spread[:, None, None, None] + _LEAST
        layer.bias.copy_(-layer.linear(x, layer.weight).mean((0, 2, 3)))
        return cast("Tensor", layer(x, encoded))

    @torch.no_grad()
    def fold(self) -> Gpen:
        """The same function as a GPEN on the CPU, in float32 up to rounding."""
        network = Gpen(self.shape)
        start_as_identity(network)
        carried = 2 * COLOURS
        entry = network.encoder[0]
        entry.weight[carried:] = self.entry[:, :, None, None] / entry.scale
        entry.bias[carried:] = self.entry_bias / GAIN
        for block, mine in zip(list(network.encoder)[1:], self.encoder, strict=True):
            block.weight.copy_(mine.weight / block.scale)
            block.bias.copy_(mine.bias / GAIN)
        network.constant.copy_(self.constant)
        lengths = _pass(self.first, network.first, torch.ones_like(self.constant[0, :, 0, 0]))
        self._pass_rgb(network, 0, lengths)
        octaves = zip(self.doubling, self.refining, network.doubling, network.refining, strict=True)
        for octave, (doubling, refining, doubles, refines) in enumerate(octaves, start=1):
            lengths = _pass(refining, refines, _pass(doubling, doubles, lengths))
            self._pass_rgb(network, octave, lengths)
        exit_ = network.to_rgb[-1]
        exit_.bias.copy_(self.rgb_bias[None, :, None, None] * RESIDUAL)
        width = self.shape.widths[-1]
        exit_.conv.weight[:, width : width + carried] += self.carry() / exit_.conv.scale
        return network

    @staticmethod
    def carry() -> Tensor:
        """(3, 6, 1, 1): what takes +RGB and -RGB, through two layers' leaky ReLU, back to RGB."""
        return torch.cat((torch.eye(3), -torch.eye(3)), 1)[:, :, None, None] / (1 + SLOPE**2)

    def _pass_rgb(self, network: Gpen, octave: int, lengths: Tensor) -> None:
        conv = network.to_rgb[octave].conv
        weight = self.to_rgb[octave] * lengths * (RESIDUAL / conv.scale)
        conv.weight.copy_(weight[:, :, None, None])


def windows(x: Tensor, corners: Tensor, side: tuple[int, int], step: int) -> Tensor:
    """(N, C, H, W) to (N, C, height / step, width / step): a window of each.

    Args:
        x: maps.
        corners: (N, 2) top and left in these maps.
        side: height and width, ``step`` px of which are one of the maps.
        step: as above.
    """
    height, width = (length // step for length in side)
    parts = [
        one[:, top : top + height, left : left + width]
        for one, (top, left) in zip(x, corners.tolist(), strict=True)
    ]
    return torch.stack(parts).contiguous(memory_format=torch.channels_last)


def see_detail(weight: Tensor) -> None:
    """Take the mean of each (O, I, h, w) kernel away."""
    weight.sub_(weight.mean((2, 3), keepdim=True))


def _pass(mine: Join, gpen: StyledConv, lengths: Tensor) -> Tensor:
    """Set a layer of the GPEN; gives how much larger each plain channel is than the GPEN's.

    Args:
        mine: the plain layer.
        gpen: the layer to set.
        lengths: the same of its input channels.
    """
    weight = mine.weight * lengths[None, :, None, None]
    norm = weight.square().sum((1, 2, 3)).sqrt()
    gpen.conv.weight.copy_(weight / norm[:, None, None, None] / gpen.conv.scale)
    gpen.conv.modulation.weight.zero_()
    gpen.conv.modulation.bias.fill_(1.0)
    gpen.map_weight.copy_(mine.map_weight / GAIN)
    gpen.bias.copy_(torch.cat((mine.bias / norm, mine.map_bias / GAIN)))
    return torch.cat((norm / GAIN, torch.ones_like(norm)))
