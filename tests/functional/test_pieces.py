"""A piece of a shot finds the same faces as the whole shot, beyond a declared number of frames."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np

from tests.made_pictures.portraits import ASTRONAUT, astronaut
from vidrestore.align.hold import MEMORY as HELD
from vidrestore.build import build_finder, build_finding, build_restoring, given_engine
from vidrestore.config import Config
from vidrestore.datatypes import Face, Frame, FrameFormat, TrackedFace, TrackedFrame
from vidrestore.detect.locate import MEMORY
from vidrestore.paste.grain.window import FRAMES as GRAINY
from vidrestore.pipeline import NamedStage, chain
from vidrestore.temporal.blend import SHARE_REACH as BLENDED
from vidrestore.track.smoothing import SETTLED

SIDE = 128
GRAY = FrameFormat(SIDE, SIDE, "gray", "gray", chroma_shift=(0, 0), full_range=True)
FRAMES, FIRST = 220, 31
CLOSE = 0.5  # size of a head that is restored


def place(index: int, size: float = 0.24) -> np.ndarray:
    """(2, 3) frame_from_portrait: a head that sways and comes nearer."""
    scale = size * (1 + 0.1 * np.sin(index / 23))
    shift = (4 * np.sin(index / 7), 3 * np.sin(index / 11))
    middle = np.full(2, SIDE / 2) + shift - scale * ASTRONAUT.mean(axis=0)
    return np.column_stack([scale * np.eye(2), middle])


class Noisy:
    """Knows each picture's face, and errs as the picture's own samples say."""

    def __init__(self, pictures: Sequence[np.ndarray]) -> None:
        self._index = {picture.tobytes(): index for index, picture in enumerate(pictures)}

    def detect(self, images: Sequence[np.ndarray], /) -> list[tuple[Face, ...]]:
        return [(self._face(np.ascontiguousarray(image[..., 0])),) for image in images]

    def _face(self, plane: np.ndarray) -> Face:
        matrix = place(self._index[plane.tobytes()])
        seed = int.from_bytes(hashlib.sha256(plane.tobytes()).digest()[:8])
        points = ASTRONAUT @ matrix[:, :2].T + matrix[:, 2]
        points += np.random.default_rng(seed).normal(0, 0.4, points.shape)
        return Face(np.concatenate([points.min(axis=0) - 8, points.max(axis=0) + 8]), points, 0.9)


def frames(pictures: Sequence[np.ndarray], first: int) -> Iterator[Frame]:
    for index, picture in enumerate(pictures[first:]):
        yield Frame(index, (first + index) * 40, 40, Fraction(1, 1000), (picture,), GRAY)


def found(config: Config, pictures: Sequence[np.ndarray], first: int) -> list[TrackedFrame]:
    workers = build_finding(config, build_finder(config, Noisy(pictures)))
    stages = [stage for _, part in workers for stage in part]
    return list(chain(frames(pictures, first), stages))


def worn(count: int, size: float = 0.24) -> list[np.ndarray]:
    portrait = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY)
    soft = cv2.GaussianBlur(portrait, (0, 0), 1.8)
    noise = np.random.default_rng(0)
    pictures = []
    for index in range(count):
        shown = cv2.warpAffine(
            soft, place(index, size), (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT
        )
        plane = (shown + noise.normal(0, 3, shown.shape)).round().clip(0, 255).astype(np.uint8)
        plane.flags.writeable = False
        pictures.append(plane)
    return pictures


def test_landmarks_of_a_piece_are_those_of_the_whole_bit_for_bit() -> None:
    config = Config().with_options({"detect.every": 2})
    pictures = worn(FRAMES)
    whole, piece = found(config, pictures, 0), found(config, pictures, FIRST)
    window = 2 * SETTLED + (MEMORY + 2) * config.detect.every + config.track.lookahead
    settled = slice(FIRST + window, FRAMES)
    assert settled.stop - settled.start > 20
    near = whole[FIRST + 1].faces[0]
    assert not np.array_equal(near.landmarks, piece[1].faces[0].landmarks)  # it has a memory
    for one, other in zip(whole[settled], piece[window:], strict=True):
        (a,), (b,) = one.faces, other.faces
        assert (a.state, a.score, a.error) == (b.state, b.score, b.error)
        np.testing.assert_array_equal(a.landmarks, b.landmarks)


def test_faces_of_a_piece_are_restored_as_those_of_the_whole_bit_for_bit() -> None:
    config = Config()
    first, stages = 20, (HELD, config.temporal.rest, BLENDED, GRAINY)
    window = sum(stages)
    count = first + window + 10
    tracked = [
        TrackedFrame(frame, frame.index == 0, (tracked_face(frame.index),))
        for frame in frames(worn(count, CLOSE), 0)
    ]
    piece = [replace(tracked[first], shot_start=True), *tracked[first + 1 :]]
    whole, part = (
        [item.frame.planes[0] for item in chain(items, restoring(config))]
        for items in (tracked, piece)
    )
    assert not np.array_equal(whole[first], tracked[first].frame.planes[0])
    assert not np.array_equal(whole[first + 1], part[1])
    np.testing.assert_array_equal(whole[first + window :], part[window:])


def restoring(config: Config) -> list[NamedStage]:
    """The stages that a user's options give, about a restorer that sharpens."""
    engine = given_engine(Sharpening(), config.restore)
    return [stage for _, part in build_restoring(config, engine) for stage in part]


def tracked_face(index: int) -> TrackedFace:
    """Where the head is, as a filter that errs a little may have it."""
    matrix = place(index, CLOSE)
    points = ASTRONAUT @ matrix[:, :2].T + matrix[:, 2]
    points += np.random.default_rng(index).normal(0, 0.05, points.shape)
    return TrackedFace(1, points, "measured", index, 0.9)


class Sharpening:
    size = 64

    def restore(self, crops: np.ndarray, /) -> np.ndarray:
        soft = np.stack([cv2.GaussianBlur(crop, (0, 0), 1.5) for crop in crops])
        sharp = crops + 0.8 * (crops.astype(np.float32) - soft)
        return sharp.round().clip(0, 255).astype(np.uint8)
