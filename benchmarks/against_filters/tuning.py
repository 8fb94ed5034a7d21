"""Find each kind's unsharp mask for the tuned filter, on portraits that are not judged.

python -m benchmarks.against_filters.tuning --portraits FOLDER
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.against_filters import media
from benchmarks.against_filters.crops import crops_of
from benchmarks.against_filters.filters.classic import unsharp
from benchmarks.against_filters.filters.deflicker import deflicker
from benchmarks.against_filters.filters.motion import motion_filter
from benchmarks.against_filters.filters.tuned import FLICKERS
from benchmarks.against_filters.media import Floats, Pictures
from benchmarks.against_filters.scenes import portrait_scenes, rigid
from benchmarks.against_filters.wear import KINDS
from benchmarks.degraded import read_manifest
from vidrestore.measure import face_region, psnr

_FRAMES, _JUDGED = 11, slice(4, 7)
_SIGMAS, _AMOUNTS = (0.7, 1.0, 1.5, 2.0, 3.0), (0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0)


def gains(
    filtered: Pictures, truth: Pictures, landmarks: Floats
) -> dict[tuple[float, float], float]:
    """PSNR of the face over the unsharpened one's, dB, by sigma and amount."""
    true = crops_of(truth, landmarks)
    mask = face_region(true.shape[1])

    def judged(pictures: Pictures) -> float:
        mine = crops_of(pictures, landmarks)
        return float(np.mean([psnr(a, b, mask) for a, b in zip(mine, true, strict=True)]))

    plain = judged(filtered)
    return {
        (sigma, amount): judged(unsharp(filtered, sigma, amount)) - plain
        for sigma in _SIGMAS
        for amount in _AMOUNTS
    }


def main() -> None:
    """Print the best setting of each kind."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True)
    parser.add_argument("--people", type=int, default=2)
    arguments = parser.parse_args()
    scenes = portrait_scenes("rigid", read_manifest(arguments.portraits)[: arguments.people])
    for number, (kind, wear) in enumerate(KINDS.items()):
        found = []
        for scene in scenes:
            truth = wear.seen(rigid(scene, _FRAMES))
            worn, how = wear.worn(truth, np.random.default_rng((scene.seed, 4, number)))
            with tempfile.TemporaryDirectory() as folder:
                media.write(worn, Path(folder) / "worn.mkv", truth.rate, how)
                source = media.read(Path(folder) / "worn.mkv")
            if kind in FLICKERS:
                source = deflicker(source)
            filtered = motion_filter(source)[_JUDGED]
            found.append(gains(filtered, truth.pictures[_JUDGED], truth.landmarks[_JUDGED]))
        means = {setting: np.mean([f[setting] for f in found]) for setting in found[0]}
        best = max(means, key=lambda setting: means[setting])
        print(f"{kind:8} sigma {best[0]:g} amount {best[1]:g}: {means[best]:+.2f} dB", flush=True)


if __name__ == "__main__":
    main()
