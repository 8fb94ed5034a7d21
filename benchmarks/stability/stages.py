"""The pipeline's own stages, run over pictures in memory, part by part.

Finding faces takes most of the time and does not depend on what comes after, so it can be kept:
results are filed under the hash of all that they depend on, the package's source among it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain as joined
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

import vidrestore
from benchmarks.degraded import RATE
from vidrestore.build import Engine, build_finder, build_finding, build_restoring
from vidrestore.config import Config
from vidrestore.datatypes import (
    Frame,
    FrameFormat,
    PastedFrame,
    RestoredFrame,
    Tone,
    TrackedFace,
    TrackedFrame,
)
from vidrestore.pipeline import NamedStage, chain
from vidrestore.stages import Detector

Arrays = dict[str, NDArray[Any]]

# What decides where faces are found.
UPSTREAM = ("detect", "track", "film", "picture")
STATES = ("measured", "propagated", "coasting")


def as_frames(pictures: NDArray[np.uint8]) -> list[Frame]:
    """(T, H, W, 3) uint8 RGB as frames that hold these very samples."""
    height, width = pictures.shape[1:3]
    fmt = FrameFormat(width, height, "gbrp", "rgb", chroma_shift=(0, 0), full_range=True)
    frames = []
    for index, picture in enumerate(pictures):
        planes = tuple(np.ascontiguousarray(picture[..., channel]) for channel in (1, 2, 0))
        for plane in planes:
            plane.flags.writeable = False
        frames.append(Frame(index, index, 1, Fraction(1, RATE), planes, fmt))
    return frames


def as_picture(frame: Frame) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB of a frame made by ``as_frames``."""
    green, blue, red = frame.planes
    return np.stack([red, green, blue], axis=-1)


def find(config: Config, frames: Iterable[Frame], detector: Detector) -> list[TrackedFrame]:
    """Who is where, smoothed as the options say."""
    finder = build_finder(config, detector)
    stages = joined.from_iterable(part for _, part in build_finding(config, finder))
    return list(chain(frames, list(stages)))


def restore(config: Config, engine: Engine, tracked: Sequence[TrackedFrame]) -> list[RestoredFrame]:
    """Crops through the network, not blended yet."""
    return list(chain(tracked, _restoring(config, engine)[0]))


def finish(config: Config, engine: Engine, restored: Sequence[RestoredFrame]) -> list[PastedFrame]:
    """Blended and pasted."""
    return list(chain(restored, _restoring(config, engine)[1]))


def _restoring(config: Config, engine: Engine) -> tuple[list[NamedStage], list[NamedStage]]:
    """The stages up to the network's, and those after it."""
    stages = [stage for _, part in build_restoring(config, engine) for stage in part]
    after = [stage.name for stage in stages].index("restore") + 1
    return stages[:after], stages[after:]


class Kept:
    """Results on disk, by the hash of what they depend on.

    Args:
        folder: where they lie; None keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def get(self, depends: Sequence[object], make: Callable[[], Arrays]) -> Arrays:
        """What was made of the same before, or is made now."""
        if self._folder is None:
            return make()
        name = hashlib.sha256(repr(depends).encode()).hexdigest()[:24]
        file = self._folder / f"{name}.npz"
        if file.is_file():
            with np.load(file, allow_pickle=False) as content:
                return dict(content)
        arrays = make()
        unfinished = file.with_suffix(".part")
        with unfinished.open("wb") as stream:
            np.savez(stream, **cast("dict[str, Any]", arrays))
        unfinished.replace(file)
        return arrays


def source_hash(paths: Sequence[str], root: Path | None = None) -> str:
    """Hash of source files, given as files or folders of the package (or under ``root``)."""
    root = root or Path(vidrestore.__file__).parent
    digest = hashlib.sha256()
    for name in paths:
        path = root / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()


def to_arrays(tracked: Sequence[TrackedFrame]) -> Arrays:
    """Frames' faces and what film says of them, without the frames."""
    faces = [face for item in tracked for face in item.faces]
    return {
        "shot_start": np.array([item.shot_start for item in tracked]),
        "flicker": np.array([_tone(item.frame.flicker) for item in tracked]).reshape(-1, 2),
        "mixed": np.array([item.frame.mixed for item in tracked], np.float64),
        "count": np.array([len(item.faces) for item in tracked]),
        "landmarks": np.array([face.landmarks for face in faces]).reshape(-1, 5, 2),
        "track": np.array([face.track_id for face in faces], np.int64),
        "state": np.array([STATES.index(face.state) for face in faces], np.int64),
        "age": np.array([face.age for face in faces], np.int64),
        "score": np.array([face.score for face in faces], np.float64),
    }


def _tone(tone: Tone | None) -> tuple[float, float]:
    return (math.nan, math.nan) if tone is None else (tone.gain, tone.offset)


def from_arrays(frames: Sequence[Frame], arrays: Arrays) -> list[TrackedFrame]:
    """The reverse of ``to_arrays``."""
    ends = np.cumsum(arrays["count"])
    tracked = []
    starts, firsts = ends - arrays["count"], arrays["shot_start"]
    film = zip(arrays["flicker"], arrays["mixed"], strict=True)
    for frame, start, end, first, (tone, mixed) in zip(
        frames, starts, ends, firsts, film, strict=True
    ):
        faces = tuple(
            TrackedFace(
                int(arrays["track"][i]),
                arrays["landmarks"][i],
                STATES[int(arrays["state"][i])],
                int(arrays["age"][i]),
                float(arrays["score"][i]),
            )
            for i in range(int(start), int(end))
        )
        flicker = None if np.isnan(tone[0]) else Tone(*map(float, tone))
        seen = replace(frame, flicker=flicker, mixed=float(mixed))
        tracked.append(TrackedFrame(seen, bool(first), faces))
    return tracked
