"""What it costs to divide a job, and what several processes gain.

    python -m benchmarks.dividing [--sizes 384x288,1280x720,1920x1080] [--jobs 1,2,4]
        [--seconds N] [--segment SECONDS] [--model NAME|FILE] [--json FILE]

The sample, over and over and enlarged to each size, is restored in one piece and in segments by 1,
2 and 4 processes, as a user does it: by the command line. Frames a second, processor seconds a
frame without what starting and loading take (measured by a job of one frame), and the memory of the
largest process. Then a job is done in this process, with what it keeps timed: the files of parts,
the journal and their hashes. Only ratios within one run compare.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO, ParamSpec, TypeVar

import av
from rich.console import Console
from rich.table import Table

from vidrestore import Config
from vidrestore.job.networks import Networks
from vidrestore.job.restoring import restore
from vidrestore.job.segments.planning import fixed
from vidrestore.job.segments.store import Store
from vidrestore.job.task import Task
from vidrestore.report import write_json

P = ParamSpec("P")
T = TypeVar("T")

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "clip.mkv"
RATE = 25


@dataclass(frozen=True)
class Cost:
    """Of one run.

    Attributes:
        wall: seconds.
        cpu: processor seconds of all processes.
        memory: bytes of the largest process.
    """

    wall: float
    cpu: float
    memory: int


def clip(path: Path, width: int, height: int, frames: int) -> None:
    """The sample, over and over, at another size."""
    with av.open(str(SAMPLE)) as source:
        pictures = [frame.reformat(width, height, "yuv420p") for frame in source.decode(video=0)]
    with av.open(str(path), "w") as made:
        stream = made.add_stream("libx264", rate=RATE, options={"crf": "20"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            picture = pictures[number % len(pictures)]
            picture.pts, picture.time_base = number, Fraction(1, RATE)
            made.mux(stream.encode(picture))
        made.mux(stream.encode(None))


def run(source: Path, *words: str) -> Cost:
    """Restore in a process of its own, and measure it and all that it begins."""
    out = source.with_name("out.mkv")
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "vidrestore", "restore", str(source), str(out), "--overwrite"]
    process = subprocess.Popen([*command, "--quiet", *words])
    _, status, own = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"restoring ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # What a job's own processes took has come to it when it waited for them.
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.monotonic() - begun, cpu, own.ru_maxrss * 1024)


class TimedStore(Store):
    """A store that knows how long it was at work."""

    seconds = 0.0

    def sync(self, file: IO[bytes]) -> None:
        """As the store does."""
        self._timed(super().sync, file)

    def rename(self, old: Path, name: str) -> None:
        """As the store does."""
        self._timed(super().rename, old, name)

    def read(self, name: str) -> bytes | None:
        """As the store does."""
        return self._timed(super().read, name)

    def hash(self, name: str) -> str | None:
        """As the store does."""
        return self._timed(super().hash, name)

    def clear(self) -> None:
        """As the store does."""
        self._timed(super().clear)

    @classmethod
    def _timed(cls, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        begun = time.perf_counter()
        try:
            return work(*args, **kwargs)
        finally:
            cls.seconds += time.perf_counter() - begun


def kept(source: Path, segment: float, model: str) -> float:
    """The share of a job's time that keeping its parts takes, putting them together included."""
    config = Config().with_options({"job.segment": segment, "restore.model": model})
    task = Task(source, source.with_name("kept.mkv"), overwrite=True)
    TimedStore.seconds = 0.0
    done = restore(task, config, Networks(config), make_store=TimedStore)
    return (TimedStore.seconds + done.timing["mux"]) / done.seconds


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", default="384x288,1280x720,1920x1080")
    parser.add_argument("--jobs", default="1,2,4")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--segment", type=float, default=20.0)
    parser.add_argument("--model", default="default")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    frames = given.seconds * RATE
    table = Table("size", "processes", "frames/s", "CPU s a frame", "of undivided", "memory")
    told = {}
    with tempfile.TemporaryDirectory() as scratch:
        for size in given.sizes.split(","):
            width, height = map(int, size.split("x"))
            source = Path(scratch) / "in.mkv"
            clip(source, width, height, frames)
            # Threads wait for each other by spinning: as many in every run, or none compares.
            threads = str(fixed(Config()).restore.threads)
            same = ("--model", given.model, "--restore.threads", threads)
            load = run(source, "--to", "0.04", *same)
            undivided = run(source, "--job.segment", "0", *same)
            usual = (undivided.cpu - load.cpu) / frames
            rows = {"undivided": (undivided, 1)}
            for jobs in map(int, given.jobs.split(",")):
                words = (*same, "--job.segment", str(given.segment), "--jobs", str(jobs))
                # Each process loads for itself, and so does the one that leads several.
                rows[str(jobs)] = run(source, *words), jobs + (jobs > 1)
            for name, (cost, loads) in rows.items():
                cpu = (cost.cpu - loads * load.cpu) / frames
                speed = frames / (cost.wall - load.wall)
                table.add_row(
                    size,
                    name,
                    f"{speed:.2f}",
                    f"{cpu:.3f}",
                    f"{cpu / usual:.3f}",
                    f"{cost.memory / 1e6:.0f} MB",
                )
                told[f"{size} {name}"] = {"speed": speed, "cpu": cpu, "memory": cost.memory}
            share = kept(source, given.segment, given.model)
            told[f"{size} kept"] = {"share": share}
            print(f"{size}: keeping parts and putting them together took {share:.2%} of the time")
    Console().print(table)
    if given.json is not None:
        write_json(told, given.json)


if __name__ == "__main__":
    main()
