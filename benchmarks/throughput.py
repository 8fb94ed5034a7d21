"""How fast the whole pipeline is, and where the time goes.

    python benchmarks/throughput.py [IN] [--repeats N] [--model NAME|FILE] [--json FILE]

Restores the clip several times with each restorer in turn, and reports the median: frames per
second, and milliseconds of work per frame and stage (stages run side by side, so they add up to
more than the wall clock). Speeds of different machines do not compare; the ratio between two rows
of one run does.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from vidrestore import Config, Report, restore_video

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "clip.mkv"


class Unchanged:
    """A restorer that gives its input back: what is left is everything but the network."""

    def __init__(self, size: int = 256) -> None:
        self._size = size

    @property
    def size(self) -> int:
        """Side of the crops it takes, px."""
        return self._size

    def restore(self, crops: NDArray[np.generic], /) -> NDArray[np.generic]:
        """The crops themselves, copied."""
        return crops.copy()


@dataclass(frozen=True)
class Case:
    """One row: a name, the options, and whether the network is left out."""

    name: str
    config: Config
    identity: bool = False

    def run(self, source: Path, output: Path) -> Report:
        """Restore once."""
        restorer = Unchanged() if self.identity else None
        return restore_video(source, output, self.config, overwrite=True, restorer=restorer)


@dataclass(frozen=True)
class Row:
    """What a case measured.

    Attributes:
        name: of the case.
        frames: of the clip.
        faces: restored in one run.
        frames_per_second: median of the runs.
        slowest: the run with the least.
        ratio: to the first case of the same run.
        milliseconds: of work per frame, by stage, median of the runs.
        device: where the network ran.
        precision: it ran in.
    """

    name: str
    frames: int
    faces: int
    frames_per_second: float
    slowest: float
    ratio: float
    milliseconds: dict[str, float]
    device: str
    precision: str


def cases(model: str) -> list[Case]:
    """The identity first: the others' ratios refer to it."""
    config = Config().with_options({"restore.model": model})
    return [
        Case("no network", config, identity=True),
        Case("default", config),
        Case("detect every frame", config.with_options({"detect.every": 1})),
        Case(
            "no temporal blending",
            config.with_options({"temporal.denoise": 0, "temporal.blend": 0}),
        ),
    ]


def measure(source: Path, listed: Sequence[Case], repeats: int) -> list[Row]:
    """Run every case ``repeats`` times, taking turns so that a slow moment hits all alike."""
    runs: dict[str, list[Report]] = {case.name: [] for case in listed}
    with tempfile.TemporaryDirectory(prefix="vidrestore-bench-") as folder:
        output = Path(folder) / f"out{source.suffix}"
        listed[0].run(source, output)  # loads libraries and weights; not counted
        for _ in range(repeats):
            for case in listed:
                runs[case.name].append(case.run(source, output))
    first = statistics.median(r.frames_per_second for r in runs[listed[0].name])
    return [_row(case.name, runs[case.name], first) for case in listed]


def _row(name: str, reports: Sequence[Report], first: float) -> Row:
    speeds = [report.frames_per_second for report in reports]
    last = reports[-1]
    stages = {
        stage: 1000 * statistics.median(r.timing.get(stage, 0.0) / r.frames for r in reports)
        for stage in last.timing
        if stage != "load"
    }
    middle = statistics.median(speeds)
    return Row(
        name=name,
        frames=last.frames,
        faces=last.faces,
        frames_per_second=round(middle, 3),
        slowest=round(min(speeds), 3),
        ratio=round(middle / first, 3),
        milliseconds={stage: round(value, 3) for stage, value in stages.items()},
        device=last.device,
        precision=last.precision,
    )


def table(rows: Sequence[Row]) -> Table:
    """The rows for a terminal."""
    stages = list(dict.fromkeys(stage for row in rows for stage in row.milliseconds))
    shown = Table(title="milliseconds of work per frame, by stage")
    shown.add_column("case")
    for heading in ("frames/s", "slowest", "ratio", *stages):
        shown.add_column(heading, justify="right")
    for row in rows:
        numbers = [f"{row.frames_per_second:.1f}", f"{row.slowest:.1f}", f"{row.ratio:.2f}"]
        numbers += [f"{row.milliseconds.get(stage, 0.0):.1f}" for stage in stages]
        shown.add_row(row.name, *numbers)
    return shown


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path, nargs="?", default=SAMPLE, metavar="IN")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--model", default="default")
    parser.add_argument("--json", type=Path, default=Path("out/bench/throughput.json"))
    arguments = parser.parse_args()
    rows = measure(arguments.source, cases(arguments.model), max(1, arguments.repeats))
    Console(width=160).print(table(rows))
    content = {
        "source": arguments.source.name,
        "repeats": arguments.repeats,
        "machine": {"cpus": os.cpu_count(), "platform": platform.platform()},
        "rows": [vars(row) for row in rows],
    }
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(content, indent=2) + "\n")
    print(f"written: {arguments.json}")


if __name__ == "__main__":
    main()
