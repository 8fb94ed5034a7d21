"""Networks of the finest detail that say the same everywhere."""

from __future__ import annotations

import torch

from vidrestore.restore.detail import (
    BANDS,
    PARTS,
    DetailNetwork,
    FineDetail,
    RefinementNetwork,
)


def telling(fine: float, coarse: float) -> DetailNetwork:
    """One that tells these missing deviations, levels of 0..255, of the two octaves."""
    network = DetailNetwork()
    torch.nn.init.zeros_(network.tell.weight)
    with torch.no_grad():
        network.tell.bias.copy_(torch.tensor([fine, coarse]).square().log())
    return network.eval().requires_grad_(False)


def amplifying(gain: float, part: int = 0) -> RefinementNetwork:
    """One that adds the bands of one part so often: of result, change, or the frame alone."""
    network = RefinementNetwork()
    for parameter in network.parameters():
        torch.nn.init.zeros_(parameter)
    with torch.no_grad():
        network.give.bias.reshape(PARTS, BANDS)[part] = gain
    return network.eval().requires_grad_(False)


def of_detail(size: int, fine: float, coarse: float, gain: float = 0.0) -> FineDetail:
    """Both, for a model of that side."""
    return FineDetail(size, telling(fine, coarse), amplifying(gain))
