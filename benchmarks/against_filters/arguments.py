"""The command line, and the methods and scenes that it names."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import benchmarks.against_filters as package
from benchmarks.against_filters.methods import Method, baselines, ours
from benchmarks.against_filters.scenes import (
    Maker,
    Scene,
    expression_scenes,
    moving_scenes,
    rigid_scenes,
)
from benchmarks.degraded import read_manifest
from training.samples.portraits import load_meshes
from vidrestore import Config


def methods_of(arguments: argparse.Namespace) -> list[Method]:
    """The baselines; ours with the options of --preset and --set; once more for each --variant.

    Raises:
        ValueError: an argument is not of the form it should have.
        ConfigError: there is no such preset, option or value.
    """
    base = Config.preset(arguments.preset) if arguments.preset else Config()
    base = base.with_options(_options(arguments.set))
    methods = [*baselines(every=arguments.all_filters), ours("ours", base)]
    for text in arguments.variant:
        name, colon, options = text.partition(":")
        if not name or not colon or "/" in name or name in {method.name for method in methods}:
            raise ValueError(f"--variant {text!r}: expected NEW-NAME:SECTION.OPTION=VALUE,...")
        changed = _options(options.split(","))
        begun = Config.preset(changed.pop("preset")) if "preset" in changed else base
        methods.append(ours(name, begun.with_options(changed)))
    return methods


def scenes_of(arguments: argparse.Namespace) -> tuple[list[Scene], Maker]:
    """All scenes whose pictures were named, and what makes them.

    Raises:
        ValueError: there is none.
        OSError: a table of the portraits cannot be read.
    """
    portraits, meshes = [], {}
    if arguments.portraits:
        portraits = read_manifest(arguments.portraits)
        meshes = load_meshes(arguments.portraits.parent)
    scenes = rigid_scenes(portraits)
    if arguments.clips:
        scenes += moving_scenes(arguments.clips)
    scenes += expression_scenes(portraits, meshes)
    if not scenes:
        raise ValueError("nothing to judge on: give --portraits, --clips or both")
    return scenes, Maker(meshes)


def folders_of(arguments: argparse.Namespace) -> list[tuple[str, str]]:
    """Paths of the command line, and names under which a page may tell of them."""
    named = {
        arguments.portraits: "PORTRAITS/validation",
        arguments.clips: "CLIPS",
        arguments.out: "FOLDER",
        arguments.mesh_python: "PYTHON",
    }
    return [(str(path), name) for path, name in named.items() if path is not None]


def _options(items: Sequence[str]) -> dict[str, str]:
    """Values by dotted name."""
    pairs = [item.partition("=") for item in items if item]
    for name, equals, _ in pairs:
        if not equals:
            raise ValueError(f"option {name!r}: expected SECTION.OPTION=VALUE")
    return {name: value for name, _, value in pairs}


def parser() -> argparse.ArgumentParser:
    """All arguments."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.against_filters",
        description=(package.__doc__ or "").splitlines()[0],
    )
    made.add_argument(
        "--portraits", type=Path, help="folder with pictures; manifest and meshes above it"
    )
    made.add_argument("--clips", type=Path, help="folder with clips of faces, and moving/ in it")
    made.add_argument("--out", type=Path, default=Path("out/against_filters"))
    made.add_argument("--quick", action="store_true", help="six clips")
    made.add_argument(
        "--only",
        nargs="+",
        action="extend",
        default=[],
        metavar="KIND/GROUP/CLIP",
        help="only these clips; the last parts may be left out, and * is any",
    )
    made.add_argument("--limit", type=int, metavar="N", help="scenes of each group, at most")
    made.add_argument("--all-filters", action="store_true", help="the simpler filters too")
    made.add_argument("--preset", metavar="NAME", help="options that ours begins with")
    made.add_argument("--set", nargs="+", action="extend", default=[], metavar="OPTION=VALUE")
    made.add_argument(
        "--variant",
        action="append",
        default=[],
        metavar="NAME:OPTION=VALUE,...",
        help="ours once more, as a further method; preset=NAME begins with one; may be repeated",
    )
    made.add_argument(
        "--mesh-python",
        type=Path,
        metavar="PYTHON",
        help="a Python with mediapipe 0.10.14, in an environment of its own",
    )
    made.add_argument(
        "--pictures",
        nargs="+",
        type=int,
        default=[],
        metavar="FRAME",
        help="write OUT/pictures/CLIP_FRAME.png: all methods and the truth side by side",
    )
    made.add_argument("--table", type=Path, metavar="FILE", help="write all figures as Markdown")
    return made
