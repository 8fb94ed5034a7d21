"""Is anything pasted on what covers a face?

    python -m benchmarks.covered --portraits DIR [--faces N] [--json FILE] [--pictures DIR]

Hands, microphones, captions, glare, strands of hair and smoke are laid over swaying portraits, all
worn alike, and go through the whole pipeline: with the embedded network, and with one that paints
the true, bare face whatever covers it (the worst that a network can do). Mean absolute change on
what covers the face, and beside it, levels, without ``paste.occlusion`` and with it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.degraded import read_manifest
from benchmarks.stability.stages import as_frames, as_picture, find, finish, restore
from benchmarks.worn_portraits import Floats, Picture, Truth, face_area, swaying, unit, worn
from vidrestore.build import build_detector, build_engine
from vidrestore.config import Config
from vidrestore.datatypes import RestoredFrame

Weights = NDArray[np.float32]

FRAMES = 10
NEAR = 12  # px around what covers a face that count neither as it nor as beside it


def at(point: Floats, across: float = 0.0, down: float = 0.0) -> tuple[int, int]:
    """Whole pixels of a point moved."""
    return int(point[0] + across), int(point[1] + down)


def hand(points: Floats, weights: Weights, t: int) -> None:
    """Fingers over the mouth's corner and a palm over the chin."""
    u = unit(points)
    x, y = 0.1 * u * np.sin(t / 5), 0.25 * u
    for k in range(4):
        low = y + (0.15 + 0.26 * k) * u
        ends = at(points[3], x - 0.5 * u, low), at(points[3], x + 0.5 * u, low - 0.45 * u)
        cv2.line(weights, *ends, 1.0, int(0.22 * u), cv2.LINE_AA)
    palm, axes = at(points[3], x - 0.75 * u, y + 0.6 * u), (int(0.6 * u), int(0.7 * u))
    cv2.ellipse(weights, palm, axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)


def microphone(points: Floats, weights: Weights, t: int) -> None:
    """Before mouth and chin."""
    u, mouth = unit(points), points[3:].mean(axis=0)
    x, y = 0.15 * u * np.sin(t / 4), 0.25 * u
    axes = int(0.32 * u), int(0.36 * u)
    cv2.ellipse(weights, at(mouth, x, y), axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    foot = at(mouth, x + 0.3 * u, y + 2.5 * u)
    cv2.line(weights, at(mouth, x, y), foot, 1.0, int(0.2 * u), cv2.LINE_AA)


def caption(points: Floats, weights: Weights, _: int) -> None:
    """White letters across the chin."""
    place = weights.shape[1] // 12, int(points[3:].mean(axis=0)[1] + 0.55 * unit(points))
    drawn = np.zeros(weights.shape, np.uint8)
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(drawn, "WHAT DID YOU SAY, SIR?", place, font, 1.2, 255, 3, cv2.LINE_AA)
    weights += drawn / np.float32(255)


def glare(points: Floats, weights: Weights, t: int) -> None:
    """On both glasses."""
    u = unit(points)
    for number, eye in enumerate(points[:2]):
        middle = at(eye, 0.1 * u * np.sin(t / 3 + number), -0.03 * u)
        axes = int(0.28 * u), int(0.16 * u)
        cv2.ellipse(weights, middle, axes, 20, 0, 360, 0.95, -1, cv2.LINE_AA)


def hair(points: Floats, weights: Weights, t: int) -> None:
    """Strands before forehead and eyes."""
    u = unit(points)
    for k in range(14):
        left, sway = (0.13 * k - 0.5) * u, 0.1 * u * np.sin(t / 6 + k)
        way = [(0, -1.3), (0.2, -0.3), (0.05, 0.5 + 0.1 * (k % 3))]
        strand = [at(points[0], left + a * u + sway * n, b * u) for n, (a, b) in enumerate(way)]
        path, width = [np.array(strand, np.int32)], max(2, int(0.05 * u))
        cv2.polylines(weights, path, False, 1.0, width, cv2.LINE_AA)


def smoke(_: Floats, weights: Weights, t: int) -> None:
    """Drifts before everything."""
    height, width = weights.shape
    small = np.random.default_rng(3).normal(size=(height // 8, width // 8 + 64))
    soft = np.asarray(cv2.GaussianBlur(small, (0, 0), 5))
    drifted = np.roll(soft / soft.std(), -t, axis=1)[:, : width // 8].astype(np.float32)
    weights += cv2.resize(0.35 + 0.3 * drifted, (width, height)).clip(0, 0.85)


# What draws, into (H, W) weights, what covers a face at a time, and its colour.
COVERS: dict[str, tuple[Callable[[Floats, Weights, int], None], tuple[int, int, int]]] = {
    "hand": (hand, (190, 135, 115)),
    "microphone": (microphone, (40, 40, 40)),
    "caption": (caption, (245, 245, 245)),
    "glare": (glare, (250, 250, 250)),
    "hair": (hair, (50, 35, 25)),
    "smoke": (smoke, (200, 200, 200)),
}


def covered(truth: Truth, name: str | None) -> tuple[list[Picture], list[Weights]]:
    """The pictures with what covers the face, and (H, W) where it is."""
    pictures, masks = list(truth.pictures), []
    for t, (picture, points) in enumerate(zip(truth.pictures, truth.landmarks, strict=True)):
        weights = np.zeros(picture.shape[:2], np.float32)
        if name is not None:
            draw, colour = COVERS[name]
            draw(points, weights, t)
            weights = np.asarray(cv2.GaussianBlur(weights.clip(0, 1), (0, 0), 1.0))
            laid = np.array(colour, np.float32) * (1 + 0.1 * np.sin(np.arange(3) + t / 9))
            mixed = picture + weights[..., None] * (laid - picture)
            pictures[t] = mixed.round().clip(0, 255).astype(np.uint8)
        masks.append(weights)
    return pictures, masks


def painted(item: RestoredFrame, bare: Picture) -> RestoredFrame:
    """As by a network that paints the bare face whatever covers it."""
    pixels = np.empty_like(item.pixels)
    for index, matrix in enumerate(item.aligned.crops.crop_from_frame):
        side = (pixels.shape[2], pixels.shape[1])
        mode = cv2.BORDER_REFLECT_101
        pixels[index] = cv2.warpAffine(bare, matrix, side, flags=cv2.INTER_AREA, borderMode=mode)
    return replace(item, pixels=pixels)


class Judge:
    """Runs covered faces through the pipeline, with one network and detector for all.

    Args:
        pictures: folder for a picture of each, source over result over result with the painter.
    """

    def __init__(self, pictures: Path | None = None) -> None:
        self._on = Config().with_options({"restore.adaptive": False})
        self._off = self._on.with_options({"paste.occlusion": False})
        self._engine = build_engine(self._on.restore)
        self._detector = build_detector(self._on.detect, self._on.track.continue_score)
        self._pictures = pictures

    def judged(self, truth: Truth, name: str | None) -> dict[str, tuple[float, float]]:
        """Change on and beside what covers the face, levels, by network and gate."""
        shown, masks = covered(truth, name)
        source = worn(shown, truth.seed)
        tracked = find(self._on, as_frames(np.stack(source)), self._detector)
        own = restore(self._on, self._engine, tracked)
        drawn = [painted(item, bare) for item, bare in zip(own, truth.pictures, strict=True)]
        results = {
            f"{network} {word}": [
                as_picture(item.frame) for item in finish(config, self._engine, restored)
            ]
            for network, restored in (("network", own), ("painter", drawn))
            for word, config in (("off", self._off), ("on", self._on))
        }
        if self._pictures is not None:
            rows = [source[-1], results["network on"][-1], results["painter on"][-1]]
            file = self._pictures / f"{name}-{truth.seed}.png"
            cv2.imwrite(str(file), np.concatenate(rows, axis=1)[..., ::-1])
        return {key: _measured(truth, result, source, masks) for key, result in results.items()}


def _measured(
    truth: Truth, result: Sequence[Picture], source: Sequence[Picture], masks: Sequence[Weights]
) -> tuple[float, float]:
    """Mean absolute change on what covers the face, and beside it, levels."""
    on, beside = [], []
    for t, mask in enumerate(masks):
        change = np.abs(result[t].astype(int) - source[t]).mean(axis=2)
        face = face_area(truth.landmarks[t], mask.shape)
        near = cv2.dilate((mask > 0.02).astype(np.uint8), np.ones((2 * NEAR + 1, 2 * NEAR + 1)))
        on.append(change[face & (mask > 0.7)])
        beside.append(change[face & (near == 0)])
    means = [np.concatenate(parts) for parts in (on, beside)]
    one, other = (float(values.mean()) if values.size else 0.0 for values in means)
    return one, other


def main(argv: list[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True)
    parser.add_argument("--faces", type=int, default=4)
    parser.add_argument("--json", type=Path, default=Path("out/bench/covered.json"))
    parser.add_argument("--pictures", type=Path)
    arguments = parser.parse_args(argv)
    if arguments.pictures is not None:
        arguments.pictures.mkdir(parents=True, exist_ok=True)
    portraits = read_manifest(arguments.portraits)
    judge = Judge(arguments.pictures)
    truths = [
        swaying(portraits[(7 * k + 3) % len(portraits)], FRAMES, 900 + k)
        for k in range(arguments.faces)
    ]
    content = {}
    print("covered by, then levels of change on it (beside it): network off, on; painter off, on")
    for name in (None, *COVERS):
        every = [judge.judged(truth, name) for truth in truths]
        means = {key: np.mean([found[key] for found in every], axis=0) for key in every[0]}
        content[name or "nothing"] = {key: value.tolist() for key, value in means.items()}
        cells = [f"{on:6.2f} ({beside:5.2f})" for on, beside in means.values()]
        print(f"{name or 'nothing':12}", *cells, flush=True)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(content, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
