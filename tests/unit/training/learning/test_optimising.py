from __future__ import annotations

import pytest
import torch
from torch import nn

from training.learning.optimising import autocast, by_strength, follow, set_rate


def test_steps_are_in_proportion_to_strength() -> None:
    network = nn.Linear(4, 4)
    with torch.no_grad():
        network.weight.fill_(2.0)
        network.bias.zero_()
    optimiser = by_strength(network, 1.0, (0.9, 0.99))
    set_rate(optimiser, 0.1)
    assert [group["lr"] for group in optimiser.param_groups] == pytest.approx([0.2, 0.002])


def test_the_average_follows_fast_at_first_and_slowly_later() -> None:
    network, average = nn.Linear(1, 1), nn.Linear(1, 1)
    for steps, expected in ((1, 0.5), (9, 0.1), (500, 0.05)):
        with torch.no_grad():
            network.weight.fill_(1.0)
            average.weight.zero_()
        follow(average, network, steps, 20.0)
        assert float(average.weight.detach()) == pytest.approx(expected)


def test_float32_is_left_alone_by_autocast() -> None:
    layer, x = nn.Linear(2, 2), torch.ones(1, 2)
    for precision in (torch.float32, torch.bfloat16):
        with autocast(torch.device("cpu"), precision):
            assert layer(x).dtype == precision
