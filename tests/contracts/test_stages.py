"""What every stage of the pipeline declares, and keeps to: its latency and its memory in frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.stand_ins.details import of_detail
from tests.stand_ins.fakes import FakeRestorer
from vidrestore.build import Finder, Inpainting, build_finding, build_restoring, given_engine
from vidrestore.config import Config
from vidrestore.datatypes import Face, Frame, FrameFormat, Image
from vidrestore.detect.networks.landmark_network import TEMPLATE, Placed
from vidrestore.pipeline import NamedStage
from vidrestore.report import ModelUsed

FACES = Config().with_options(
    {
        "film.deflicker": "frame",
        "film.repair": "faces",
        "interlaced.mode": "keep",
        "restore.texture": 0.5,
    }
)
WHOLE = FACES.with_options({"film.repair": "frame"})
FORMAT = FrameFormat(128, 96, "gray", "gray", chroma_shift=(0, 0))
FRAMES, FROM = 132, 115
"""Of the clip; and the first whose result is compared with a run that begins later."""


def clip() -> Iterator[Frame]:
    """A bright face with dark features that wanders in noise."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[: FORMAT.height, : FORMAT.width]
    for index in range(FRAMES):
        cx, cy = 64 + 9 * np.sin(index / 9), 48 + 5 * np.cos(index / 7)
        face = np.hypot(x - cx, (y - cy) / 1.25) < 30
        eyes = np.hypot(abs(x - cx) - 11, y - cy + 8) < 4
        plane = 60 + 120 * face - 90 * (eyes & face) + rng.normal(0, 5, face.shape)
        plane = np.clip(plane, 0, 255).astype(np.uint8)
        plane.flags.writeable = False
        yield Frame(index, index * 40, 40, Fraction(1, 1000), (plane,), FORMAT)


class Brightest:
    """Finds the one bright face."""

    def detect(self, images: Sequence[Image], /) -> list[tuple[Face, ...]]:
        return [(self._face(image),) for image in images]

    def _face(self, image: Image) -> Face:
        rows, columns = np.nonzero(image[..., 0] > 120)
        centre = np.array([columns.mean(), rows.mean()])
        offsets = np.array([(-11, -8), (11, -8), (0, 4), (-9, 16), (9, 16)], np.float64)
        half = np.array([30, 37])
        box = np.array([*(centre - half), *(centre + half)])
        return Face(box, centre + offsets, 0.9)


class Placer:
    """Places landmarks by what the crop shows, so that they differ from frame to frame."""

    def place(self, crops: Image) -> Placed:
        moves = (crops.reshape(len(crops), -1).mean(axis=1) - 100) / 50
        return Placed(TEMPLATE + moves[:, None, None], np.full((len(crops), 5), 0.5))


def stages(config: Config) -> list[NamedStage]:
    """All that a job may run through with some options, made anew."""
    finder = Finder(Brightest(), Placer())  # type: ignore[arg-type] - a stand-in
    engine = given_engine(FakeRestorer(lambda crops: 255 - crops), config.restore)
    painting = Inpainting(FakeRestorer(lambda crops: crops // 2), ModelUsed("p", "none", ""))
    detail = of_detail(engine.restorer.size, 3.0, 5.0, 6.0)
    engine = engine._replace(inpainting=painting, detail=detail)
    workers = build_finding(config, finder) + build_restoring(config, engine, lambda frame: frame)
    return [stage for _, part in workers for stage in part]


def every_stage() -> list[NamedStage]:
    """All that there are: those that repair whole frames, and after them those for faces."""
    found = stages(FACES)
    at = [stage.name for stage in found].index("align")
    others = stages(WHOLE)
    found[at + 1 : at + 1] = [stage for stage in others if stage.name == "repaint"]
    whole = [stage for stage in others if stage.name in {"repair", "scratches"}]
    found[at:at] = [replace(stage, name=f"whole {stage.name}") for stage in whole]
    return found


@dataclass
class Passed:
    """What went into a stage, what came out, and how much of it after each item."""

    stage: NamedStage
    taken: list[Any]
    given: list[Any]
    counts: list[int]


@cache
def run() -> list[Passed]:
    """The clip through all stages."""
    items: list[Any] = list(clip())
    passed = []
    for named in every_stage():
        entry = Passed(named, items, [], [])
        for item in items:
            entry.given += named.stage.push(item)
            entry.counts.append(len(entry.given))
        entry.given += named.stage.flush()
        passed.append(entry)
        items = entry.given
    return passed


NAMES = [named.name for named in every_stage()]


def test_all_stages_are_here_and_each_gives_a_result_for_each_frame():
    assert len(set(NAMES)) == len(NAMES) == 23
    assert all(len(entry.given) == FRAMES for entry in run())


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_no_result_comes_later_than_the_latency(number):
    entry = run()[number]
    late = [index + 1 - count for index, count in enumerate(entry.counts)]
    assert max(late) <= entry.stage.stage.latency


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_no_result_depends_on_frames_before_the_memory(number):
    entry, stage = run()[number], every_stage()[number].stage
    if stage.memory is None:
        pytest.skip("it remembers a shot, or a track of it")
    begun = FROM - stage.memory
    first = started(entry.taken[begun])
    given = [out for item in [first, *entry.taken[begun + 1 :]] for out in stage.push(item)]
    given += stage.flush()
    for index, result in enumerate(given[stage.memory :], FROM):
        assert equal(result, entry.given[index]), f"frame {index}"


def started(item: Any) -> Any:
    """The same item as the first of a shot."""
    if hasattr(item, "shot_start"):
        return replace(item, shot_start=True)
    if hasattr(item, "aligned"):
        return replace(item, aligned=replace(item.aligned, shot_start=True))
    return item


def equal(a: Any, b: Any) -> bool:
    """Whether two values are the same, numbers of frames counted anew aside."""
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and bool((a == b).all())
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(equal, a, b))
    if is_dataclass(a) and not isinstance(a, type):
        ignored = {"shot_start", "handle"} | ({"index"} if isinstance(a, Frame) else set())
        names = [field.name for field in fields(a) if field.name not in ignored]
        return all(equal(getattr(a, name), getattr(b, name)) for name in names)
    return isinstance(a, Callable) or a == b  # type: ignore[arg-type]
