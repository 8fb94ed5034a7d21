"""Training the fine octaves alone, on patches.

Most of what a small restorer learns first is local: taking noise and blocks off, sharpening edges.
The octaves from ``coarsest`` upwards learn that from patches at a fraction of a whole face's cost.
They are part of the whole network: until the octaves below have learned something, the first
refining convolution gives their features no weight, so both compute the same.
"""

from __future__ import annotations

from typing import TypedDict

import torch
from torch import Tensor

from vidrestore.restore.network import Gpen, double


def octave_of(network: Gpen, coarsest: int) -> int:
    """Place of the octave of that side among the network's, the 4x4 one being 0.

    Raises:
        ValueError: if the network has no such octave above the lowest.
    """
    sides = [4 * 2**i for i in range(len(network.shape.widths))]
    if coarsest not in sides[1:]:
        raise ValueError(f"no octave of {coarsest} px; there are {sides[1:]}")
    return sides.index(coarsest)


@torch.no_grad()
def cut_off(network: Gpen, coarsest: int) -> None:
    """Give what comes from below the octave of side ``coarsest`` no weight."""
    refining = network.refining[octave_of(network, coarsest) - 1]
    own = refining.conv.weight.shape[1] // 2
    refining.conv.weight[:, :own] = 0.0


def restore_patches(network: Gpen, patches: Tensor, coarsest: int) -> Tensor:
    """What the whole network, cut off at ``coarsest``, makes of patches, borders aside.

    Args:
        network: a network after :func:`cut_off`.
        patches: (N, 3, P, P) RGB in [-1, 1], P a multiple of the reduction down to ``coarsest``.
        coarsest: side of the lowest octave used when the network sees whole faces.

    Returns:
        (N, 3, P, P).
    """
    octave = octave_of(network, coarsest)
    maps, x = [], patches
    for block in list(network.encoder)[: len(network.encoder) - octave]:
        x = block(x)
        maps.append(x)
    style = x.new_zeros(x.shape[0], network.shape.style_width)
    coarse, *finer = reversed(maps)
    nothing = torch.zeros_like(coarse)
    y = network.doubling[octave - 1].join(nothing, nothing.new_ones(1, nothing.shape[1]), coarse)
    y = network.refining[octave - 1](y, style, coarse)
    rgb: Tensor = network.to_rgb[octave](y, style)
    for i, encoded in enumerate(finer, start=octave):
        y = network.doubling[i](y, style, encoded)
        y = network.refining[i](y, style, encoded)
        rgb = network.to_rgb[i + 1](y, style) + double(rgb)
    return rgb


class Patches(TypedDict):
    """(M, 3, P, P) patches of sources and truths, and (M, 5, 2) landmarks in the patches."""

    source: Tensor
    truth: Tensor
    landmarks: Tensor


def draw_patches(batch: dict[str, Tensor], side: int, count: int, seed: tuple[int, int]) -> Patches:
    """``count`` patches of every picture, most of them on the face.

    Args:
        batch: ``source`` and ``truth`` (N, 3, S, S), ``landmarks`` (N, 5, 2).
        side: P.
        count: patches of each picture.
        seed: decides the places, with the step's number.
    """
    generator = torch.Generator().manual_seed(hash(seed))
    size, pictures = batch["source"].shape[-1], batch["source"].shape[0]
    spread = torch.randn(pictures, count, 2, generator=generator) * (0.16 * size)
    corners = (spread + (size - side) / 2).round().long().clamp(0, size - side)
    taken: dict[str, list[Tensor]] = {"source": [], "truth": [], "landmarks": []}
    for picture in range(pictures):
        for x, y in corners[picture].tolist():
            for name in ("source", "truth"):
                taken[name].append(batch[name][picture, :, y : y + side, x : x + side])
            taken["landmarks"].append(batch["landmarks"][picture] - torch.tensor([x, y]))
    return {
        "source": torch.stack(taken["source"]),
        "truth": torch.stack(taken["truth"]),
        "landmarks": torch.stack(taken["landmarks"]),
    }
