"""What a GPEN on a GPU is measured by: the device's two rates, a restorer at work, its timeline.

A call restores several batches, as a video gives them: uint8 crops from main memory and back,
copies beside the computing where the restorer does that. So "ms a face" holds everything that a
video waits for, and the timeline tells what of it was computing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.floor import Rates, floor_seconds, gigaflop, layers
from benchmarks.timeline import Span, read_trace
from benchmarks.turns import Case
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.restorer import gpen_restorer
from vidrestore.restore.running.device import pick_precision

SIDE = 8192
COPIED = 1 << 30
REPEATS = 10
BATCHES = 8


def rate_cases(
    device: torch.device, precision: str, *, side: int = SIDE, copied: int = COPIED
) -> list[Case]:
    """The product and the copy that a floor is made of, each repeated before it is waited for."""
    dtype = pick_precision(precision, device).dtype
    one, other = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    into = torch.empty_like(one)
    source = torch.zeros(copied // dtype.itemsize, dtype=dtype, device=device)
    target = torch.empty_like(source)
    # TF32 is how products of float32 are computed, not a type.
    allowed = "high" if precision == "tf32" else "highest"

    def product() -> None:
        torch.set_float32_matmul_precision(allowed)
        for _ in range(REPEATS):
            torch.mm(one, other, out=into)
        _finish(device)
        torch.set_float32_matmul_precision("highest")

    def copy() -> None:
        for _ in range(REPEATS):
            target.copy_(source)
        _finish(device)

    work, moved = 2 * side**3 / 1e9, 2 * target.nbytes / 1e9
    return [
        Case(f"mm {side}", precision, REPEATS, work, product, "product"),
        Case("copy (GB/s)", precision, REPEATS, moved, copy, "copy"),
    ]


def network_cases(
    name: str, network: Gpen, device: torch.device, precision: str, batches: Sequence[int]
) -> list[Case]:
    """A restorer for every batch size, with the floor that the rates give it."""
    arithmetic = pick_precision(precision, device)
    work, side = layers(network.shape), network.shape.size
    listed = []
    for batch in batches:
        restorer = gpen_restorer(network, device, arithmetic, batch)
        crops = np.random.default_rng(0).integers(
            0, 256, (BATCHES * batch, side, side, 3), np.uint8
        )

        def floor(operations: float, copied: float, batch: int = batch) -> float:
            return floor_seconds(work, Rates(operations, copied, arithmetic.dtype.itemsize), batch)

        call = partial(restorer.restore, crops)
        giga = gigaflop(network.shape)
        listed.append(Case(f"{name} x {batch}", precision, len(crops), giga, call, floor=floor))
    return listed


def traced(call: Callable[[], object]) -> list[Span]:
    """What the GPU did during a call."""
    activities = [ProfilerActivity.CPU]
    if torch.cuda.is_available():
        activities.append(ProfilerActivity.CUDA)
    with tempfile.TemporaryDirectory(prefix="vidrestore-bench-") as folder:
        path = Path(folder) / "trace.json"
        with profile(activities=activities) as watched:
            call()
        watched.export_chrome_trace(str(path))
        return read_trace(path)


def _finish(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
