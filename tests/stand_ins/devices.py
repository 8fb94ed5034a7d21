"""The devices that tests of the network run over: all that this machine has."""

from __future__ import annotations

import os

import pytest
import torch

from vidrestore.restore.running.device import cpu_computes_bfloat16

needs_bfloat16 = pytest.mark.skipif(
    not cpu_computes_bfloat16(), reason="this processor cannot compute in bfloat16"
)

REQUIRED = "VIDRESTORE_REQUIRE_GPU"


def devices() -> list[str]:
    """The CPU and every GPU, by the names that options use.

    With VIDRESTORE_REQUIRE_GPU=1 a GPU is listed even where there is none, so that its tests fail
    and a run that was meant for a GPU cannot pass without one.
    """
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if os.environ.get(REQUIRED) == "1":
        count = max(count, 1)
    return ["cpu", *(f"cuda:{index}" for index in range(count))]
