"""What becomes of a job's frames: the result that is asked for, and copies of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vidrestore.build import build_copy_scaler, build_sink, target_of
from vidrestore.config import Config
from vidrestore.datatypes import Frame
from vidrestore.errors import OutputError
from vidrestore.job.task import Copy, Task
from vidrestore.report import CopyMade, Hashed
from vidrestore.report.keeping.fixity import hashed
from vidrestore.report.types import Algorithm
from vidrestore.stages import Resizer
from vidrestore.video import Encoding, PictureSink, VideoSink, VideoSource

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """One result.

    Attributes:
        config: how it is encoded.
        sink: writes it.
        scaler: brings finished frames to its size; None where they have it.
    """

    config: Config
    sink: VideoSink | PictureSink
    scaler: Resizer | None = None


class Results:
    """All results of a job, each from the same frames as they come; implements ``stages.Sink``.

    Args:
        task: names them.
        config: of the first result.
        frames: the source.
        scaler: brings its frames to the first result's size; None where they keep theirs.

    Attributes:
        all: in order; the first is what the report tells of, all others are copies.

    Raises:
        OutputError: one of them cannot be written as asked; nothing is left behind.
        ConfigError: an encoder is missing or refuses its options.
    """

    def __init__(
        self, task: Task, config: Config, frames: VideoSource, scaler: Resizer | None
    ) -> None:
        self._copies = task.copies
        self.all: list[Result] = []
        try:
            sink = build_sink(config, frames, scaler, task.output, overwrite=task.overwrite)
            self.all.append(Result(config, sink))
            written = frames.format if scaler is None else scaler.format
            for copy in task.copies:
                own, encoded = build_copy_scaler(copy.config, frames, written), copy.config
                sink = build_sink(
                    encoded, frames, own or scaler, copy.output, overwrite=task.overwrite
                )
                self.all.append(Result(encoded, sink, own))
        except BaseException:
            self.abort()
            raise

    @property
    def first(self) -> VideoSink | PictureSink:
        """The sink of what the report tells of."""
        return self.all[0].sink

    @property
    def divisible(self) -> bool:
        """Whether all can be put together from segments."""
        return all(result.sink.target is not None for result in self.all)

    @property
    def videos(self) -> list[VideoSink]:
        """The sinks of results that are put together from segments."""
        return [result.sink for result in self.all if isinstance(result.sink, VideoSink)]

    def push(self, frame: Frame, /) -> None:
        """Write a frame to each.

        Raises:
            OutputError: if encoding or writing fails.
        """
        for result in self.all:
            result.sink.push(frame if result.scaler is None else result.scaler(frame))

    def finish(self) -> None:
        """Publish each, whole.

        Raises:
            OutputError: if that fails; those before it are in their places then.
        """
        for result in self.all:
            result.sink.finish()
        for copy in self.made(None):
            for warning in copy.warnings:
                _log.warning("%s: %s", copy.output, warning)

    def abort(self) -> None:
        """Give up what is not finished; safe at any time, from any thread, and twice."""
        for result in self.all:
            result.sink.abort()

    def made(self, algorithm: Algorithm | None) -> tuple[CopyMade, ...]:
        """What is known of the copies.

        Args:
            algorithm: to hash them by, when they are finished; None hashes nothing.

        Raises:
            OutputError: one cannot be read.
        """
        return tuple(
            CopyMade(
                str(copy.output),
                result.config.model_dump(),
                tuple(dict.fromkeys(result.sink.warnings)),
                None if algorithm is None else _hashed(copy.output, algorithm),
            )
            for copy, result in zip(self._copies, self.all[1:], strict=True)
        )


def encodings_of(
    config: Config,
    frames: VideoSource,
    scaler: Resizer | None,
    output: Path,
    copies: Sequence[Copy],
) -> list[Encoding]:
    """How the frames of a segment become packets of each result, in the order of ``Results``."""
    written = frames.format if scaler is None else scaler.format
    found = [Encoding(target_of(config, frames, scaler, output))]
    for copy in copies:
        own = build_copy_scaler(copy.config, frames, written)
        found.append(Encoding(target_of(copy.config, frames, own or scaler, copy.output), own))
    return found


def _hashed(path: Path, algorithm: Algorithm) -> Hashed | None:
    try:
        return hashed(path, algorithm)
    except OSError as error:
        raise OutputError(
            f"{path} is finished and whole, but cannot be hashed: {error.strerror}"
        ) from error
