"""Finding every face of a photo: at several scales, in tiles, and whichever way up it lies.

A video's frames help each other, so that a small picture of each will do. A photo has one chance.
So it is searched at its full size and at every halving of it, in tiles that the detector's memory
does not grow beyond; what lies on its side or upside down, as scans do, is found by turning it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vidrestore.datatypes import Face, Frame, Look, TrackedFace, TrackedFrame
from vidrestore.detect.preview import reduced_rgb
from vidrestore.detect.turned import TurnedDetector
from vidrestore.stages import Detector

TILE: Final = 640
"""Longest side of what the detector is shown at once, px."""
OVERLAP: Final = 160
"""Of neighbouring tiles, px: faces that are larger are found at half the scale."""
_TURNED_SIDE = 1280  # longest side up to which a picture is searched in all four directions
# A picture lies otherwise than it is stored where a turned one shows so much more of faces.
_CLEARLY, _AT_LEAST = 1.25, 0.25
_SAME = 0.5  # part of the smaller of two boxes that lies in the other, from which on they are one
_WHOLE = 0.1  # of its side that a face must keep from an edge beyond which the picture goes on


@dataclass(frozen=True, slots=True)
class _Tile:
    """A part of the frame, px: x0 <= x < x1, y0 <= y < y1."""

    x0: int
    y0: int
    x1: int
    y1: int


class Search:
    """Finds the faces of photos; a ``Stage[Look, TrackedFrame]``.

    Each picture is a shot of its own.

    Args:
        detector: finds upright faces.
        least: score from which on a face counts, 0..1.
    """

    latency: Final = 0
    memory: Final = 0

    def __init__(self, detector: Detector, least: float) -> None:
        self._detector, self._least = detector, least

    def push(self, item: Look, /) -> Iterable[TrackedFrame]:
        """The same frame with its faces, numbered from left to right."""
        faces = sorted(self._faces(item.frame), key=lambda face: float(face.box[0]))
        tracked = tuple(
            TrackedFace(number, face.landmarks, "measured", 0, face.score)
            for number, face in enumerate(faces, start=1)
        )
        return (TrackedFrame(item.frame, True, tracked),)

    def flush(self) -> Iterable[TrackedFrame]:
        """Nothing is held."""
        return ()

    def _faces(self, frame: Frame) -> list[Face]:
        factors = _factors(frame)
        longest = max(frame.format.width, frame.format.height)
        coarse = [factor for factor in factors if longest / factor <= _TURNED_SIDE] or factors[-1:]
        turned = [self._found(frame, coarse, turns) for turns in range(4)]
        sums = [sum(face.score for face in _merged(faces)) for faces in turned]
        best = int(np.argmax(sums))
        turns = best if sums[best] > _CLEARLY * sums[0] + _AT_LEAST else 0
        fine = self._found(frame, [factor for factor in factors if factor not in coarse], turns)
        # What is found the way the picture lies comes first, and others only beside it.
        others = [face for faces in turned for face in faces]
        return _merged([*_merged(turned[turns] + fine), *_merged(others)], ordered=True)

    def _found(self, frame: Frame, factors: Sequence[int], turns: int) -> list[Face]:
        detector = TurnedDetector(self._detector, turns) if turns else self._detector
        return [
            face
            for factor in factors
            for tile in _tiles(frame, factor)
            for face in _in_tile(detector, frame, tile, factor)
            if face.score >= self._least
        ]


def _factors(frame: Frame) -> list[int]:
    """Reductions, each twice the one before, until one tile shows all."""
    factors = [1]
    while max(frame.format.width, frame.format.height) > TILE * factors[-1]:
        factors.append(2 * factors[-1])
    return factors


def _tiles(frame: Frame, factor: int) -> Iterator[_Tile]:
    """Parts that together cover the frame, in pixels of the frame."""
    across = list(_starts(frame.format.width, factor))
    for y in _starts(frame.format.height, factor):
        for x in across:
            right = min(x + TILE * factor, frame.format.width)
            yield _Tile(x, y, right, min(y + TILE * factor, frame.format.height))


def _starts(length: int, factor: int) -> Iterator[int]:
    room = length - TILE * factor
    if room <= 0:
        yield 0
        return
    count = -(-room // ((TILE - OVERLAP) * factor))
    for number in range(count + 1):
        yield round(room * number / count)


def _in_tile(detector: Detector, frame: Frame, tile: _Tile, factor: int) -> Iterator[Face]:
    """The faces of a part, in the frame's pixels; those that reach out of it are left to others."""
    fmt = frame.format
    width, height = tile.x1 - tile.x0, tile.y1 - tile.y0
    planes = tuple(plane[tile.y0 : tile.y1, tile.x0 : tile.x1] for plane in frame.planes)
    part = replace(frame, planes=planes, format=replace(fmt, width=width, height=height))
    size = max(1, round(width / factor)), max(1, round(height / factor))
    (found,) = detector.detect([reduced_rgb(part, size)])
    scale, corner = np.array([width, height]) / size, np.array([tile.x0, tile.y0])
    for face in found:
        box = (face.box + 0.5) * np.tile(scale, 2) - 0.5 + np.tile(corner, 2)
        margin = _WHOLE * float((box[2:] - box[:2]).max())
        reaches_out = (
            (tile.x0 > 0 and box[0] < tile.x0 + margin)
            or (tile.y0 > 0 and box[1] < tile.y0 + margin)
            or (tile.x1 < fmt.width and box[2] > tile.x1 - 1 - margin)
            or (tile.y1 < fmt.height and box[3] > tile.y1 - 1 - margin)
        )
        if not reaches_out:
            yield Face(box, (face.landmarks + 0.5) * scale - 0.5 + corner, face.score)


def _merged(faces: Sequence[Face], *, ordered: bool = False) -> list[Face]:
    """Each face once, the surest find of it, or the first where they are in order."""
    kept: list[Face] = []
    for face in faces if ordered else sorted(faces, key=lambda face: -face.score):
        if all(_shared(face, other) < _SAME for other in kept):
            kept.append(face)
    return kept


def _shared(first: Face, second: Face) -> float:
    """Part of the smaller box that lies in the other."""
    corner = np.maximum(first.box[:2], second.box[:2])
    extent = np.clip(np.minimum(first.box[2:], second.box[2:]) - corner, 0, None)
    areas = [
        float(np.clip(face.box[2:] - face.box[:2], 1, None).prod()) for face in (first, second)
    ]
    return float(extent.prod()) / min(areas)
