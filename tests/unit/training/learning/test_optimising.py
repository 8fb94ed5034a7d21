from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import nn

from training.learning.optimising import autocast, cosine, descend, follow, ramp, set_rate


def test_every_group_gets_the_rate() -> None:
    groups = [{"params": [parameter]} for parameter in nn.Linear(4, 4).parameters()]
    optimiser = torch.optim.Adam(groups, 1.0)
    set_rate(optimiser, 0.1)
    assert [group["lr"] for group in optimiser.param_groups] == [0.1, 0.1]


def test_a_ramp_stays_and_falls_to_a_fiftieth() -> None:
    assert [ramp(step, 6, 10) for step in (0, 6, 8, 10, 12)] == [1, 1, 0.5, 0.02, 0.02]


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


def test_a_cosine_rises_and_falls_to_nought() -> None:
    rates = [cosine(step, 200) for step in range(201)]
    assert rates[0] == pytest.approx(1 / 50)
    assert max(rates) == pytest.approx(rates[49], rel=0.02)
    assert all(later <= earlier for earlier, later in pairwise(rates[50:]))
    assert rates[-1] == pytest.approx(0, abs=1e-9)


def test_a_step_goes_down_a_loss_however_steep_it_is() -> None:
    place = torch.nn.Parameter(torch.tensor([3.0]))
    optimiser = torch.optim.SGD([place], 0.0)
    descend(optimiser, 1e6 * place.square().sum(), rate=0.5)
    assert float(place.detach()) == pytest.approx(2.5, abs=1e-4)
    descend(optimiser, place.sum(), rate=0.5)
    assert float(place.detach()) == pytest.approx(2.0, abs=1e-4)
