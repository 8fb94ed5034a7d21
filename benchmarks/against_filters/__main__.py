"""Make what is missing, judge it, print the table."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from benchmarks.against_filters import table
from benchmarks.against_filters.arguments import folders_of, methods_of, parser, scenes_of
from benchmarks.against_filters.document import command_of, document
from benchmarks.against_filters.judging import Judge
from benchmarks.against_filters.measures import MeshReader
from benchmarks.against_filters.scenes import FRAMES, SEED, Scene
from benchmarks.against_filters.selection import QUICK, chosen
from benchmarks.against_filters.store import Figures, Store
from vidrestore import VidrestoreError

_WIDTH = 170  # of the table where the output is no terminal


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    given = sys.argv[1:] if argv is None else argv
    arguments = parser().parse_args(given)
    try:
        scenes, maker = scenes_of(arguments)
        only = [*(QUICK if arguments.quick else ()), *arguments.only]
        clips = chosen(scenes, only, arguments.limit)
        methods = methods_of(arguments)
        with ExitStack() as stack:
            reader = None
            if arguments.mesh_python:
                reader = stack.enter_context(MeshReader(arguments.mesh_python))
            else:
                print("no --mesh-python: lids, mouth and gaze are not judged by a face mesh")
            judge = Judge(methods, arguments.pictures, arguments.out / "pictures", reader)
            results = run(clips, Store(arguments.out, maker, FRAMES), judge)
    except (VidrestoreError, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    found = report(results, arguments.out)
    if arguments.table:
        command = command_of(given, folders_of(arguments))
        arguments.table.write_text(document(found, command))
        print(f"written: {arguments.table}")
    return 0


def run(
    clips: Sequence[tuple[str, Scene]], store: Store, judge: Judge
) -> dict[str, dict[str, Figures]]:
    """Figures by clip and method; printed as they come."""
    begun = time.perf_counter()
    print(f"{len(clips)} clips of at most {FRAMES} frames; seeds from {SEED}", flush=True)
    results: dict[str, dict[str, Figures]] = {}
    for kind, scene in clips:
        clip = store.clip(kind, scene)
        if clip is None:
            continue
        results[clip.name] = judge.judge(clip)
        psnr = "  ".join(f"{name} {f['psnr']:.2f}" for name, f in results[clip.name].items())
        print(f"{time.perf_counter() - begun:6.0f} s  {clip.name:32} {psnr}", flush=True)
    return results


def report(results: dict[str, dict[str, Figures]], out: Path) -> list[table.Row]:
    """Print the means and write the figures; gives the rows of the table."""
    found = table.rows(results)
    console = Console()
    console = console if console.is_terminal else Console(width=_WIDTH)
    console.print(table.shown(found))
    file = out / "figures.json"
    file.write_text(json.dumps({"seeds from": SEED, "clips": results}, indent=1) + "\n")
    print(f"written: {file}")
    return found


if __name__ == "__main__":
    sys.exit(main())
