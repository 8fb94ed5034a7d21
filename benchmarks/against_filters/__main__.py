"""Make what is missing, judge it, print the table."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

import benchmarks.against_filters as package
from benchmarks.against_filters import table
from benchmarks.against_filters.judging import Judge
from benchmarks.against_filters.methods import Method, baselines, ours
from benchmarks.against_filters.scenes import (
    FRAMES,
    SEED,
    Maker,
    Scene,
    expression_scenes,
    moving_scenes,
    rigid_scenes,
)
from benchmarks.against_filters.selection import QUICK, chosen
from benchmarks.against_filters.store import Figures, Store
from benchmarks.degraded import read_manifest
from benchmarks.stability.variants import Portrait
from training.portraits import Mesh, load_meshes
from vidrestore import Config, VidrestoreError


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    arguments = _parser().parse_args(argv)
    try:
        methods = [*baselines(), *_ours(arguments)]
        only = [*(QUICK if arguments.quick else ()), *arguments.only]
        portraits = read_manifest(arguments.portraits) if arguments.portraits else []
        meshes = load_meshes(arguments.portraits.parent) if arguments.portraits else {}
        clips = chosen(_scenes(portraits, meshes, arguments.clips), only, arguments.limit)
    except (VidrestoreError, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    begun = time.perf_counter()
    store = Store(arguments.out, Maker(meshes), FRAMES)
    judge = Judge(methods, arguments.pictures, arguments.out / "pictures")
    print(f"{len(clips)} clips of at most {FRAMES} frames; seeds from {SEED}", flush=True)
    results: dict[str, dict[str, Figures]] = {}
    for kind, scene in clips:
        clip = store.clip(kind, scene)
        if clip is None:
            continue
        results[clip.name] = judge.judge(clip)
        psnr = "  ".join(f"{name} {f['psnr']:.2f}" for name, f in results[clip.name].items())
        print(f"{time.perf_counter() - begun:6.0f} s  {clip.name:32} {psnr}", flush=True)
    Console(width=max(Console().width, 120)).print(table.shown(table.rows(results)))
    file = arguments.out / "figures.json"
    file.write_text(json.dumps({"seeds from": SEED, "clips": results}, indent=1) + "\n")
    print(f"{time.perf_counter() - begun:.0f} s; written: {file}")
    return 0


def _scenes(
    portraits: Sequence[Portrait], meshes: Mapping[str, Mesh], clips: Path | None
) -> list[Scene]:
    """All scenes whose pictures were named."""
    scenes = rigid_scenes(portraits)
    if clips:
        scenes += moving_scenes(clips)
    scenes += expression_scenes(portraits, meshes)
    if not scenes:
        raise ValueError("nothing to judge on: give --portraits, --clips or both")
    return scenes


def _ours(arguments: argparse.Namespace) -> list[Method]:
    """Ours with the options of --preset and --set, and once more for each --variant."""
    base = Config.preset(arguments.preset) if arguments.preset else Config()
    base = base.with_options(_options(arguments.set))
    methods = [ours("ours", base)]
    for text in arguments.variant:
        name, colon, options = text.partition(":")
        if not name or not colon or "/" in name:
            raise ValueError(f"--variant {text!r}: expected NAME:SECTION.OPTION=VALUE,...")
        methods.append(ours(name, base.with_options(_options(options.split(",")))))
    return methods


def _options(items: Sequence[str]) -> dict[str, str]:
    """Values by dotted name."""
    pairs = [item.partition("=") for item in items if item]
    for name, equals, _ in pairs:
        if not equals:
            raise ValueError(f"option {name!r}: expected SECTION.OPTION=VALUE")
    return {name: value for name, _, value in pairs}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.against_filters",
        description=(package.__doc__ or "").splitlines()[0],
    )
    parser.add_argument(
        "--portraits",
        type=Path,
        help="folder with pictures; manifest and meshes above it",
    )
    parser.add_argument("--clips", type=Path, help="folder with clips of faces, and moving/ in it")
    parser.add_argument("--out", type=Path, default=Path("out/against_filters"))
    parser.add_argument("--quick", action="store_true", help="six clips")
    parser.add_argument(
        "--only", nargs="+", action="extend", default=[], metavar="KIND[/GROUP[/CLIP]]"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="scenes of each group, at most")
    parser.add_argument("--preset", metavar="NAME", help="options that ours begins with")
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="OPTION=VALUE")
    parser.add_argument(
        "--variant",
        action="append",
        default=[],
        metavar="NAME:OPTION=VALUE,...",
        help="ours once more, as a further column; may be repeated",
    )
    parser.add_argument(
        "--pictures",
        nargs="+",
        type=int,
        default=[],
        metavar="FRAME",
        help="write OUT/pictures/CLIP_FRAME.png: all methods and the truth side by side",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
