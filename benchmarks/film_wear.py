"""How much of what film does to faces is left: dust, flicker of light, dissolves.

    python -m benchmarks.film_wear --portraits DIR [--faces N] [--json FILE]

Swaying portraits, gray and grainy, go through the whole pipeline, and beside it through the
motion-compensated filter of ``benchmarks.against_filters``. Means over all faces:

- dust: specks of single frames on the face. What they change in the result, in parts of what they
  change in the source, where they are; by size: within an eighth of the eyes' distance from eyes
  and mouth ("features"), and on the skin.
- flicker: light and contrast differ from frame to frame by 5 %. Standard deviation over time of the
  face's mean luma against the truth, levels, and PSNR of the face, dB.
- dissolve: one face turns into another at the same place within 20 frames. PSNR of the face against
  the mixture of the truths, dB, in the middle half of it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.against_filters.filters.motion import motion_filter
from benchmarks.degraded import read_manifest
from benchmarks.film_damage import Pictures, psnr
from benchmarks.stability.stages import as_frames, as_picture, find, finish, restore
from benchmarks.worn_portraits import Floats, Picture, Truth, face_area, swaying, unit
from vidrestore.build import build_detector, build_engine
from vidrestore.config import Config

FRAMES = 36
BEGIN, END = 8, 28  # of the dissolve
SOFT, GRAIN = 1.6, 7.0  # px, levels
LIGHT = 0.05  # deviation of gain and of contrast
SPECKS = 2.5  # in a frame, on average
MARGIN = 24  # px about the face that the filter is given

Method = Callable[[Pictures], Pictures]


class Ours:
    """The pipeline with one network and detector for all."""

    def __init__(self) -> None:
        self._default = Config()
        self._engine = build_engine(self._default.restore)
        self._detector = build_detector(self._default.detect, self._default.track.continue_score)

    def method(self, options: dict[str, str], *, see_dissolves: bool = True) -> Method:
        """The pipeline with some options, or blind to dissolves."""
        config = self._default.with_options(options)

        def run(source: Pictures) -> Pictures:
            tracked = find(config, as_frames(np.stack(source)), self._detector)
            if not see_dissolves:
                tracked = [replace(i, frame=replace(i.frame, mixed=0.0)) for i in tracked]
            done = finish(config, self._engine, restore(config, self._engine, tracked))
            return [as_picture(item.frame) for item in done]

        return run


def filtered(landmarks: Floats) -> Method:
    """The filter, near the face."""
    reach = int(2.2 * max(unit(points) for points in landmarks)) + MARGIN
    x, y = landmarks.mean(axis=(0, 1)).astype(int)

    def run(source: Pictures) -> Pictures:
        pictures = np.stack(source)
        rows = slice(max(y - reach, 0), y + reach)
        columns = slice(max(x - reach, 0), x + reach)
        part = np.ascontiguousarray(pictures[:, rows, columns])
        pictures[:, rows, columns] = motion_filter(part)
        return list(pictures)

    return run


def film(truth: Pictures, seed: int) -> Pictures:
    """Gray, soft, grainy."""
    random = np.random.default_rng((seed, 2))
    shown = []
    for picture in truth:
        soft = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), SOFT)
        grain = cv2.GaussianBlur(random.standard_normal(soft.shape[:2], np.float32), (0, 0), 0.7)
        soft += (GRAIN / grain.std() * grain)[..., None]
        shown.append(soft.round().clip(0, 255).astype(np.uint8))
    return shown


def gray(pictures: Pictures) -> Pictures:
    """Without colour, three channels."""
    lumas = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in pictures)
    return [np.repeat(np.asarray(luma)[..., None], 3, axis=2) for luma in lumas]


def dusty(source: Pictures, landmarks: Floats, seed: int) -> tuple[Pictures, list[Floats]]:
    """With specks on the face in all frames but the first and last, and where they are, 0..1."""
    random = np.random.default_rng((seed, 3))
    pictures, covers = [], []
    for t, picture in enumerate(source):
        covered = np.zeros(picture.shape[:2], np.float32)
        shown = picture.astype(np.float32)
        area = np.argwhere(face_area(landmarks[t], picture.shape))
        inner = 0 < t < len(source) - 1
        for _ in range(int(random.poisson(SPECKS)) if inner else 0):
            y, x = area[random.integers(len(area))]
            speck = np.zeros_like(covered)
            radius = random.uniform(1.5, 5.0)
            angles = np.sort(random.uniform(0, 2 * np.pi, 7))
            away = radius * random.uniform(0.5, 1.2, 7)
            points = np.array([x, y]) + np.stack(
                [away * np.cos(angles), away * np.sin(angles)], axis=1
            )
            outline = np.round(points * 16).astype(np.int32)
            cv2.fillPoly(speck, [outline], 1.0, cv2.LINE_AA, 4)
            tone = 25.0 if random.random() < 0.7 else 235.0
            shown += (0.9 * speck)[..., None] * (tone - shown)
            covered = np.maximum(covered, speck)
        pictures.append(shown.round().astype(np.uint8))
        covers.append(covered.astype(np.float64))
    return pictures, covers


def features(points: Floats, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(H, W) eyes and mouth, with an eighth of the eyes' distance about them."""
    near = np.zeros(shape[:2], np.uint8)
    apart = float(np.linalg.norm(points[1] - points[0]))
    for centre, wide, high in (
        (points[0], 0.3, 0.15),
        (points[1], 0.3, 0.15),
        ((points[3] + points[4]) / 2, 0.45, 0.2),
    ):
        axes = (round((wide + 0.125) * apart), round((high + 0.125) * apart))
        cv2.ellipse(near, (round(centre[0]), round(centre[1])), axes, 0, 0, 360, 1, -1)
    return near > 0


def dust_left(methods: dict[str, Method], truth: Truth) -> dict[str, dict[str, float]]:
    """Parts of what specks changed, by method."""
    source = film(gray(truth.pictures), truth.seed)
    worn, covers = dusty(source, truth.landmarks, truth.seed)
    left = {}
    for name, run in methods.items():
        with_dust, without = run(worn), run(source)
        sums = np.zeros((2, 2))  # features, skin; left, added
        for t, cover in enumerate(covers):
            near = features(truth.landmarks[t], cover.shape)
            for row, part in enumerate((near, ~near)):
                where = (cover > 0) & part
                sums[row, 0] += np.abs(with_dust[t].astype(float) - without[t])[where].sum()
                sums[row, 1] += np.abs(worn[t].astype(float) - source[t])[where].sum()
        part = sums[:, 0] / np.maximum(sums[:, 1], 1e-9)
        whole = float(sums[:, 0].sum() / sums[:, 1].sum())
        left[name] = {"all": whole, "features": float(part[0]), "skin": float(part[1])}
    return left


def flicker_left(methods: dict[str, Method], truth: Truth) -> dict[str, dict[str, float]]:
    """Levels that the face's light is off by, and PSNR, by method."""
    random = np.random.default_rng((truth.seed, 4))
    wanted = gray(truth.pictures)
    source = []
    for picture in film(wanted, truth.seed):
        gain, contrast = 1 + random.normal(0, LIGHT, 2)
        mean = float(picture.mean())
        source.append((gain * (mean + contrast * (picture - mean))).clip(0, 255).astype(np.uint8))
    found = {}
    for name, run in methods.items():
        off, quality = [], []
        for t, picture in enumerate(run(source)):
            face = face_area(truth.landmarks[t], picture.shape)
            off.append(float((picture.astype(float) - wanted[t])[face].mean()))
            quality.append(psnr(picture, wanted[t], truth.landmarks[t]))
        found[name] = {"flicker": float(np.std(off)), "psnr": float(np.mean(quality))}
    return found


def dissolve(methods: dict[str, Method], first: Truth, second: Truth) -> dict[str, float]:
    """PSNR of the face within a dissolve, by method."""
    shares = np.clip((np.arange(FRAMES) - BEGIN + 1) / (END - BEGIN + 1), 0, 1)

    def mixed(one: Pictures, other: Pictures) -> list[Picture]:
        pairs = zip(one, other, shares, strict=True)
        return [np.asarray(cv2.addWeighted(a, 1 - s, b, s, 0), np.uint8) for a, b, s in pairs]

    wanted = mixed(gray(first.pictures), gray(second.pictures))
    source = film(wanted, first.seed)
    quarter = (END - BEGIN) // 4
    middle = range(BEGIN + quarter, END - quarter)
    found = {}
    for name, run in methods.items():
        result = run(source)
        values = [psnr(result[t], wanted[t], first.landmarks[t]) for t in middle]
        found[name] = float(np.mean(values))
    return found


def main(argv: list[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True)
    parser.add_argument("--faces", type=int, default=3)
    parser.add_argument("--json", type=Path, default=Path("out/bench/film_wear.json"))
    arguments = parser.parse_args(argv)
    portraits, ours = read_manifest(arguments.portraits), Ours()
    content = []
    for k in range(arguments.faces):
        first, second = (
            swaying(portraits[(7 * k + 3 * n + 2) % len(portraits)], FRAMES, 970 + 10 * k + n)
            for n in (0, 1)
        )
        common: dict[str, Method] = {"input": list, "filter": filtered(first.landmarks)}
        repair = {option: ours.method({"film.repair": option}) for option in ("off", "faces")}
        steady = {option: ours.method({"film.deflicker": option}) for option in ("off", "faces")}
        blind = {"blind": ours.method({}, see_dissolves=False), "ours": ours.method({})}
        found = {
            "dust": dust_left(common | repair, first),
            "flicker": flicker_left(common | steady, first),
            "dissolve": dissolve(common | blind, first, second),
        }
        content.append(found)
        print(json.dumps(found, indent=1), flush=True)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(content, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
