"""Whether a GPEN of every published size loads from a .pth file and restores, and in what memory.

    python benchmarks/published_sizes.py [--sizes 256 512 1024 2048] [--json FILE]

Writes a random state dict of each published size as torch.save does, then, in a process of its own,
reads it, restores one crop in float32 on the CPU and reports the peak of the resident memory. Exits
with 1 if a size does not load or its result is flat.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from vidrestore.config import RestoreConfig
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.published import to_published
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.restore.loading import load_model

# Channel multiplier and narrowing of the published models (Yang et al., CVPR 2021).
FAMILY = {256: (1, 0.5), 512: (2, 1.0), 1024: (2, 1.0), 2048: (2, 1.0)}
MIB = 1 << 20


def published_shape(size: int) -> GpenShape:
    """The shape of the published model of a size, a key of :data:`FAMILY`."""
    multiplier, narrow = FAMILY[size]
    return GpenShape.published(
        size, multiplier=multiplier, narrow=narrow, style_width=512, mapping_depth=8
    )


def write_random(shape: GpenShape, path: Path) -> None:
    """A state dict of random numbers as torch.save writes it."""
    torch.manual_seed(7)
    network = Gpen(shape)
    torch.save(to_published(network.state_dict(), shape), path)


def loaded_and_restored(path: Path) -> dict[str, Any]:
    """Load a file and restore one crop, in this process.

    Returns:
        Size in px, seconds to load and to restore, peak resident memory in MiB, and the standard
        deviation of the result in 8-bit levels.
    """
    before = _peak()
    begun = time.perf_counter()
    model = load_model(RestoreConfig(model=str(path), device="cpu", precision="float32", batch=1))
    loaded, at_load = time.perf_counter(), _peak()
    side = model.restorer.size
    crop = np.random.default_rng(3).integers(0, 256, (1, side, side, 3), np.uint8)
    result = model.restorer.restore(crop)
    return {
        "size": side,
        "file_mib": path.stat().st_size / MIB,
        "load_s": loaded - begun,
        "restore_s": time.perf_counter() - loaded,
        "start_mib": before,
        "load_mib": at_load,
        "peak_mib": _peak(),
        "spread": float(result.std()),
    }


def _peak() -> float:
    """Peak resident memory of this process so far, MiB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MIB


def main(argv: Sequence[str] | None = None) -> int:
    """Run the sizes and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", choices=sorted(FAMILY), default=[*FAMILY])
    parser.add_argument("--json", type=Path, help="also write the figures here")
    args = parser.parse_args(argv)
    rows = []
    fresh = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="vidrestore-") as folder:
        for size in args.sizes:
            path = Path(folder) / f"GPEN-BFR-{size}.pth"
            writer = fresh.Process(target=write_random, args=(published_shape(size), path))
            writer.start()
            writer.join()
            with fresh.Pool(1) as pool:
                rows.append(pool.apply(loaded_and_restored, (path,)))
            path.unlink()
    table = Table("px", "file MiB", "load s", "restore s", "start MiB", "loaded MiB", "peak MiB")
    for row in rows:
        cells = (row["file_mib"], row["load_s"], row["restore_s"], row["start_mib"])
        cells = (*cells, row["load_mib"], row["peak_mib"])
        table.add_row(str(row["size"]), *(f"{cell:.1f}" for cell in cells))
    Console().print(table)
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n")
    good = [row["size"] for row in rows if row["spread"] > 1]
    return 0 if good == args.sizes else 1


if __name__ == "__main__":
    sys.exit(main())
