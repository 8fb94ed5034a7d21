"""What damage of film does to faces, and to those in the frames around it.

    python -m benchmarks.film_damage --portraits DIR [--faces N] [--json FILE]

Swaying, mildly worn portraits are damaged in one frame (a scratch: in ten) and go through the whole
pipeline, as the options say and frame by frame ("per-frame": see ``benchmarks.stability``). By
kind, the worst over all faces: identities; frames that start a shot; PSNR of the face against the
truth, default less per-frame, in the damaged frame and in the three frames after it; and what the
damage changes in the three frames before and after it, where these stay as they were: levels of the
picture, on average.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from benchmarks.degraded import read_manifest
from benchmarks.stability.stages import as_frames, as_picture, find, finish, restore
from benchmarks.stability.variants import PER_FRAME
from benchmarks.worn_portraits import Floats, Picture, face_area, swaying, unit, worn
from vidrestore.build import build_detector, build_engine
from vidrestore.config import Config
from vidrestore.datatypes import TrackedFrame

FRAMES, BAD = 20, 9
AFTER = 3
Pictures = list[Picture]
# (source, truth, landmarks) in, damaged out.
Damage = Callable[[Pictures, Pictures, Floats], tuple[Pictures, Pictures, Floats]]


def _in_one(change: Callable[[Picture, Floats], Picture]) -> Damage:
    """Damage of one frame's source."""

    def damaged(
        source: Pictures, truth: Pictures, landmarks: Floats
    ) -> tuple[Pictures, Pictures, Floats]:
        bad = change(source[BAD].copy(), landmarks[BAD])
        return [*source[:BAD], bad, *source[BAD + 1 :]], truth, landmarks

    return damaged


def dust(picture: Picture, points: Floats) -> Picture:
    """A dark blob on an eye and a bright one on the chin."""
    u = unit(points)
    for (x, y), size, level in ((points[0], 0.25, 15), (points[3] + 0.3 * u, 0.12, 245)):
        cv2.circle(picture, (int(x), int(y)), int(size * u), (level,) * 3, -1, cv2.LINE_AA)
    return picture


def flash(picture: Picture, _: Floats) -> Picture:
    """Twice as bright and more."""
    return np.asarray(np.clip(picture * 2.0 + 70, 0, 255), np.uint8)


def white(picture: Picture, _: Floats) -> Picture:
    """Nothing is left."""
    return np.full_like(picture, 250)


def garbage(picture: Picture, _: Floats) -> Picture:
    """Noise."""
    return np.random.default_rng(1).integers(0, 255, picture.shape, dtype=np.uint8)


def blocks(picture: Picture, _: Floats) -> Picture:
    """The lower half as a decoder leaves it that lost its data."""
    half = picture.shape[0] // 2
    small = np.random.default_rng(2).integers(0, 255, (half // 16, half // 8, 3), dtype=np.uint8)
    size = picture.shape[1], picture.shape[0] - half
    picture[half:] = cv2.resize(small, size, interpolation=cv2.INTER_NEAREST)
    return picture


def torn(picture: Picture, _: Floats) -> Picture:
    """Out of place by a good part of the picture."""
    return np.asarray(np.roll(picture, picture.shape[0] // 3, axis=0), np.uint8)


def scratch(
    source: Pictures, truth: Pictures, landmarks: Floats
) -> tuple[Pictures, Pictures, Floats]:
    """A bright line through the face in ten frames."""
    scratched = [picture.copy() for picture in source]
    for t in range(BAD - 4, BAD + 6):
        x = int(landmarks[BAD][2][0] + 4 + 0.7 * (t - BAD))
        scratched[t][:, x : x + 3] = np.minimum(scratched[t][:, x : x + 3] + 110.0, 255)
    return scratched, truth, landmarks


def jump(source: Pictures, truth: Pictures, landmarks: Floats) -> tuple[Pictures, Pictures, Floats]:
    """A splice: from there on the picture lies elsewhere."""
    moved = landmarks.copy()
    moved[BAD:] += (8, 14)
    source, truth = (
        [np.roll(p, (14, 8), (0, 1)) if t >= BAD else p for t, p in enumerate(pictures)]
        for pictures in (source, truth)
    )
    return source, truth, moved


def missing(
    source: Pictures, truth: Pictures, landmarks: Floats
) -> tuple[Pictures, Pictures, Floats]:
    """A frame is lost."""
    left = [*range(BAD), *range(BAD + 1, FRAMES)]
    return [source[t] for t in left], [truth[t] for t in left], landmarks[left]


IN_ONE = {f.__name__: _in_one(f) for f in (dust, flash, white, garbage, blocks, torn)}
DAMAGES: dict[str, Damage] = {**IN_ONE, "scratch": scratch, "jump": jump, "missing": missing}


class Runs:
    """The pipeline with one network and detector for all."""

    def __init__(self) -> None:
        self.default = Config()
        self.per_frame = self.default.with_options(PER_FRAME)
        self._engine = build_engine(self.default.restore)
        self._detector = build_detector(self.default.detect, self.default.track.continue_score)

    def run(self, config: Config, source: Pictures) -> tuple[list[TrackedFrame], Pictures]:
        """Who was where, and the result."""
        tracked = find(config, as_frames(np.stack(source)), self._detector)
        done = finish(config, self._engine, restore(config, self._engine, tracked))
        return tracked, [as_picture(item.frame) for item in done]


def psnr(result: Picture, truth: Picture, points: Floats) -> float:
    """Of the face, dB."""
    error = (result.astype(float) - truth)[face_area(points, truth.shape)]
    return float(10 * np.log10(255**2 / np.mean(error**2)))


def judged(runs: Runs, clip: tuple[Pictures, Pictures, Floats], name: str) -> dict[str, float]:
    """What one kind of damage does to one clip."""
    source, truth, points = DAMAGES[name](*clip)
    tracked, mine = runs.run(runs.default, source)
    _, other = runs.run(runs.per_frame, source)
    gained = [
        psnr(mine[t], truth[t], points[t]) - psnr(other[t], truth[t], points[t])
        for t in range(BAD, BAD + AFTER + 1)
    ]
    leak = 0.0
    if name in IN_ONE:
        _, sound = runs.run(runs.default, clip[0])
        around = [t for t in range(FRAMES) if 0 < abs(t - BAD) <= AFTER]
        leak = float(np.mean([np.abs(mine[t].astype(float) - sound[t]).mean() for t in around]))
    return {
        "identities": len({face.track_id for item in tracked for face in item.faces}),
        "shots": sum(item.shot_start for item in tracked),
        "in it": gained[0],
        "after it": min(gained[1:]),
        "leak": leak,
    }


def main(argv: list[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True)
    parser.add_argument("--faces", type=int, default=3)
    parser.add_argument("--json", type=Path, default=Path("out/bench/film_damage.json"))
    arguments = parser.parse_args(argv)
    portraits, runs = read_manifest(arguments.portraits), Runs()
    clips = []
    for k in range(arguments.faces):
        truth = swaying(portraits[(11 * k + 5) % len(portraits)], FRAMES, 950 + k)
        clips.append((worn(truth.pictures, truth.seed), truth.pictures, truth.landmarks))
    content = {}
    for name in DAMAGES:
        every = [judged(runs, clip, name) for clip in clips]
        worst = {key: min if key.endswith(" it") else max for key in every[0]}
        content[name] = {key: pick(found[key] for found in every) for key, pick in worst.items()}
        print(f"{name:8}", *(f"{key} {value:.2f} " for key, value in content[name].items()))
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(content, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
