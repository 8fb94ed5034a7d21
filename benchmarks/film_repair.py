"""What ``film.repair`` leaves of damage, in faces that go through the whole pipeline.

    python -m benchmarks.film_repair --portraits DIR [--faces N] [--kinds KIND ...] [--json FILE]
                                     [--picture FILE]

The clips and kinds of damage of ``benchmarks.film_damage``, and the sample ("sample": its frames
as they are made, but not encoded; scratches and specks), by the values of the option. PSNR of the
face, dB, over the damaged frames of all clips: of portraits against the truth, and of the sample,
whose film is faded, against the result of the same film without scratches and specks. "left" is
what damage changes in the result within the face, in parts of what it changed in the source.
``--picture`` shows one damaged frame of each kind: the source, and the results.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.degraded import read_manifest
from benchmarks.film_damage import DAMAGES, FRAMES, Pictures
from benchmarks.stability.stages import as_frames, as_picture, find, finish, restore
from benchmarks.worn_portraits import Picture, face_area, swaying, worn
from samples.make_samples import HEIGHT, SHOTS, WIDTH, truth
from samples.wear import WornFilm
from vidrestore.build import build_detector, build_engine
from vidrestore.config import Config
from vidrestore.datatypes import TrackedFrame

VALUES = ("off", "auto", "faces")
KINDS = ("dust", "scratch", "flash", "blocks", "torn", "sample")
PANEL = 360  # px


@dataclass(frozen=True, eq=False)
class Clip:
    """What is restored.

    Attributes:
        damaged: the pictures.
        sound: the same without the damage.
        truth: what the result is compared with; None for the result of ``sound``.
    """

    damaged: Pictures
    sound: Pictures
    truth: Pictures | None


class Runs:
    """The pipeline with one network and detector for all."""

    def __init__(self) -> None:
        self._config = Config()
        self._engine = build_engine(self._config.restore)
        self._detector = build_detector(self._config.detect, self._config.track.continue_score)

    def found(self, pictures: Pictures) -> list[TrackedFrame]:
        """Who is where."""
        return find(self._config, as_frames(np.stack(pictures)), self._detector)

    def restored(self, tracked: list[TrackedFrame], repair: str) -> Pictures:
        """The result with a value of the option."""
        config = self._config.with_options({"film.repair": repair})
        done = finish(config, self._engine, restore(config, self._engine, tracked))
        return [as_picture(item.frame) for item in done]


def clips(kind: str, portraits: Sequence[tuple[Path, np.ndarray]], faces: int) -> Iterator[Clip]:
    """All of one kind."""
    if kind == "sample":
        for shot in SHOTS:
            film, sound, damaged = WornFilm(shot.wear, (HEIGHT, WIDTH), shot.seed), [], []
            for picture in truth(shot):
                aged = film.aged(picture)
                sound.append(np.clip(np.rint(aged), 0, 255).astype(np.uint8))
                damaged.append(np.rint(film.damaged(aged)).astype(np.uint8))
            yield Clip(damaged, sound, None)
        return
    for k in range(faces):
        made = swaying(portraits[(11 * k + 5) % len(portraits)], FRAMES, 950 + k)
        sound = worn(made.pictures, made.seed)
        damaged, pictures, _ = DAMAGES[kind](sound, made.pictures, made.landmarks)
        yield Clip(damaged, sound, pictures)


@dataclass
class Sums:
    """Squared errors and changes over faces of damaged frames."""

    squared: float = 0.0
    count: int = 0
    left: float = 0.0
    added: float = 0.0

    def told(self) -> dict[str, float]:
        """As figures."""
        psnr = 10 * np.log10(255**2 / max(self.squared / max(self.count, 1), 1e-9))
        return {"psnr": float(psnr), "left": self.left / max(self.added, 1e-9)}


def judge(runs: Runs, clip: Clip, sums: dict[str, Sums]) -> list[Picture]:
    """Add what one clip tells; gives the face of its most damaged frame, and its results."""
    found = runs.found(clip.damaged)
    harm = [np.abs(a.astype(float) - b) for a, b in zip(clip.damaged, clip.sound, strict=True)]
    areas: dict[int, np.ndarray] = {}
    for t, item in enumerate(found):
        area = np.zeros(harm[t].shape[:2], bool)
        for face in item.faces:
            area |= face_area(face.landmarks, area.shape)
        if (harm[t][area] >= 12).any():
            areas[t] = area
    sound = runs.restored(runs.found(clip.sound), "off")
    wanted = clip.truth or sound
    worst = max(areas, key=lambda t: float(harm[t][areas[t]].sum()), default=0)
    shown = [clip.damaged[worst]]
    for value in VALUES:
        result, total = runs.restored(found, value), sums[value]
        for t, area in areas.items():
            error = (result[t].astype(float) - wanted[t])[area]
            total.squared, total.count = (
                total.squared + float((error**2).sum()),
                (total.count + error.size),
            )
            total.left += float(np.abs(result[t].astype(float) - sound[t])[area].sum())
            total.added += float(harm[t][area].sum())
        shown.append(result[worst])
    rows, columns = np.nonzero(areas.get(worst, np.ones(shown[0].shape[:2], bool)))
    box = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return [np.ascontiguousarray(picture[box]) for picture in shown]


def panels(rows: Sequence[Sequence[Picture]]) -> Picture:
    """All of them, of one height."""
    lines = []
    for row in rows:
        height, width = row[0].shape[:2]
        size = (PANEL, round(PANEL * height / width))
        lines.append(
            np.concatenate(
                [cv2.resize(p, size, interpolation=cv2.INTER_CUBIC) for p in row], axis=1
            )
        )
    return np.concatenate(lines)


def main(argv: list[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True)
    parser.add_argument("--faces", type=int, default=3)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--json", type=Path, default=Path("out/bench/film_repair.json"))
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args(argv)
    portraits, runs = read_manifest(arguments.portraits), Runs()
    content, rows = {}, []
    for kind in arguments.kinds:
        sums = {value: Sums() for value in VALUES}
        rows += [judge(runs, clip, sums) for clip in clips(kind, portraits, arguments.faces)]
        content[kind] = {value: total.told() for value, total in sums.items()}
        told = (f"{v} {t['psnr']:.2f} dB {t['left']:.2f}" for v, t in content[kind].items())
        print(f"{kind:8}", *told, sep="  ", flush=True)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(content, indent=2) + "\n")
    if arguments.picture is not None:
        cv2.imwrite(str(arguments.picture), panels(rows)[..., ::-1])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
