"""Networks of the finest detail that say the same everywhere."""

from __future__ import annotations

import torch

from vidrestore.restore.detail import DetailNetwork, FineDetail, RefinementNetwork


def telling(fine: float, coarse: float) -> DetailNetwork:
    """One that tells these missing deviations, levels of 0..255, of the two octaves."""
    network = DetailNetwork()
    torch.nn.init.zeros_(network.tell.weight)
    with torch.no_grad():
        network.tell.bias.copy_(torch.tensor([fine, coarse]).square().log())
    return network.eval().requires_grad_(False)


def adding(levels: float) -> RefinementNetwork:
    """One that adds columns of these levels, by turns brighter and darker."""
    network = RefinementNetwork()
    for parameter in network.parameters():
        torch.nn.init.zeros_(parameter)
    with torch.no_grad():  # of each four pixels those on the left, and those on the right
        network.give.bias.copy_(torch.tensor([1.0, -1.0, 1.0, -1.0]) * levels / 4)
    return network.eval().requires_grad_(False)


def of_detail(size: int, fine: float, coarse: float, levels: float = 0.0) -> FineDetail:
    """Both, for a model of that side."""
    return FineDetail(size, telling(fine, coarse), adding(levels))
