"""A start at which the network returns its input.

A random GPEN must first learn to copy a picture, which takes tens of thousands of samples. The
architecture can copy exactly: the first convolution carries +RGB and -RGB through its leaky ReLU,
the last styled convolution concatenates that map to its features, and the last to-RGB takes the
difference. Every other to-RGB weight starts at nought, so training learns what to add.
"""

from __future__ import annotations

import torch

from vidrestore.restore.gpen.network import GAIN, SLOPE, Gpen

COLOURS = 3


@torch.no_grad()
def start_as_identity(network: Gpen) -> None:
    """Set a freshly built network so that its output is its input.

    Styles start without effect: a plain U-shaped network is sooner of use, and a style can grow
    in later.

    Raises:
        ValueError: if the finest octave has fewer than six channels.
    """
    width = network.shape.widths[-1]
    if width < 2 * COLOURS:
        raise ValueError(f"the finest octave has {width} channels; carrying RGB takes six")
    for block in (network.first, *network.doubling, *network.refining):
        block.map_weight.fill_(1.0)
        block.conv.modulation.weight.zero_()
    for to_rgb in network.to_rgb:
        to_rgb.conv.weight.zero_()
        to_rgb.conv.modulation.weight.zero_()

    entry, exit_ = network.encoder[0], network.to_rgb[-1]
    carried = torch.cat((torch.eye(COLOURS), -torch.eye(COLOURS)))
    entry.weight[: 2 * COLOURS] = (carried / entry.scale)[:, :, None, None]
    # x > 0 leaves as gain * x on its own channel and as -slope^2 * gain * x on the negative's
    gain = GAIN * (1 + SLOPE**2)
    places = slice(width, width + 2 * COLOURS)
    exit_.conv.weight[:, places] = carried.T[:, :, None, None] / (gain * exit_.conv.scale)
