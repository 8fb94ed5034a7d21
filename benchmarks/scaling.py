"""How fast a video would be restored on more cores, by any number of processes: a model.

    python -m benchmarks.scaling [--size 384x288] [--frames N] [--cores 1,2,4,8,16,32]
        [--jobs 1,2,4,8] [--json FILE]

One process is measured on one core: seconds a frame of each stage, and processor seconds a frame in
all. What a process does runs in four threads (decoding, finding, restoring, encoding), of which
only the network and the encoder use several cores. So a frame takes at least

    T(1, cores) = max(C / cores, decode, find, restore + network / threads, encode / threads)

with C the processor seconds, "restore" all of that thread but the network, and as many threads as
cores, four at most; and N processes that share the cores, each with a segment of its own, take

    T(N, cores) = max(C / cores, T(1, cores / N) / N).

Starting and seams are left out (``dividing.py`` measures them). The model is checked against what
one and two cores give.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.dividing import clip, run
from vidrestore.report import write_json

MOST_THREADS = 4
"""Of a network and of an encoder, as a plan fixes them."""
_FINDING = ("preview", "cuts", "film", "colourless", "detect", "track", "lookback", "locate")
_FINDING = (*_FINDING, "smooth")
_RESTORING = ("align", "deflicker", "repair", "denoise", "blend", "scale", "paste", "weave")


@dataclass(frozen=True)
class Stages:
    """Seconds a frame of one process on one core.

    Attributes:
        cpu: processor seconds in all.
        decode: of reading.
        find: of finding and following faces.
        prepare: of restoring, but for the network.
        network: of the network.
        encode: of the encoder.
    """

    cpu: float
    decode: float
    find: float
    prepare: float
    network: float
    encode: float

    @classmethod
    def of(cls, timing: Mapping[str, float], cpu: float, frames: int) -> Stages:
        """From a report's ``timing``, which holds more than work where threads share a core."""
        stages = {name: seconds for name, seconds in timing.items() if name not in ("load", "mux")}
        # All threads waited for the one core alike: the shares are right, the sum is the clock's.
        share = cpu / sum(stages.values()) / frames

        def part(*names: str) -> float:
            return sum(stages.get(name, 0.0) for name in names) * share

        return cls(
            cpu / frames,
            part("decode"),
            part(*_FINDING),
            part(*_RESTORING),
            part("restore"),
            part("encode"),
        )

    def alone(self, cores: float) -> float:
        """Seconds a frame that one process takes."""
        threads = max(1, min(MOST_THREADS, int(cores)))
        restoring = self.prepare + self.network / threads
        slowest = max(self.decode, self.find, restoring, self.encode / threads)
        return max(self.cpu / cores, slowest)

    def shared(self, jobs: int, cores: float) -> float:
        """Seconds a frame that several processes take."""
        return max(self.cpu / cores, self.alone(cores / jobs) / jobs)


def measured(source: Path, frames: int, cores: set[int]) -> tuple[Stages, float]:
    """Stages, and seconds a frame by the clock, of one process on these cores."""
    before, report = os.sched_getaffinity(0), source.with_name("report.json")
    threads = str(min(MOST_THREADS, len(cores)))
    same = ("--job.segment", "0", "--restore.threads", threads, "--encoder.threads", threads)
    os.sched_setaffinity(0, cores)
    try:
        load = run(source, "--to", "0.04", *same)
        whole = run(source, "--report", str(report), *same)
    finally:
        os.sched_setaffinity(0, before)
    timing = json.loads(report.read_text())["timing"]
    stages = Stages.of(timing, whole.cpu - load.cpu, frames)
    return stages, (whole.wall - load.wall) / frames


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", default="384x288")
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--cores", default="1,2,4,8,16,32")
    parser.add_argument("--jobs", default="1,2,4,8")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "in.mkv"
        clip(source, width, height, given.frames)
        first, *others = sorted(os.sched_getaffinity(0))
        stages, one = measured(source, given.frames, {first})
        print(
            f"a frame takes {stages.cpu:.3f} s of a core: decoding {stages.decode:.3f}, finding "
            f"{stages.find:.3f}, network {stages.network:.3f}, the rest of restoring "
            f"{stages.prepare:.3f}, encoding {stages.encode:.3f}"
        )
        checked = {"1": (1 / stages.alone(1), 1 / one)}
        if others:
            _, two = measured(source, given.frames, {first, others[0]})
            checked["2"] = (1 / stages.alone(2), 1 / two)
    for cores, (model, clock) in checked.items():
        print(f"{cores} cores: {model:.2f} frames/s by the model, {clock:.2f} measured")
    jobs = list(map(int, given.jobs.split(",")))
    table = Table("cores", *(f"{count} processes" for count in jobs), title="frames/s")
    rows = {
        cores: [1 / stages.shared(count, cores) if count <= cores else None for count in jobs]
        for cores in map(int, given.cores.split(","))
    }
    for cores, speeds in rows.items():
        table.add_row(str(cores), *("" if speed is None else f"{speed:.1f}" for speed in speeds))
    Console().print(table)
    if given.json is not None:
        write_json({"stages": stages, "checked": checked, "model": rows}, given.json)


if __name__ == "__main__":
    main()
