"""Whether one sees where a job was divided.

    python -m benchmarks.seams PORTRAITS [--clips N] [--segment SECONDS] [--json FILE] [--plot FILE]

Portraits that move along a path, degraded (``degraded.py``: their truth is known), are restored in
one piece and in segments. Over the pixels of the face that are restored, frame by frame:

- ``psnr``: against the truth, dB;
- ``step``: mean change of the error against the truth from the frame before, levels: what boils or
  jumps, with the motion taken out;
- ``apart``: mean difference between the divided and the undivided result, levels.

The frames on both sides of a boundary stand beside all others.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.degraded import make_clip, read_manifest, write_clip
from vidrestore import Config, Session
from vidrestore.report import write_json

Floats = NDArray[np.float64]

FRAMES = 100
SEED = 515
RATE = 25
# Level of the change that counts as restored.
CHANGED = 1.0


@dataclass(frozen=True)
class Measured:
    """Of each frame of one clip; ``step`` of the first is that of the second.

    Attributes:
        psnr: of both results, dB.
        step: of both results, levels.
        apart: levels.
    """

    psnr: tuple[Floats, Floats]
    step: tuple[Floats, Floats]
    apart: Floats


def _read(path: Path) -> Floats:
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return np.array(frames, np.float32).astype(np.float64)


def measure(source: Floats, truth: Floats, whole: Floats, divided: Floats) -> Measured:
    """Measure a clip over the pixels that were restored in either result."""
    changed = np.maximum(abs(whole - source), abs(divided - source)).max(axis=(0, 3)) >= CHANGED
    results = whole[:, changed], divided[:, changed]
    errors = [result - truth[:, changed] for result in results]
    psnr = [10 * np.log10(255**2 / np.square(e).mean(axis=(1, 2))) for e in errors]
    step = [abs(np.diff(error, axis=0)).mean(axis=(1, 2)) for error in errors]
    step = [np.concatenate([each[:1], each]) for each in step]
    apart = abs(results[0] - results[1]).mean(axis=(1, 2))
    return Measured((psnr[0], psnr[1]), (step[0], step[1]), apart)


def plot(measured: Measured, boundaries: Sequence[int], path: Path) -> None:
    """Draw the steps of the first clip over time, boundaries marked."""
    height, zoom = 240, 8
    frames = len(measured.apart)
    picture = np.full((height, frames * zoom, 3), 255, np.uint8)
    for index in boundaries:
        cv2.line(picture, (index * zoom, 0), (index * zoom, height), (200, 200, 200), 1)
    top = max(each.max() for each in measured.step) * 1.1
    for values, colour in zip(measured.step, ((180, 90, 0), (0, 60, 220)), strict=True):
        places = [(n * zoom, round(height * (1 - v / top))) for n, v in enumerate(values)]
        cv2.polylines(picture, [np.array(places, np.int32)], False, colour, 1, cv2.LINE_AA)
    words = f"step, 0 to {top:.1f} levels: blue undivided, red divided, gray boundaries"
    cv2.putText(picture, words, (6, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0), 1, cv2.LINE_AA)
    cv2.imwrite(str(path), picture)


def main() -> None:
    """Restore, measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("portraits", type=Path, help="folder with a manifest.json")
    parser.add_argument("--clips", type=int, default=3)
    parser.add_argument("--segment", type=float, default=1.0, help="seconds")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path, help="a PNG of the first clip's steps")
    given = parser.parse_args()
    config = Config().with_options({"encoder.codec": "ffv1"})
    near = list(range(RATE, FRAMES, RATE))
    pieces: list[Measured] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for number, (file, landmarks) in enumerate(read_manifest(given.portraits)[: given.clips]):
            clip = make_clip(
                cv2.imread(str(file))[..., ::-1], landmarks, SEED + number, frames=FRAMES
            )
            write_clip(clip, folder, "worn")
            for name, seconds in (("whole", 0.0), ("divided", given.segment)):
                with Session(config.with_options({"job.segment": seconds})) as session:
                    session.restore(folder / "worn.mkv", folder / f"{name}.mkv", overwrite=True)
            films = ("worn", "worn.truth", "whole", "divided")
            pieces.append(measure(*(_read(folder / f"{name}.mkv") for name in films)))
            if number == 0 and given.plot is not None:
                plot(pieces[0], near, given.plot)
    at = np.zeros(FRAMES, bool)
    at[[n + d for n in near for d in (-1, 0)]] = True
    seam = np.zeros(FRAMES, bool)
    seam[near] = True
    rows = {
        "psnr, dB": [
            float(np.mean([p.psnr[k][where] for p in pieces]))
            for k in (0, 1)
            for where in (at, ~at)
        ],
        "step, levels": [
            float(np.mean([p.step[k][where] for p in pieces]))
            for k in (0, 1)
            for where in (seam, ~at)
        ],
    }
    table = Table("", "undivided, there", "elsewhere", "divided, at boundaries", "elsewhere")
    for name, values in rows.items():
        table.add_row(name, *(f"{value:.3f}" for value in values))
    Console().print(table)
    apart = np.array([piece.apart for piece in pieces])
    print(
        f"divided and undivided differ by {apart.mean():.3f} levels on average, "
        f"{apart[:, at].mean():.3f} at boundaries, {apart.max():.3f} in the worst frame"
    )
    if given.json is not None:
        write_json({**rows, "apart": apart.tolist()}, given.json)


if __name__ == "__main__":
    main()
