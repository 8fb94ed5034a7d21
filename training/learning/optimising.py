"""How a network steps: in which precision, how far, and what follows it."""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Let every group learn at that rate."""
    for group in optimiser.param_groups:
        group["lr"] = rate


def ramp(step: int, decay_from: int, steps: int) -> float:
    """What the learning rate is multiplied by, 0 to 1, before a step.

    It falls from step ``decay_from`` linearly, to a fiftieth at the last.
    """
    return min(1.0, max(0.02, (steps - step) / max(1, steps - decay_from)))


def descend(optimiser: torch.optim.Optimizer, loss: Tensor, rate: float) -> None:
    """One step of all that an optimiser holds, down a loss; the gradient is 1 long at most."""
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    parameters = (each for group in optimiser.param_groups for each in group["params"])
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    set_rate(optimiser, rate)
    optimiser.step()


def cosine(step: int, steps: int, warm_up: int = 50) -> float:
    """What the learning rate is multiplied by, 0 to 1; it rises, and falls as a cosine to 0."""
    return min(1.0, (step + 1) / warm_up) * 0.5 * (1 + math.cos(math.pi * step / steps))


def autocast(device: torch.device, precision: torch.dtype) -> Any:
    """The context in which networks compute in ``precision``; parameters stay float32."""
    if precision == torch.float32:
        return nullcontext()
    return torch.autocast(device.type, precision)


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, steps: int, memory: float) -> None:
    """Move the average towards the network: over ``memory`` steps, and faster among the first.

    Args:
        average: what follows.
        network: what is followed.
        steps: taken so far, this one included.
        memory: steps after which a third of what was is left.
    """
    share = max(1 / memory, 1 / (steps + 1))
    torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), share)
