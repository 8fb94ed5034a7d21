"""Between samples of 8 or 16 bits and the pictures that networks take, on any device."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from vidrestore.datatypes import Image

# torch computes little with uint16, so its bits travel as int16.
_CARRIERS = {np.dtype(np.uint8): torch.uint8, np.dtype(np.uint16): torch.int16}
_MOST = {torch.uint8: 255, torch.int16: 65535}


def carrier(dtype: np.dtype[Any]) -> torch.dtype:
    """The type of torch that carries samples of uint8 or uint16."""
    return _CARRIERS[np.dtype(dtype)]


def carried(samples: Image) -> Tensor:
    """Samples as torch sees them; they share memory, and so may not be read-only."""
    return torch.from_numpy(samples.view(np.int16) if samples.dtype == np.uint16 else samples)


def samples_in(carrying: Tensor) -> Image:
    """What a tensor in main memory carries; they share memory if it is contiguous."""
    samples: Image = carrying.contiguous().numpy()
    return samples.view(np.uint16) if carrying.dtype == torch.int16 else samples


def pictures_of(samples: Tensor) -> Tensor:
    """(N, S, S, 3) carried samples to the (N, 3, S, S) float32 in [-1, 1], channels last."""
    half = _MOST[samples.dtype] / 2
    if samples.dtype == torch.int16:
        samples = samples.to(torch.int32).bitwise_and_(0xFFFF)
    # (N, S, S, 3) seen as (N, 3, S, S) is channels_last already.
    return samples.permute(0, 3, 1, 2).to(torch.float32).div_(half).sub_(1.0)


def samples_of(pictures: Tensor, dtype: torch.dtype) -> Tensor:
    """(N, 3, S, S) in [-1, 1], clamped, to (N, S, S, 3) rounded samples carried by ``dtype``."""
    most = _MOST[dtype]
    scaled = pictures.add(1.0).mul_(most / 2).round_().clamp_(0.0, most)
    whole = scaled if dtype == torch.uint8 else scaled.to(torch.int32)
    return whole.to(dtype).permute(0, 2, 3, 1)
