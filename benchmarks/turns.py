"""Timing several things in turn, so that a slow moment of the machine hits all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import torch

WARM_UP = 2
HEADINGS = ("case", "precision", "batch", "ms a face", "GFLOP/s", "of mm", "third", "peak MiB")
_GPU_HEADINGS = ("floor ms", "of floor")


@dataclass(frozen=True)
class Case:
    """Something to time.

    Attributes:
        name: of the model and engine.
        precision: float32, bfloat16, ...
        faces: per call; for a product or a copy, how often a call does it.
        giga: operations per face, in 1e9; for a copy, bytes read and written.
        call: does it once, and returns when it is done.
        kind: a network, or one of the two things whose rates networks are compared with.
        floor: for a network, the least seconds per face at operations and bytes per second.
    """

    name: str
    precision: str
    faces: int
    giga: float
    call: Callable[[], object]
    kind: Literal["network", "product", "copy"] = "network"
    floor: Callable[[float, float], float] | None = None


@dataclass(frozen=True)
class Row:
    """What a case measured; times in milliseconds per face.

    Attributes:
        name: as the case's.
        precision: as the case's.
        batch: faces per call.
        milliseconds: median.
        giga_per_second: operations, for a copy bytes, in 1e9 at the median.
        share: of the matrix product's rate in that precision; 0 where that is unknown.
        third: third call's time over the median.
        peak_mib: highest memory in use during a call; 0 where unknown.
        floor: the least that the device's rates allow; 0 where unknown.
    """

    name: str
    precision: str
    batch: int
    milliseconds: float
    giga_per_second: float
    share: float
    third: float
    peak_mib: float
    floor: float = 0.0


class Memory(Protocol):
    """The memory whose peak is measured."""

    def forget(self) -> None:
        """Begin anew."""
        ...

    def peak_mib(self) -> float:
        """The highest since then; 0 where unknown."""
        ...


class ProcessMemory:
    """What is resident of the process, where Linux tells."""

    def forget(self) -> None:
        """Begin anew."""
        path = Path("/proc/self/clear_refs")
        if path.exists():
            path.write_text("5")

    def peak_mib(self) -> float:
        """The highest since then."""
        path = Path("/proc/self/status")
        lines = path.read_text().splitlines() if path.exists() else []
        return next((int(x.split()[1]) / 1024 for x in lines if x.startswith("VmHWM")), 0.0)


class GpuMemory:
    """What torch has allocated on a GPU."""

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def forget(self) -> None:
        """Begin anew."""
        torch.cuda.reset_peak_memory_stats(self._device)

    def peak_mib(self) -> float:
        """The highest since then."""
        return torch.cuda.max_memory_allocated(self._device) / 2**20


def measure(listed: Sequence[Case], rounds: int, memory: Memory) -> list[Row]:
    """Call every case ``rounds`` times after two warm-up calls, taking turns."""
    times: list[list[float]] = [[] for _ in listed]
    peaks = [0.0] * len(listed)
    for _ in range(WARM_UP + rounds):
        for index, case in enumerate(listed):
            memory.forget()
            begun = time.perf_counter()
            case.call()
            times[index].append((time.perf_counter() - begun) / case.faces)
            peaks[index] = max(peaks[index], memory.peak_mib())
    middle = [statistics.median(taken[WARM_UP:]) for taken in times]
    measured = list(zip(listed, middle, strict=True))
    products = _rates(measured, "product")
    copies = _rates(measured, "copy")
    rows = []
    for (case, seconds), taken, peak in zip(measured, times, peaks, strict=True):
        rate, product = case.giga / seconds, products.get(case.precision, 0.0)
        share = rate / product if product and case.kind != "copy" else 0.0
        copied = copies.get(case.precision, 0.0)
        floor = case.floor(product * 1e9, copied * 1e9) if case.floor and product and copied else 0
        numbers = (1000 * seconds, rate, share, taken[WARM_UP] / seconds, peak, 1000 * floor)
        rounded = (round(number, 4) for number in numbers)
        rows.append(Row(case.name, case.precision, case.faces, *rounded))
    return rows


def _rates(measured: Iterable[tuple[Case, float]], kind: str) -> dict[str, float]:
    return {case.precision: case.giga / seconds for case, seconds in measured if case.kind == kind}


def heading(*, gpu: bool) -> str:
    """What stands over the lines."""
    return _aligned(HEADINGS + (_GPU_HEADINGS if gpu else ()))


def line(row: Row, *, gpu: bool) -> str:
    """A row for a terminal."""
    cells = [
        row.name,
        row.precision,
        str(row.batch),
        f"{row.milliseconds:.2f}",
        f"{row.giga_per_second:.0f}",
        f"{row.share:.0%}" if row.share else "",
        f"{row.third:.2f}",
        f"{row.peak_mib:.0f}",
    ]
    if gpu:
        cells += [f"{row.floor:.3f}", f"{row.milliseconds / row.floor:.2f}"] if row.floor else []
    return _aligned(cells)


def _aligned(cells: Sequence[str]) -> str:
    first, second, *others = cells
    return f"{first:<20} {second:<9}" + "".join(f"{cell:>10}" for cell in others)
