"""Restoring one segment: the stages from its frames to its packets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

from vidrestore.build import Engine, Finder, RedrawScaler, build_finding, build_restoring
from vidrestore.config import Config
from vidrestore.datatypes import Frame, PastedFrame, TrackedFrame
from vidrestore.job.segments.part import Part, Placed
from vidrestore.job.segments.store import NewFile
from vidrestore.pipeline import NamedStage, Timings, run
from vidrestore.report import Facts, Progress, Resumed
from vidrestore.stages import Resizer, Sink
from vidrestore.video import WHOLE, Encoding, PartSink, Segment, VideoSource


class _Counted:
    """Frames on their way; knows how many of the file's there were.

    Args:
        frames: of a segment and its context, or of a whole video.
    """

    def __init__(self, frames: Iterable[Frame]) -> None:
        self.count = 0
        self._frames = frames

    def __iter__(self) -> Iterator[Frame]:
        for frame in self._frames:
            # Two fields are one frame of the file.
            self.count += frame.field != "bottom" and frame.role == "result"
            yield frame


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is written down while frames pass.

    Attributes:
        facts: of finished frames.
        timings: seconds of work by stage.
        seam: the faces by which tracks are known in the next segment; None where nobody asks.
    """

    facts: Facts = field(default_factory=Facts)
    timings: Timings = field(default_factory=Timings)
    seam: Seam | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job's frames.

    Attributes:
        facts: of all of them.
        frames: frames of the file.
        timings: seconds of work by stage.
        warnings: of the restorer.
        resumed: what an earlier run had done.
    """

    facts: Facts
    frames: int
    timings: Timings
    warnings: tuple[str, ...]
    resumed: Resumed = field(default_factory=Resumed)


class Work:
    """Restores segments of one source.

    Args:
        config: all options.
        frames: the source.
        scaler: brings frames to the result's size; None where they keep theirs.
        engine: restores faces.
        finder: finds them.
        stop: set it from anywhere to end early.
    """

    def __init__(
        self,
        config: Config,
        frames: VideoSource,
        scaler: Resizer | None,
        engine: Engine,
        finder: Finder,
        *,
        stop: threading.Event | None,
    ) -> None:
        self._config, self.frames, self.scaler = config, frames, scaler
        self._engine, self._finder, self.stop = engine, finder, stop

    def restore(
        self,
        segment: Segment,
        sink: Sink,
        ledger: Ledger,
        progress: Callable[[Progress], None] | None = None,
    ) -> int:
        """Bring a segment's frames into a sink, which is not finished.

        Args:
            segment: what to restore.
            sink: takes finished frames.
            ledger: takes note of them.
            progress: is called after each frame, in the encoder's thread.

        Returns:
            How many frames of the file they were.

        Raises:
            Interrupted: ``stop`` was set.
        """
        facts, seam = ledger.facts, ledger.seam
        counted, running = _Counted(self.frames.segment(segment)), time.perf_counter()

        def consume(pasted: PastedFrame) -> None:
            if pasted.frame.role != "result":
                return
            sink.push(pasted.frame)
            facts.observe(pasted)
            if progress is not None:
                elapsed = time.perf_counter() - running
                progress(facts.progress(self.frames.frame_estimate, elapsed, counted.count))

        finding = build_finding(self._config, self._finder, self.frames.info.picture.upright)
        if seam is not None:
            name, stages = finding[-1]
            finding[-1] = name, [*stages, NamedStage("track", seam)]
        boil = self.scaler.boil if isinstance(self.scaler, RedrawScaler) else None
        if boil is not None:
            boil.taken()  # what a segment that failed has left
        run(
            counted,
            finding + build_restoring(self._config, self._engine, self.scaler),
            consume,
            capacity=self._config.pipeline.queue,
            stop=self.stop,
            timings=ledger.timings,
        )
        if boil is not None:
            facts.boiled(*boil.taken())
        return counted.count

    def whole(self, sink: Sink, progress: Callable[[Progress], None] | None) -> Done:
        """Bring all frames into a sink, which is not finished.

        Raises:
            Interrupted: ``stop`` was set.
        """
        ledger = Ledger()
        frames = self.restore(WHOLE, sink, ledger, progress)
        return Done(ledger.facts, frames, ledger.timings, self._engine.warnings)

    def part(
        self,
        segment: Segment,
        encodings: Sequence[Encoding],
        packets: NewFile,
        progress: Callable[[Progress], None] | None = None,
    ) -> Part:
        """Restore a segment; its packets, of all results, go into a file.

        Raises:
            Interrupted: ``stop`` was set.
            VidrestoreError: what went wrong, in a line.
        """
        seam, sink = Seam(segment), PartSink(encodings, packets)
        ledger = Ledger(seam=seam)
        try:
            frames = self.restore(segment, sink, ledger, progress)
            ledger.timings.timed("encode", sink.finish)
        finally:
            sink.abort()
        return Part(
            segment.number,
            ledger.facts,
            frames,
            self.frames.decoded.as_dict(),
            sink.encoded,
            self._engine.warnings,
            ledger.timings.seconds,
            seam.head,
            seam.tail,
        )

    def sought_rightly(self, segment: Segment, part: Part) -> bool:
        """Whether a segment has the frames that its packets promise, or was not sought at all."""
        if segment.landing is None or segment.frames is None:
            return True
        return part.facts.frames == segment.frames * self.frames.rate


class Seam:
    """Notes the faces of the frames by which a segment's tracks are known in the next.

    A ``Stage[TrackedFrame, TrackedFrame]`` that passes on what it gets.

    Args:
        segment: whose frames come.

    Attributes:
        head: faces of the frame before the segment.
        tail: faces of its last frame.
    """

    latency: Final = 0
    memory: Final = 0

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self.head: tuple[Placed, ...] = ()
        self.tail: tuple[Placed, ...] = ()

    def push(self, item: TrackedFrame, /) -> Iterable[TrackedFrame]:
        """The same frame."""
        time: Fraction = item.frame.pts * item.frame.time_base
        if time == self._segment.before:
            self.head = tuple(map(Placed.of, item.faces))
        elif time == self._segment.last:
            self.tail = tuple(map(Placed.of, item.faces))
        return (item,)

    def flush(self) -> Iterable[TrackedFrame]:
        """Nothing is ever held."""
        return ()


def through(segment: Segment) -> Segment:
    """The same segment, for a file that is decoded from its beginning."""
    return replace(segment, landing=None)
