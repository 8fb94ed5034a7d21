"""How calm results are on real clips, which have no truth.

    python -m benchmarks.stability.real CLIP... [--frames N] [--strips FOLDER] [--json FILE]

For each clip's main face, per-frame against default: jitter of the landmarks themselves (second
differences, px of the 512 crop: the face's own motion is in both), warp error beyond the source's
own along the optical flow of the source, and the distance of the face's embedding from its
source's, mean and standard deviation over frames. ``--strips`` writes PNGs: source, per-frame and
default from above, every second frame.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.stability.stages import find, finish, restore
from benchmarks.stability.table import BASE
from benchmarks.stability.variants import PER_FRAME
from vidrestore.align import crop_face
from vidrestore.build import Engine, build_detector, build_engine
from vidrestore.config import Config
from vidrestore.datatypes import Frame, TrackedFrame
from vidrestore.measure import IdentityEmbedder, face_region, flow_field, jitter, warp_error
from vidrestore.picture.similarity import similarity
from vidrestore.picture.template import template
from vidrestore.stages import Detector
from vidrestore.video import VideoSource

Floats = NDArray[np.float64]
Crops = NDArray[np.generic]

SIDE = 256
STRIP_STEP = 2


@dataclass(frozen=True, eq=False)
class Seen:
    """The main face of one variant: the frames that show it, its landmarks, the finished frames."""

    landmarks: dict[int, Floats]
    frames: list[Frame]


def run(config: Config, engine: Engine, detector: Detector, frames: list[Frame]) -> Seen:
    """One variant over a clip."""
    tracked = find(config, frames, detector)
    finished = [item.frame for item in finish(config, engine, restore(config, engine, tracked))]
    return Seen(main_face(tracked), finished)


def main_face(tracked: Sequence[TrackedFrame]) -> dict[int, Floats]:
    """Landmarks by frame of the track that is seen in most frames."""
    seen = [
        (t, face)
        for t, item in enumerate(tracked)
        for face in item.faces
        if face.state != "coasting"
    ]
    if not seen:
        return {}
    counts = Counter(face.track_id for _, face in seen)
    most = max(counts, key=lambda track_id: (counts[track_id], -track_id))
    return {t: face.landmarks for t, face in seen if face.track_id == most}


def crops_of(frames: Sequence[Frame], places: dict[int, Floats]) -> Crops:
    """(N, S, S, 3) at the given places, in order of frames."""
    return np.stack([crop_face(frames[t], place, SIDE) for t, place in places.items()])


def judged(source: Crops, output: Crops, embedder: IdentityEmbedder) -> dict[str, float]:
    """Warp error beyond the source's, and identity."""
    fields, masks = [], []
    for before, now in pairwise(source):
        field, valid = flow_field(before, now)
        fields.append(field)
        masks.append(valid & face_region(SIDE))
    apart = np.linalg.norm(embedder.embed(output) - embedder.embed(source), axis=1)
    return {
        "warp error": warp_error(list(output), list(source), fields, masks),
        "identity": float(apart.mean()),
        "identity spread": float(apart.std()),
    }


def scale_of(landmarks: Floats) -> Floats:
    """(T,) px of the 512 crop per px of the frame."""
    matrices = similarity(np.nan_to_num(landmarks), template("gpen", 512))
    scale: Floats = np.linalg.norm(matrices[:, 0, :2], axis=1)
    return scale


def measure(
    frames: list[Frame], variants: dict[str, Config], engine: Engine, detector: Detector
) -> tuple[dict[str, dict[str, float]], NDArray[np.uint8] | None]:
    """All measures of a clip by variant, and the strip; nothing where no face is found."""
    outcomes = {name: run(config, engine, detector, frames) for name, config in variants.items()}
    last = list(outcomes.values())[-1]
    common = sorted(set.intersection(*(set(seen.landmarks) for seen in outcomes.values())))
    # Judged in one longest run without a gap: a cut or a miss is no unrest.
    runs = np.split(common, np.flatnonzero(np.diff(common) > 1) + 1) if common else []
    longest = [int(t) for t in max(runs, key=len)] if runs else []
    if len(longest) < 3:
        return {}, None
    wanted = similarity(np.stack([last.landmarks[t] for t in longest]), template("gpen", SIDE))
    places = dict(zip(longest, wanted, strict=True))
    source = crops_of(frames, places)
    embedder = IdentityEmbedder()
    results, rows = {}, [source]
    for name, seen in outcomes.items():
        track = np.stack([seen.landmarks[t] for t in longest])
        output = crops_of(seen.frames, places)
        rows.append(output)
        results[name] = {
            "frames": float(len(longest)),
            "jitter": jitter(track, None, scale_of(track)),
        }
        results[name] |= judged(source, output, embedder)
    strip = np.concatenate([np.concatenate(list(row[::STRIP_STEP]), axis=1) for row in rows])
    return results, np.asarray(strip, np.uint8)


def table(results: dict[str, dict[str, dict[str, float]]]) -> Table:
    """Rows of clips: per-frame's value, then the default's."""
    shown = Table(title=f"{BASE} / default")
    shown.add_column("clip")
    names = ("frames", "jitter", "warp error", "identity", "identity spread")
    for name in names:
        shown.add_column(name, justify="right")
    for clip, by_variant in results.items():
        cells = [
            " ".join(f"{values[name]:.2f}" for values in by_variant.values()) for name in names
        ]
        shown.add_row(clip, *cells)
    return shown


def main(argv: list[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--frames", type=int, default=60, help="of each clip, from its start")
    parser.add_argument("--strips", type=Path)
    parser.add_argument("--json", type=Path, default=Path("out/bench/stability_real.json"))
    arguments = parser.parse_args(argv)
    config = Config()
    variants = {BASE: config.with_options(PER_FRAME), "default": config}
    engine = build_engine(config.restore)
    detector = build_detector(config.detect, config.track.continue_score)
    results = {}
    for clip in arguments.clips:
        with closing(VideoSource(clip)) as source:
            frames = list(islice(source, arguments.frames))
        measured, strip = measure(frames, variants, engine, detector)
        if strip is None:
            print(f"{clip.name}: no face in three frames on end")
            continue
        results[clip.name] = measured
        if arguments.strips:
            arguments.strips.mkdir(parents=True, exist_ok=True)
            picture = np.ascontiguousarray(strip[..., ::-1])
            cv2.imwrite(str(arguments.strips / f"{clip.stem}.png"), picture)
    Console(width=120).print(table(results))
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
