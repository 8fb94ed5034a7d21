"""How fast the network is, against the processor and against another engine.

    python benchmarks/gpen.py [--models default 512] [--precisions float32 bfloat16]
                              [--batches 1 4] [--rounds N] [--no-onnx] [--json FILE]

Every case is called in turn with a product of two 4096 x 4096 matrices into a given output, in the
same process and with the same threads, so that a slow moment hits all alike: its median is what
"of mm" is a share of. ONNX Runtime takes its turns too, with the graph as it was published. Random
weights, but for the default model; time does not depend on them. "third" is the third call's time
over the median: 1 where the speed is steady from there on.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from benchmarks.published_graph import write_onnx
from vidrestore.config import RestoreConfig
from vidrestore.restore.allocator import keep_freed_memory
from vidrestore.restore.catalogue import find_model
from vidrestore.restore.checkpoint import read_checkpoint
from vidrestore.restore.folded import FoldedGpen
from vidrestore.restore.network import Gpen
from vidrestore.restore.shape import GpenShape

SIDE = 4096
WARM_UP = 2
PUBLISHED = {"256": (1, 0.5), "512": (2, 1.0), "1024": (2, 1.0), "2048": (2, 1.0)}


@dataclass(frozen=True)
class Case:
    """Something to time: it restores ``faces`` faces per call.

    Attributes:
        name: of the model and engine.
        precision: float32 or bfloat16.
        faces: per call.
        gigaflop: per face.
        call: does it once.
    """

    name: str
    precision: str
    faces: int
    gigaflop: float
    call: Callable[[], object]


@dataclass(frozen=True)
class Row:
    """What a case measured; times in milliseconds per face.

    Attributes:
        name: as the case's.
        precision: as the case's.
        batch: faces per call.
        milliseconds: median.
        gflop_per_second: at the median.
        share: of the matrix product's rate in that precision.
        third: third call's time over the median.
        peak_mib: highest resident memory of the process during a call; 0 where unknown.
    """

    name: str
    precision: str
    batch: int
    milliseconds: float
    gflop_per_second: float
    share: float
    third: float
    peak_mib: float


def gigaflop(shape: GpenShape) -> float:
    """Operations of all convolutions and blurs for one face, in 1e9; a multiply-add is two."""
    widths = shape.widths
    products = 3 * widths[-1] * shape.size**2 + 9 * widths[0] ** 2 * 16 + 3 * 2 * widths[0] * 16
    for octave, (coarse, fine) in enumerate(itertools.pairwise(widths)):
        side = 4 << octave
        products += 9 * fine * coarse * side**2  # encoder
        products += 9 * 2 * coarse * fine * side**2  # doubling
        products += 9 * 2 * fine * fine * (2 * side) ** 2  # refining
        products += 3 * 2 * fine * (2 * side) ** 2  # to RGB
        products += 16 * fine * ((2 * side + 1) ** 2 + (2 * side) ** 2)  # both blurs
    return 2 * products / 1e9


def network(name: str) -> Gpen:
    """The default model, or a published shape with random weights."""
    if name == "default":
        file, model = find_model(RestoreConfig().model)
        return read_checkpoint(file, model.sha256 if model else None).build()
    multiplier, narrow = PUBLISHED[name]
    torch.manual_seed(0)
    shape = GpenShape.published(
        int(name), multiplier=multiplier, narrow=narrow, style_width=512, mapping_depth=8
    )
    return Gpen(shape).eval().requires_grad_(False)


def product(precision: str) -> Case:
    """The matrix product that shares are of."""
    dtype = getattr(torch, precision)
    one, other = (torch.randn(SIDE, SIDE).to(dtype) for _ in range(2))
    into = torch.empty(SIDE, SIDE, dtype=dtype)
    work = 2 * SIDE**3 / 1e9
    return Case(f"mm {SIDE}", precision, 1, work, lambda: torch.mm(one, other, out=into))


def cases(name: str, precisions: Sequence[str], batches: Sequence[int], onnx: bool) -> list[Case]:
    """The products, the network's cases, and ONNX Runtime's."""
    net = network(name)
    work, side = gigaflop(net.shape), net.shape.size
    listed = [product(precision) for precision in precisions]
    picture = torch.rand(1, 3, side, side) * 2 - 1
    for precision in precisions:
        folded = FoldedGpen(net, getattr(torch, precision))
        for batch in batches:
            given = picture.expand(batch, -1, -1, -1).contiguous()
            call = _bound(folded, given)
            listed.append(Case(name, precision, batch, work, call))
    if onnx:
        listed.append(_onnx(name, net, picture, work))
    return listed


def _bound(folded: FoldedGpen, given: torch.Tensor) -> Callable[[], object]:
    return lambda: folded(given)


def _onnx(name: str, net: Gpen, picture: torch.Tensor, work: float) -> Case:
    import onnxruntime  # noqa: PLC0415 - only where it is compared with

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    with tempfile.TemporaryDirectory(prefix="vidrestore-bench-") as folder:
        path = Path(folder) / "published.onnx"
        write_onnx(net, path)
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    given = {"picture": picture.numpy()}
    return Case(f"{name} onnxruntime", "float32", 1, work, lambda: session.run(None, given))


def measure(listed: Sequence[Case], rounds: int) -> list[Row]:
    """Call every case ``rounds`` times after two warm-up calls, taking turns."""
    times: list[list[float]] = [[] for _ in listed]
    peaks = [0.0] * len(listed)
    for _ in range(WARM_UP + rounds):
        for index, case in enumerate(listed):
            _forget_peak()
            begun = time.perf_counter()
            case.call()
            times[index].append((time.perf_counter() - begun) / case.faces)
            peaks[index] = max(peaks[index], _peak_mib())
    middle = [statistics.median(taken[WARM_UP:]) for taken in times]
    rates = {
        case.precision: case.gigaflop / seconds
        for case, seconds in zip(listed, middle, strict=True)
        if case.name.startswith("mm")
    }
    rows = []
    for case, taken, seconds, peak in zip(listed, times, middle, peaks, strict=True):
        rate = case.gigaflop / seconds
        share = rate / rates[case.precision] if case.precision in rates else 0.0
        third = taken[WARM_UP] / seconds
        numbers = (1000 * seconds, rate, share, third, peak)
        rounded = (round(number, 3) for number in numbers)
        rows.append(Row(case.name, case.precision, case.faces, *rounded))
    return rows


def _forget_peak() -> None:
    path = Path("/proc/self/clear_refs")
    if path.exists():
        path.write_text("5")


def _peak_mib() -> float:
    path = Path("/proc/self/status")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((int(x.split()[1]) / 1024 for x in lines if x.startswith("VmHWM")), 0.0)


def table(rows: Sequence[Row]) -> Table:
    """The rows for a terminal."""
    shown = Table()
    shown.add_column("case")
    shown.add_column("precision")
    for heading in ("batch", "ms a face", "GFLOP/s", "of mm", "third", "peak MiB"):
        shown.add_column(heading, justify="right")
    for row in rows:
        shown.add_row(
            row.name,
            row.precision,
            str(row.batch),
            f"{row.milliseconds:.1f}",
            f"{row.gflop_per_second:.0f}",
            f"{row.share:.0%}",
            f"{row.third:.2f}",
            f"{row.peak_mib:.0f}",
        )
    return shown


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--models", nargs="+", default=["default", "512"], choices=["default", *PUBLISHED]
    )
    parser.add_argument(
        "--precisions",
        nargs="+",
        default=["float32", "bfloat16"],
        choices=["float32", "bfloat16"],
    )
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 4])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-onnx", action="store_true")
    parser.add_argument("--json", type=Path, default=Path("out/bench/gpen.json"))
    arguments = parser.parse_args()
    keep_freed_memory()
    rows = []
    for name in arguments.models:
        listed = cases(name, arguments.precisions, arguments.batches, not arguments.no_onnx)
        rows += measure(listed, max(1, arguments.rounds))
    Console(width=120).print(table(rows))
    content = {
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "platform": platform.platform(),
        "rows": [vars(row) for row in rows],
    }
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(content, indent=2) + "\n")
    print(f"written: {arguments.json}")


if __name__ == "__main__":
    main()
