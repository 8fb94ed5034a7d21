"""How calm restored faces are: the default against the same pipeline frame by frame.

    python -m benchmarks.stability --portraits FOLDER [--only NAME...] [--measures landmarks]
        [--set OPTION=VALUE...] [--model NAME|FILE|random-512] [--frames N] [--takes N] [--every N]
        [--keep FOLDER] [--json FILE]

Twelve clips with a known truth are made of the portraits (benchmarks/stability/clips.py), worn, and
restored. "per-frame" detects on every frame, smooths nothing and blends nothing; "default" is what
nobody asked for otherwise; ``--set`` adds a third variant, "changed". With ``--keep`` clips and
found faces are filed by the hash of the source that they depend on, so that a change of what comes
after is judged in less time. ``random-512`` is a GPEN-512 of small random weights: it shows the
geometry of large crops. Seeds are fixed: they stand in clips.py. With ``--takes 3`` three people
play each scene, each with motion, speech and wear of their own.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from rich.console import Console

from benchmarks.degraded import read_manifest
from benchmarks.stability import measures, table
from benchmarks.stability.clips import (
    FRAMES,
    SCENES,
    Floats,
    Scene,
    TrueClip,
    make_clip,
    takes,
)
from benchmarks.stability.stages import (
    UPSTREAM,
    Kept,
    as_frames,
    find,
    finish,
    from_arrays,
    restore,
    source_hash,
    to_arrays,
)
from benchmarks.stability.variants import PER_FRAME, portrait_of, read_picture
from vidrestore.build import Engine, build_detector, build_engine, given_engine
from vidrestore.config import Config
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.restorer import gpen_restorer
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.restore.running.device import Precision

MADE_BY = ("degraded.py", "stability/clips.py", "stability/expression.py")


class Bench:
    """Runs variants over clips.

    Args:
        engine: the network.
        kept: earlier results.
        pixels: whether the network is asked at all.
        frames: of each clip.
    """

    def __init__(self, engine: Engine, kept: Kept, *, pixels: bool, frames: int = FRAMES) -> None:
        self._engine = engine
        self._kept = kept
        self._pixels = pixels
        self._frames = frames
        self._detector = build_detector(Config().detect, Config().track.continue_score)
        self._made_by = source_hash(MADE_BY, Path(__file__).parents[1])
        self._upstream = source_hash(UPSTREAM)

    def run(
        self, scene: Scene, portrait: tuple[Path, Floats], variants: Mapping[str, Config]
    ) -> dict[str, dict[str, float]]:
        """All measures of a clip, by variant; the first variant is what others are held against."""
        clip = self._clip(scene, portrait)
        outcomes = {name: self._outcome(clip, portrait, c) for name, c in variants.items()}
        base = next(iter(outcomes.values()))
        truth = measures.true_crops(clip) if self._pixels else None
        results = {}
        for name, mine in outcomes.items():
            results[name] = measures.of_landmarks(clip, mine, base)
            if truth is not None:
                results[name] |= measures.of_pixels(clip, truth, mine)
                results[name]["settled"] = measures.settled(clip, truth, mine, base)
        return results

    def _clip(self, scene: Scene, portrait: tuple[Path, Floats]) -> TrueClip:
        file, landmarks = portrait

        def make() -> dict[str, np.ndarray]:
            clip = make_clip(scene, read_picture(file), landmarks, self._frames)
            return {name: value for name, value in vars(clip).items() if name != "scene"}

        depends = [self._made_by, scene, file.name, landmarks.tolist(), self._frames]
        arrays = self._kept.get(depends, make)
        return TrueClip(scene=scene, **arrays)

    def _outcome(
        self, clip: TrueClip, portrait: tuple[Path, Floats], config: Config
    ) -> measures.Outcome:
        frames = as_frames(clip.degraded)

        def make() -> dict[str, np.ndarray]:
            return to_arrays(find(config, frames, self._detector))

        depends = [self._made_by, clip.scene, portrait[0].name, self._upstream]
        depends += [config.detect, config.track, len(frames)]
        tracked = from_arrays(frames, self._kept.get(depends, make))
        if not self._pixels:
            return measures.outcome(clip, tracked, None)
        finished = finish(config, self._engine, restore(config, self._engine, tracked))
        return measures.outcome(clip, tracked, finished)


def engine_for(model: str, config: Config) -> Engine:
    """The network of the options, or a narrow GPEN-512 of random weights."""
    if model != "random-512":
        return build_engine(config.restore)
    torch.manual_seed(0)
    shape = GpenShape.published(512, multiplier=2, narrow=0.125, style_width=64, mapping_depth=2)
    network = gpen_restorer(Gpen(shape), torch.device("cpu"), Precision.FLOAT32, 4)
    return given_engine(network, config.restore)


def main(argv: list[str] | None = None) -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=[s.name for s in SCENES], metavar="NAME")
    parser.add_argument("--measures", choices=("all", "landmarks"), default="all")
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="OPTION=VALUE")
    parser.add_argument("--model", default="default")
    parser.add_argument("--frames", type=int, default=FRAMES, help="of each clip")
    parser.add_argument("--every", type=int, default=1, help="only every N-th portrait plays")
    parser.add_argument("--takes", type=int, default=1, help="people who play each scene")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", type=Path, default=Path("out/bench/stability.json"))
    arguments = parser.parse_args(argv)
    config = Config()
    if arguments.model != "random-512":
        config = config.with_options({"restore.model": arguments.model})
    else:  # faces would be left alone, as such a network only takes detail away
        config = config.with_options({"restore.adaptive": False, "paste.occlusion": False})
    variants = {table.BASE: config.with_options(PER_FRAME), "default": config}
    if arguments.set:
        changes = dict(item.split("=", 1) for item in arguments.set)
        variants["changed"] = config.with_options(changes)
    bench = Bench(
        engine_for(arguments.model, config),
        Kept(arguments.keep),
        pixels=arguments.measures == "all",
        frames=arguments.frames,
    )
    portraits = read_manifest(arguments.portraits)[:: arguments.every]
    begun = time.perf_counter()
    results = {
        take.name: bench.run(take, portrait_of(scene, portraits, number), variants)
        for number in range(arguments.takes)
        for scene, take in enumerate(takes(number))
        if not arguments.only or SCENES[scene].name in arguments.only
    }
    console = Console(width=160)
    others = [name for name in variants if name != table.BASE]
    for name in others:
        console.print(table.per_clip(results, name))
    console.print(table.summaries(results, others))
    print(f"{time.perf_counter() - begun:.0f} s, {arguments.frames} frames a clip")
    content = {
        "model": arguments.model,
        "frames": arguments.frames,
        "seeds": {
            take.name: take.seed for number in range(arguments.takes) for take in takes(number)
        },
        "clips": results,
        "summary": {name: table.summary(results, name) for name in others},
    }
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(content, indent=2) + "\n")
    print(f"written: {arguments.json}")


if __name__ == "__main__":
    main()
