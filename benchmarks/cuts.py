"""Are hard cuts found where they are, and nothing else taken for one?

    python -m benchmarks.cuts [--cases N] [--seed N] [--json FILE]

Shots are made by code: windows over scenes of coloured shapes, panned, zoomed, shaken, dimmed and
worn like old film. Cases join them by cuts between unlike and like shots (another part of the same
scene, a closer view of it) or hold what must not be taken for a cut: flashes, fades, dissolves,
whip pans, lights switched, splices, dust and somebody who passes close before the camera. An
insert of one or two frames after which the same shot goes on counts as a flash. Exits with 1 if a
cut is missed or invented.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore import Config
from vidrestore.datatypes import Frame, FrameFormat, Look
from vidrestore.track.cuts import CutDetector

Floats = NDArray[np.float32]
Clip = list[Floats]
Random = np.random.Generator

HEIGHT, WIDTH = 90, 160
SCENE = (360, 900)


@dataclass(frozen=True, eq=False)
class Case:
    """Pictures, and the first frames of the further shots.

    Attributes:
        name: its kind.
        clip: (HEIGHT, WIDTH, 3) float32 RGB, 0..255.
        cuts: where they are.
    """

    name: str
    clip: Clip
    cuts: tuple[int, ...] = ()


def scene(random: Random) -> Floats:
    """A large picture of coloured rectangles and discs on a graded ground."""
    height, width = SCENE
    ground = random.uniform(40, 180, 3) + np.linspace(-30, 30, width)[None, :, None]
    picture = np.broadcast_to(ground, (height, width, 3)).astype(np.float32).copy()
    for _ in range(130):
        x, y = int(random.integers(width)), int(random.integers(height))
        colour = tuple(float(value) for value in random.uniform(0, 255, 3))
        if random.random() < 0.5:
            w, h = (int(value) for value in random.integers(8, 110, 2))
            cv2.rectangle(picture, (x, y), (x + w, y + h), colour, cv2.FILLED)
        else:
            cv2.circle(picture, (x, y), int(random.integers(5, 50)), colour, cv2.FILLED)
    return cv2.GaussianBlur(picture, (0, 0), 1.0)


def shot(
    view: Floats, random: Random, count: int, *, pan: float | None = None, closer: float = 1.0
) -> Clip:
    """A window over a scene, panning a little, zooming a little, or shaking."""
    x, y = random.uniform(200, 700), random.uniform(100, 260)
    speed = random.uniform(-4, 4) if pan is None else pan
    growth = random.choice([0.0, 0.0, 0.008, -0.006])
    shake = random.choice([0.0, 0.0, 1.5])
    pictures = []
    for k in range(count):
        scale = closer * (1 + growth * k)
        at = np.array([x + speed * k, y]) + random.normal(0, shake, 2)
        half = np.array([WIDTH, HEIGHT]) / 2 / scale
        low = np.clip(at, half, np.array(SCENE[::-1]) - half) - half
        matrix = np.array([[1 / scale, 0, low[0]], [0, 1 / scale, low[1]]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        picture = cv2.warpAffine(view, matrix, (WIDTH, HEIGHT), flags=flags)
        pictures.append(np.asarray(picture, np.float32))
    return pictures


def worn(clip: Clip, random: Random) -> Clip:
    """Gray, flickering, grainy, with a scratch and dust of up to 4 % of the height."""
    result = []
    for picture in clip:
        gray = picture.mean(axis=2, keepdims=True) * random.normal(1, 0.08)
        gray = np.repeat(gray, 3, axis=2) + random.normal(0, 5, (HEIGHT, WIDTH, 1))
        gray[:, random.integers(WIDTH)] += 40
        for _ in range(2):
            y, x = random.integers(HEIGHT - 4), random.integers(WIDTH - 4)
            gray[y : y + random.integers(1, 5), x : x + random.integers(1, 5)] = 250
        result.append(gray.astype(np.float32))
    return result


def cut_unlike(random: Random) -> Case:
    """Between two scenes."""
    first, second = int(random.integers(8, 20)), int(random.integers(8, 20))
    clip = shot(scene(random), random, first) + shot(scene(random), random, second)
    return Case("cut to another scene", clip, (first,))


def cut_like(random: Random) -> Case:
    """To a closer view or to another part of the same scene."""
    view, first = scene(random), int(random.integers(8, 20))
    closer = float(random.uniform(1.6, 2.4))
    clip = shot(view, random, first) + shot(view, random, 12, closer=closer)
    return Case("cut within a scene", clip, (first,))


def quick_cuts(random: Random) -> Case:
    """Shots of a few frames, none of them twice."""
    lengths = [10, *(int(n) for n in random.integers(3, 8, 3)), 10]
    clip = [picture for n in lengths for picture in shot(scene(random), random, n)]
    return Case("quick cuts", clip, tuple(np.cumsum(lengths)[:-1].tolist()))


def dark_cut(random: Random) -> Case:
    """In the dark."""
    case = cut_unlike(random)
    dim = float(random.uniform(0.25, 0.5))
    return Case("cut in the dark", [picture * dim for picture in case.clip], case.cuts)


def flash(random: Random) -> Case:
    """One to two frames brighter, white or black."""
    clip = shot(scene(random), random, 26)
    start, length = int(random.integers(6, 18)), int(random.integers(1, 3))
    gain, lift = [(2.2, 60.0), (0.0, 255.0), (0.0, 0.0), (1.6, 0.0)][random.integers(4)]
    for k in range(start, start + length):
        clip[k] = clip[k] * gain + lift
    return Case("flash", clip)


def light(random: Random) -> Case:
    """Switched on or off."""
    clip, at = shot(scene(random), random, 24), int(random.integers(6, 18))
    dim = float(random.uniform(0.3, 0.6))
    return Case("light", [p * (dim if k < at else 1.0) for k, p in enumerate(clip)])


def fast_pan(random: Random) -> Case:
    """The camera swings and comes to rest."""
    view, speed = scene(random), float(random.uniform(14, 34))
    swing = shot(view, random, 12, pan=speed)
    return Case("fast pan", [swing[0]] * 8 + swing + [swing[-1]] * 8)


def fade(random: Random) -> Case:
    """To black, and in again with another scene."""
    length = int(random.integers(8, 16))
    ramp = np.linspace(1, 0, length)
    away, back = (shot(scene(random), random, 8 + length) for _ in range(2))
    out = [p * g for p, g in zip(away, np.r_[np.ones(8), ramp], strict=True)]
    into = [p * g for p, g in zip(back, np.r_[ramp[::-1], np.ones(8)], strict=True)]
    return Case("fade", out + into)


def dissolve(random: Random) -> Case:
    """From one scene to another over 8 to 24 frames."""
    length = int(random.integers(8, 25))
    weights = np.r_[np.zeros(8), np.linspace(0, 1, length), np.ones(8)]
    pair = (shot(scene(random), random, len(weights)) for _ in range(2))
    return Case("dissolve", [(1 - w) * a + w * b for a, b, w in zip(*pair, weights, strict=True)])


def splice(random: Random) -> Case:
    """A frame or two torn, shifted or lost, and the shot goes on."""
    clip, at = shot(scene(random), random, 28), int(random.integers(8, 18))
    clip[at] = np.roll(clip[at], int(random.integers(15, 60)), axis=0)
    if random.random() < 0.5:
        clip[at : at + 2] = [np.full_like(clip[at], random.uniform(0, 255))] * 2
    return Case("splice", clip)


def passing(random: Random) -> Case:
    """Somebody close before the camera: up to 80 % of it within 2 to 5 frames, gone within 12."""
    clip, start = shot(scene(random), random, 34), int(random.integers(8, 16))
    wide = float(random.uniform(0.35, 0.8)) * WIDTH
    speed = max(wide / float(random.uniform(2, 5)), (WIDTH + wide) / 11)
    body = shot(scene(random), random, 1)[0] * float(random.uniform(0.3, 0.8))
    if random.random() < 0.5:
        body = np.asarray(cv2.GaussianBlur(body, (0, 0), 12))
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    waist = 6 * np.sin(rows / 14 + random.uniform(0, 6))
    below, way = rows >= random.integers(14), int(random.choice([-1, 1]))
    for k in range(start, start + int(np.ceil((WIDTH + wide) / speed))):
        front = speed * (k - start + 1)
        inside = below & (columns < front + waist) & (columns > front - wide - waist)
        shown = np.roll(body, int(front), axis=1)
        clip[k] = np.where(inside[..., None], shown, clip[k][:, ::way])[:, ::way]
    return Case("somebody passes", clip)


def calm(random: Random) -> Case:
    """Nothing but the shot."""
    return Case("no cut", shot(scene(random), random, 30))


KINDS: tuple[Callable[[Random], Case], ...] = (
    cut_unlike,
    cut_like,
    quick_cuts,
    dark_cut,
    flash,
    light,
    fast_pan,
    fade,
    dissolve,
    splice,
    calm,
    passing,
)


def cases(count: int, seed: int) -> Iterator[Case]:
    """Each kind in turn, every second round of them worn like old film."""
    for number in range(count):
        random = np.random.default_rng((seed, number))
        case = KINDS[number % len(KINDS)](random)
        if number // len(KINDS) % 2:
            case = Case(f"{case.name}, worn", worn(case.clip, random), case.cuts)
        yield case


def found(clip: Sequence[Floats]) -> tuple[int, ...]:
    """Where the detector cuts."""
    fmt = FrameFormat(2, 2, "gray", "gray", chroma_shift=(0, 0))
    plane = np.zeros((2, 2), np.uint8)
    plane.flags.writeable = False
    detector = CutDetector(Config().track.cut_threshold)
    for k, picture in enumerate(clip):
        frame = Frame(k, k, 1, Fraction(1, 25), (plane,), fmt)
        detector.push(Look(frame, np.clip(picture, 0, 255).astype(np.uint8)))
    detector.flush()
    return detector.cuts


def main(argv: list[str] | None = None) -> int:
    """Judge all cases, print what went wrong, count."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=484)
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--json", type=Path, default=Path("out/bench/cuts.json"))
    arguments = parser.parse_args(argv)
    true = missed = false = 0
    wrong = []
    for number, case in enumerate(cases(arguments.cases, arguments.seed)):
        mine = found(case.clip)
        true += len(case.cuts)
        missed += len(set(case.cuts) - set(mine))
        false += len(set(mine) - set(case.cuts))
        if mine != case.cuts:
            wrong.append({"case": number, "name": case.name, "cuts": case.cuts, "found": mine})
            print(f"case {number}, {case.name}: cuts {case.cuts}, found {mine}")
    print(f"{arguments.cases} cases, {true} cuts: {missed} missed, {false} invented")
    content = {"seed": arguments.seed, "cuts": true, "missed": missed, "invented": false}
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps({**content, "wrong": wrong}, indent=2) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
