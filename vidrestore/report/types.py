"""The values that tell a user, or another program, what a job does and did.

Conventions: frame indices count from 0 within the job (with ``--from`` the first frame of the
range is 0), times are seconds of the source's own clock, durations are seconds, regions are luma
samples ``x0 <= x < x1``, ``y0 <= y < y1`` of the result's frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, ClassVar, Final, Literal

from vidrestore.datatypes import DamageEntry, PictureFacts, Reason, StreamFate
from vidrestore.report.arrays import Regions, Shares
from vidrestore.report.plain import Jsonable
from vidrestore.report.run import Run

Algorithm = Literal["sha256", "sha512", "md5"]
"""Of hashes, as ``hashlib`` calls it."""
SCHEMA: Final = 1
"""Version of the form that reports have; it grows when a field goes or means something else."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The first frame of a new shot.

    Attributes:
        frame: its index; the job's very first frame is not a cut.
        time: its presentation time, seconds.
    """

    frame: int
    time: float


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """The weights that restored the faces.

    Attributes:
        name: catalogue name, or the stem of the user's file.
        file: where it was read from.
        sha256: of that file, 64 hex digits.
        licence: as its catalogue entry or model card says; None if unknown.
    """

    name: str
    file: str
    sha256: str
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class Hashed:
    """A file as it was.

    Attributes:
        size: bytes.
        digest: hash of its content, hexadecimal.
    """

    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Fixity:
    """By which it is known later that files are what they were.

    Attributes:
        algorithm: of the hashes: "sha256", "sha512" or "md5".
        source: the source, read while it was restored; None for what is no file.
        result: the result; None where it is many files.
        frames: of the samples of all frames that the result decodes to, as FFmpeg's hash muxer
            tells it; None unless the report is attached to the result.
    """

    algorithm: Algorithm
    source: Hashed | None
    result: Hashed | None
    frames: str | None = None


@dataclass(frozen=True, slots=True)
class CopyMade:
    """A further result of the same frames, encoded otherwise.

    Attributes:
        output: as it was named.
        settings: every option, ``{section: {option: value}}``, of which those of ``encoder`` and
            ``output`` had a say.
        warnings: what could not be kept in it, one line each.
        file: its size and hash, by the algorithm of ``Report.fixity``; None where none is asked
            for, and in a report that is attached to the result.
    """

    output: str
    settings: Mapping[str, Mapping[str, Any]]
    warnings: tuple[str, ...] = ()
    file: Hashed | None = None


@dataclass(frozen=True, slots=True)
class Untouched:
    """Consecutive frames in which a face was left alone for the same reason.

    Attributes:
        first_frame: index of the first.
        last_frame: index of the last.
        reason: why; the values of ``datatypes.Reason``.
    """

    first_frame: int
    last_frame: int
    reason: Reason


@dataclass(frozen=True, slots=True, eq=False)
class TrackReport:
    """One person's face: where it was restored, and where and why it was left alone.

    Attributes:
        track_id: from 1, in order of first appearance.
        first_frame: index of the first frame in which the face was seen.
        last_frame: index of the last one.
        first_time: presentation time of ``first_frame``, seconds.
        last_time: presentation time of ``last_frame``, seconds.
        faces_restored: frames in which the face was written.
        regions: (faces_restored, 5) int32, rows ``frame, x0, y0, x1, y1`` in ascending order of
            frame: nothing outside these was changed.
        shares: (faces_restored,) float64, 0..1 in thousandths: how much of the
            network's result was written in each of these, on average over the face.
        left_alone: all other frames from first to last, in order.
    """

    track_id: int
    first_frame: int
    last_frame: int
    first_time: float
    last_time: float
    faces_restored: int
    regions: Regions
    shares: Shares
    left_alone: tuple[Untouched, ...] = ()

    def __post_init__(self) -> None:
        """Check that there is one region, and one share, per restored face."""
        if self.regions.shape != (self.faces_restored, 5):
            raise ValueError(f"regions {self.regions.shape} for {self.faces_restored} faces")
        if self.shares.shape != (self.faces_restored,):
            raise ValueError(f"shares {self.shares.shape} for {self.faces_restored} faces")


@dataclass(frozen=True, slots=True)
class Resumed:
    """What an earlier run of the same job had done.

    Attributes:
        segments: finished ones that were used again.
        frames: frames in them.
    """

    segments: int = 0
    frames: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Report(Jsonable):
    """What a finished job did.

    Attributes:
        input: the source as it was named.
        output: the result as it was named.
        frames_in: frames decoded for this job.
        frames_out: frames handed to the encoder.
        duration: seconds from the first frame's time to the end of the last one.
        faces: faces written, over all frames and tracks.
        frames_restored: frames in which at least one face was written.
        frames_without_faces: frames in which none was seen.
        left_alone: faces seen but not written, over all frames and tracks, by reason; the tracks
            tell where. What coasts is not seen and does not count here.
        tracks: by ascending track_id; those of which no face was written, too.
        cuts: in order.
        model: the weights.
        inpainting: those that damage of faces was painted with, where there was any that no other
            frame shows; None without such a network.
        settings: every option of the job, ``{section: {option: value}}``.
        timing: seconds of work per stage; stages run side by side, so the sum exceeds ``seconds``.
        warnings: what the user should know, one line each.
        version: of vidrestore.
        device: where the network ran, such as "cpu" or "cuda:0 (NVIDIA ...)".
        precision: the arithmetic it ran in.
        started: when the job began, with its time zone.
        seconds: wall-clock seconds that it took.
        picture: how the source was scanned and understood, and what was done about it; how many
            frames are black and white (``colourless_frames``), flicker (``flickering_frames``), and
            had flicker, or specks and scratches, taken out as a whole, outside the faces too
            (``deflickered_frames``, ``repaired_frames``).
        streams: what became of each stream of the source: index, kind, codec, language and fate.
        damage: what was wrong with the source, one entry per kind, stream and place: ``kind``,
            ``stream`` (its index; None for the file), ``count``, ``from`` and ``to`` (seconds; None
            if unknown), ``done`` (what was done about it). The kinds are in docs/damage.md.
        resumed: what an earlier run had done.
        fixity: hashes of source and result; None if none were asked for.
        start: seconds of the source's clock that the job was to begin at; None is its beginning.
        end: likewise, before which the last frame begins.
        run: where, when and by what it was done.
        copies: further results of the same frames.
    """

    schema: ClassVar[int] = SCHEMA
    DERIVED: ClassVar[tuple[str, ...]] = ("schema", "frames_per_second")
    SEALED: ClassVar[bool] = True
    VARYING: ClassVar[frozenset[str]] = frozenset(
        {"timing", "started", "seconds", "frames_per_second", "resumed", "run", "fixity", "digest"}
    )
    """What differs between two runs of a job, and between one that was stopped and one that was
    not; all else is the same on the same machine."""

    input: str
    output: str
    frames_in: int
    frames_out: int
    duration: float
    faces: int
    frames_restored: int
    frames_without_faces: int
    left_alone: Mapping[Reason, int]
    tracks: tuple[TrackReport, ...]
    cuts: tuple[Cut, ...]
    model: ModelUsed
    settings: Mapping[str, Mapping[str, Any]]
    timing: Mapping[str, float]
    warnings: tuple[str, ...]
    version: str
    device: str
    precision: str
    started: datetime
    seconds: float
    picture: PictureFacts = field(default_factory=PictureFacts)
    streams: tuple[StreamFate, ...] = ()
    damage: tuple[DamageEntry, ...] = ()
    resumed: Resumed = Resumed()
    fixity: Fixity | None = None
    start: Fraction | None = None
    end: Fraction | None = None
    run: Run | None = None
    copies: tuple[CopyMade, ...] = ()
    inpainting: ModelUsed | None = None

    @property
    def frames(self) -> int:
        """Frames of the result."""
        return self.frames_out

    @property
    def frames_per_second(self) -> float:
        """Frames written per second of wall-clock time; 0 for a job that took no time."""
        return self.frames_out / self.seconds if self.seconds > 0 else 0.0
