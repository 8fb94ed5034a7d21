"""How fast the network is, against the processor and against another engine.

    python -m benchmarks.gpen [--models default 512] [--device auto] [--precisions P ...]
                              [--batches N ...] [--rounds N] [--no-onnx] [--json FILE]

Every case is called in turn with a product of two 4096 x 4096 matrices into a given output, in the
same process and with the same threads, so that a slow moment hits all alike: its median is what
"of mm" is a share of. ONNX Runtime takes its turns too, with the graph as it was published. Random
weights, but for the default model; time does not depend on them. "third" is the third call's time
over the median: 1 where the speed is steady from there on. A model's rows are printed as soon as
they are measured.

On a GPU eight batches are restored in a call, from main memory and back. "floor" is the least that
the device's rates allow (``benchmarks/floor.py``), and under each model stands what the GPU did
when, and which part of the copies was hidden (``benchmarks/timeline.py``).
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from benchmarks.floor import gigaflop
from benchmarks.gpen_gpu import network_cases, rate_cases, traced
from benchmarks.published_graph import write_onnx
from benchmarks.timeline import told
from benchmarks.turns import Case, GpuMemory, Memory, ProcessMemory, heading, line, measure
from vidrestore.config import RestoreConfig
from vidrestore.restore.gpen.checkpoint import read_checkpoint
from vidrestore.restore.gpen.folded import FoldedGpen
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.restore.running.allocator import keep_freed_memory
from vidrestore.restore.running.device import Precision, pick_device
from vidrestore.weights.catalogue import find_model

SIDE = 4096
_ON_A_CPU = ("float32", "bfloat16")
_ON_A_GPU = ("float16", "bfloat16")
PUBLISHED = {"256": (1, 0.5), "512": (2, 1.0), "1024": (2, 1.0), "2048": (2, 1.0)}


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
    return Case(f"mm {SIDE}", precision, 1, work, lambda: torch.mm(one, other, out=into), "product")


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


def gpu_cases(
    name: str, device: torch.device, precisions: Sequence[str], batches: Sequence[int]
) -> list[Case]:
    """A GPU's rates and the restorers that are compared with them."""
    net = network(name)
    listed = [case for precision in precisions for case in rate_cases(device, precision)]
    for precision in precisions:
        listed += network_cases(name, net, device, precision, batches)
    return listed


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--models", nargs="+", default=["default", "512"], choices=["default", *PUBLISHED]
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--precisions", nargs="+", choices=[each.value for each in Precision])
    parser.add_argument("--batches", nargs="+", type=int)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-onnx", action="store_true")
    parser.add_argument("--json", type=Path, default=Path("out/bench/gpen.json"))
    arguments = parser.parse_args()
    device = pick_device(arguments.device)
    gpu = device.type == "cuda"
    precisions = arguments.precisions or (_ON_A_GPU if gpu else _ON_A_CPU)
    batches = arguments.batches or ([1, 16] if gpu else [1, 4])
    memory: Memory = GpuMemory(device) if gpu else ProcessMemory()
    keep_freed_memory()
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    rows = []
    print(heading(gpu=gpu), flush=True)
    for name in arguments.models:
        if gpu:
            listed = gpu_cases(name, device, precisions, batches)
        else:
            listed = cases(name, precisions, batches, not arguments.no_onnx)
        for row in measure(listed, max(1, arguments.rounds), memory):
            print(line(row, gpu=gpu), flush=True)
            rows.append(row)
        for case in listed if gpu else ():
            if case.kind == "network":
                print(f"{case.name} {case.precision}, {case.faces} faces")
                print(told(traced(case.call)), flush=True)
        content = {
            "device": torch.cuda.get_device_name(device) if gpu else "cpu",
            "threads": torch.get_num_threads(),
            "torch": torch.__version__,
            "platform": platform.platform(),
            "rows": [vars(row) for row in rows],
        }
        # Whoever stops it between two models has the ones that were measured.
        arguments.json.write_text(json.dumps(content, indent=2) + "\n")
    print(f"written: {arguments.json}")


if __name__ == "__main__":
    main()
