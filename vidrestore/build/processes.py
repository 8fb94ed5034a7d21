"""Where the processes of a divided job compute, and with how many threads."""

from __future__ import annotations

import sys
from typing import Final

from vidrestore.config import RestoreConfig

_MEMORY: Final = 2_500_000_000
"""Bytes that a process may come to hold: 2.3 GB were measured at 1920x1080."""


def worker_devices(config: RestoreConfig, jobs: int, cores: int, memory: int | None) -> list[str]:
    """Where each process of a divided job computes.

    GPUs are shared out one after the other. On a CPU a process keeps at most two cores and a half
    busy, however many threads its network has, and two of them keep two cores busier than one
    (``benchmarks.dividing``, ``benchmarks.scaling``).

    Args:
        config: which device is asked for.
        jobs: processes asked for; 0 for as many as pay.
        cores: that this process may use.
        memory: of the machine, bytes: no more processes pay than find room in it; None where it is
            not known.

    Raises:
        DeviceError: the device is missing.
    """
    import torch  # noqa: PLC0415

    from vidrestore.restore.running.device import pick_device  # noqa: PLC0415

    device = pick_device(config.device)
    if device.type == "cpu":
        paying = max(min(cores, 2), cores // 2)
        fitting = paying if memory is None else memory // _MEMORY
        return ["cpu"] * (jobs or max(1, min(paying, fitting)))
    several = config.device == "auto"
    names = [f"cuda:{n}" for n in range(torch.cuda.device_count())] if several else [str(device)]
    return [names[number % len(names)] for number in range(jobs or len(names))]


def threads_for(config: RestoreConfig, device: str) -> int:
    """Threads of a job that is not divided, for ``use_threads``.

    Args:
        config: options of the restorer.
        device: that it computes on; one elsewhere leaves the number to torch.
    """
    return config.threads if device == "cpu" else 0


def use_threads(count: int) -> None:
    """Have networks compute with so many threads, which their last bits depend on; 0 is torch's.

    A job begins with it: what another job of the process has set still holds.
    """
    if not count and "torch" not in sys.modules:
        return  # nobody has set it, and a job without a network of ours does not wait for it
    from vidrestore.restore.running import threads  # noqa: PLC0415

    threads.use_threads(count)
