"""How well ``film.repair frame`` finds and replaces what is drawn on moving pictures as damage.

    python -m benchmarks.film_frame CLIP... [--frames N] [--dust N] [--scratches N] [--json FILE]

Each clip is aged as a film (soft, grainy, flickering) and then damaged by ``samples.wear``: specks
and hairs of single frames, and vertical scratches that stay and wander. Faces are found in the
damaged pictures. By kind: how many pieces of damage there are (connected, 12 levels and more away
from the undamaged picture), the part of these of which at most half is left (recall; of those 60
levels and more away, "clear"; of those by the frame's border, "edge"), the part of what was changed
that is damage or within 4 px of it (precision, by pieces), and PSNR over the whole picture against
the undamaged one, dB, before and after. With ``--dust 0 --scratches 0`` clips stay as they are,
without age: then all that counts is how many frames were changed.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain as joined
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.stability.stages import as_frames, as_picture, find
from samples.wear import Wear, WornFilm
from vidrestore.build import build_detector
from vidrestore.config import Config
from vidrestore.datatypes import TrackedFrame
from vidrestore.film import MendFrames, RepairFrames

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]

STANDS_OUT, CLEAR = 12.0, 60.0  # levels
LEAST = 3  # px of a piece
EDGE = 12  # px
NEAR = 9  # px, width of the brush of what belongs to damage
CHANGED = 3.0  # levels
WEAR = Wear(1.2, 5.0, 0.02, 0.4, scratches=1.5, dust=4.0)


@dataclass
class Score:
    """Pieces and squared errors of one kind of damage.

    Attributes:
        pieces: of damage.
        gone: of these.
        clear: those that stand out clearly: how many there are.
        clear_gone: of these.
        edge: those that reach within 12 px of the frame's border: how many there are.
        edge_gone: of these.
        changes: pieces that were changed.
        right: of these, that touch damage.
    """

    pieces: int = 0
    gone: int = 0
    clear: int = 0
    clear_gone: int = 0
    edge: int = 0
    edge_gone: int = 0
    changes: int = 0
    right: int = 0

    def told(self) -> dict[str, float]:
        """As figures."""
        return {
            "pieces": self.pieces,
            "recall": self.gone / max(self.pieces, 1),
            "clear": self.clear_gone / max(self.clear, 1),
            "edge": self.edge_gone / max(self.edge, 1),
            "precision": self.right / max(self.changes, 1),
        }


def pictures(path: Path, count: int) -> list[Picture]:
    """The first frames of a video."""
    with av.open(str(path)) as container:
        frames = container.decode(video=0)
        return [frame.to_ndarray(format="rgb24") for frame, _ in zip(frames, range(count))]  # noqa: B905


def damaged(clip: list[Picture], wear: Wear, seed: int) -> tuple[list[Picture], list[Picture]]:
    """The clip aged, and damaged besides."""
    film, aged, worn = WornFilm(wear, clip[0].shape[:2], seed), [], []
    for picture in clip:
        old = film.aged(picture.astype(np.float32))
        aged.append(np.clip(np.rint(old), 0, 255).astype(np.uint8))
        worn.append(np.rint(film.damaged(old)).astype(np.uint8))
    return aged, worn


def repaired(tracked: list[TrackedFrame], kinds: list[str]) -> tuple[list[Picture], float]:
    """All frames through the stages; and seconds that took."""
    items, begun = tracked, time.perf_counter()
    for kind in kinds:
        stage = {"specks": RepairFrames, "scratches": MendFrames}[kind]()
        items = [*joined.from_iterable(stage.push(item) for item in items), *stage.flush()]
    return [as_picture(item.frame) for item in items], time.perf_counter() - begun


def pieces(mask: Mask) -> Iterator[Mask]:
    """Connected parts, the smallest aside."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] >= LEAST:
            yield labels == label


def judge(score: Score, aged: Picture, worn: Picture, result: Picture) -> None:
    """Count the pieces of one frame."""
    was = np.abs(worn.astype(np.float32) - aged).max(axis=2)
    left = np.abs(result.astype(np.float32) - aged).max(axis=2)
    bad = was >= STANDS_OUT
    for piece in pieces(bad):
        score.pieces += 1
        # Grain that the repair brings along is no damage.
        gone = bool(np.median(left[piece]) <= 0.5 * np.median(was[piece]))
        clear = bool(was[piece].max() >= CLEAR)
        score.gone, score.clear = score.gone + gone, score.clear + clear
        score.clear_gone += gone and clear
        inner = np.s_[EDGE:-EDGE, EDGE:-EDGE]
        edge = int(piece.sum()) > int(piece[inner].sum())
        score.edge, score.edge_gone = score.edge + edge, score.edge_gone + (edge and gone)
    near = cv2.dilate((was >= CHANGED).astype(np.uint8), np.ones((NEAR, NEAR), np.uint8)) > 0
    changed = np.abs(result.astype(np.float32) - worn).max(axis=2) >= CHANGED
    for piece in pieces(changed):
        score.changes += 1
        score.right += bool(near[piece].mean() > 0.5)


def squared(results: list[Picture], truths: list[Picture]) -> list[float]:
    """Mean squared error of each frame."""
    pairs = zip(results, truths, strict=True)
    return [float(np.mean((a.astype(np.float32) - b) ** 2)) for a, b in pairs]


def psnr(errors: list[float]) -> float:
    """Over all pictures, dB; without any error 99."""
    return float(min(10 * np.log10(255**2 / max(float(np.mean(errors)), 1e-9)), 99.0))


def main(argv: list[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clips", type=Path, nargs="+", metavar="CLIP")
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--dust", type=float, default=WEAR.dust)
    parser.add_argument("--scratches", type=float, default=WEAR.scratches)
    parser.add_argument("--json", type=Path, default=Path("out/bench/film_frame.json"))
    arguments = parser.parse_args(argv)
    config = Config()
    detector = build_detector(config.detect, config.track.continue_score)
    kinds = {"specks": replace(WEAR, scratches=0, dust=arguments.dust)}
    kinds["scratches"] = replace(WEAR, dust=0, scratches=arguments.scratches)
    content = {}
    for kind, wear in kinds.items():
        score, seconds, count, touched = Score(), 0.0, 0, 0
        before: list[float] = []
        after: list[float] = []
        for number, path in enumerate(arguments.clips):
            clip = pictures(path, arguments.frames)
            aged, worn = (
                damaged(clip, wear, 7100 + number) if wear.dust or wear.scratches else (clip, clip)
            )
            tracked = find(config, as_frames(np.stack(worn)), detector)
            result, took = repaired(tracked, [kind])
            seconds, count = seconds + took, count + len(clip)
            touched += sum(bool((a != b).any()) for a, b in zip(result, worn, strict=True))
            before += squared(worn, aged)
            after += squared(result, aged)
            for frames in zip(aged, worn, result, strict=True):
                judge(score, *frames)
        content[kind] = score.told() | {
            "frames": count,
            "changed": touched,
            "before": psnr(before),
            "after": psnr(after),
            "ms": 1000 * seconds / count,
        }
        print(kind, *(f"{key} {value:.4g} " for key, value in content[kind].items()), flush=True)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(content, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
