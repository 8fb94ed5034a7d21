"""Small stand-ins for the real stages; they pass the same contract suites."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from vidrestore.datatypes import DamageEntry, Face, Frame, FrameFormat, Image, PictureFacts
from vidrestore.errors import DeviceError
from vidrestore.stages import Pending


class FakeSource:
    """Frames made by code: a gray ramp that moves, at a constant rate."""

    def __init__(self, count: int = 5, width: int = 32, height: int = 24) -> None:
        self.format = FrameFormat(width, height, "yuv420p")
        self.count = count
        self.closed = False
        self.duration: Fraction | None = Fraction(count, 25)
        self.frame_estimate: int | None = count
        self.description: PictureFacts = {}
        self.damage: list[DamageEntry] = []
        self.warnings: list[str] = []

    def __iter__(self) -> Iterator[Frame]:
        for index in range(self.count):
            yield self.frame(index)

    def frame(self, index: int) -> Frame:
        planes = []
        for plane, (rows, columns) in enumerate(self.format.plane_shapes()):
            y, x = np.mgrid[:rows, :columns]
            planes.append(((x * 3 + y * 5 + index * 7 + plane * 64) % 220 + 16).astype(np.uint8))
            planes[-1].flags.writeable = False
        return Frame(index, index * 40, 40, Fraction(1, 1000), tuple(planes), self.format)

    def close(self) -> None:
        self.closed = True


class FakeSink:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.finished = self.aborted = False

    def push(self, frame: Frame, /) -> None:
        self.frames.append(frame)

    def finish(self) -> None:
        self.finished = True

    def abort(self) -> None:
        self.aborted = not self.finished


class FakeDetector:
    """Finds one face in the middle of every picture that is not black."""

    def detect(self, images: Sequence[Image], /) -> list[tuple[Face, ...]]:
        return [self._faces(image) for image in images]

    def _faces(self, image: Image) -> tuple[Face, ...]:
        if not image.any():
            return ()
        height, width = image.shape[:2]
        side = min(height, width) / 2
        centre = np.array([(width - 1) / 2, (height - 1) / 2])
        offsets = np.array([(-0.2, -0.15), (0.2, -0.15), (0, 0.05), (-0.15, 0.25), (0.15, 0.25)])
        half = np.array([side / 2, side / 2])
        box = np.concatenate([centre - half, centre + half])
        return (Face(box, centre + offsets * side, 0.9),)


class FakeRestorer:
    """Applies a function to each crop; the identity by default."""

    def __init__(self, change: Callable[[Image], Image] | None = None, size: int = 64) -> None:
        self._change = change
        self._size = size

    @property
    def size(self) -> int:
        return self._size

    def restore(self, crops: Image, /) -> Image:
        return crops.copy() if self._change is None else self._change(crops)


class LateRestorer(FakeRestorer):
    """Works ahead: what is on its way is finished when it is asked for, in any order.

    Crops that hold ``poison`` make their batch fail.
    """

    def __init__(
        self,
        change: Callable[[Image], Image] | None = None,
        size: int = 64,
        *,
        ahead: int = 2,
        seed: int = 0,
        poison: int | None = None,
    ) -> None:
        super().__init__(change, size)
        self.ahead, self.most_open = ahead, 0
        self._poison, self._random = poison, random.Random(seed)
        self._open: dict[int, Image] = {}
        self._done: dict[int, Image | None] = {}
        self._count = 0

    def submit(self, crops: Image, /) -> Pending:
        number, self._count = self._count, self._count + 1
        self._open[number] = crops
        self.most_open = max(self.most_open, len(self._open) + len(self._done))
        return partial(self._result, number)

    def _result(self, number: int) -> Image:
        while number not in self._done:
            other = self._random.choice(list(self._open))
            crops = self._open.pop(other)
            failed = self._poison is not None and (crops == self._poison).any()
            self._done[other] = None if failed else self.restore(crops)
        result = self._done.pop(number)
        if result is None:
            raise DeviceError(f"batch {number} failed")
        return result


class Repeat:
    """A stage that holds ``delay`` items back and gives each one ``times`` times."""

    def __init__(self, times: int = 1, delay: int = 0) -> None:
        self._times, self._delay, self._held = times, delay, []

    def push(self, item: Any, /) -> Iterable[Any]:
        self._held.append(item)
        if len(self._held) > self._delay:
            return [self._held.pop(0)] * self._times
        return []

    def flush(self) -> Iterable[Any]:
        held, self._held = self._held, []
        return [item for item in held for _ in range(self._times)]
