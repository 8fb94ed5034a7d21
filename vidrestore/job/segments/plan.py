"""What a job is going to do, as a value: source, settings, model, and how the work is divided."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Self

from vidrestore.errors import InputError
from vidrestore.text.escaping import shown
from vidrestore.video import Segment

_LOOKED_AT = 1 << 20  # bytes of a source's beginning that identify it
INDIFFERENT: Final[Mapping[str, frozenset[str]]] = {
    "encoder": frozenset({"ffmpeg"}),
    "input": frozenset({"spool", "budget", "max_pixels", "max_gigapixels"}),
    "output": frozenset({"checksum"}),
    "pipeline": frozenset({"queue"}),
}
"""Options on which no bit of a finished part depends; on threads, batches and precision some do."""


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """By what a source is known again.

    Attributes:
        path: absolute.
        size: bytes.
        modified: when it was last written to, nanoseconds.
        beginning: SHA-256 of its first MiB.
    """

    path: str
    size: int
    modified: int
    beginning: str

    @classmethod
    def of(cls, path: str | Path) -> Self:
        """The identity of a file.

        Raises:
            InputError: it cannot be read.
        """
        try:
            with Path(path).open("rb") as file:
                beginning = hashlib.sha256(file.read(_LOOKED_AT)).hexdigest()
            found = Path(path).stat()
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}") from error
        return cls(str(Path(path).resolve()), found.st_size, found.st_mtime_ns, beginning)


@dataclass(frozen=True, slots=True)
class Plan:
    """A job that can be divided; it goes through JSON and back.

    The result is a function of it: bit for bit the same on the same machine, whoever works on which
    segment, and however often the work was stopped.

    Attributes:
        source: the video.
        start: seconds of its clock to begin at; None is its beginning.
        end: seconds before which the last frame begins; None is its end.
        settings: all options, ``{section: {option: value}}``, thread counts among them.
        models: SHA-256 of the weights that restore, empty without a model; and of those that paint
            damage, where there are any.
        version: of vidrestore.
        first: time of the first frame, seconds of the source's clock.
        segments: in order.
        copies: of each further result its name, without its folder, and all options.
    """

    source: SourceIdentity
    start: Fraction | None
    end: Fraction | None
    settings: Mapping[str, Any]
    models: tuple[str, ...]
    version: str
    first: Fraction
    segments: tuple[Segment, ...]
    copies: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    def as_dict(self) -> dict[str, object]:
        """What JSON can hold; ``from_dict`` reads it."""
        return {
            "source": asdict(self.source),
            "start": None if self.start is None else str(self.start),
            "end": None if self.end is None else str(self.end),
            "settings": dict(self.settings),
            "models": list(self.models),
            "version": self.version,
            "first": str(self.first),
            "segments": [segment.as_dict() for segment in self.segments],
            "copies": [[name, dict(settings)] for name, settings in self.copies],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The plan that ``as_dict`` gave.

        Raises:
            KeyError: something is missing.
            TypeError: something is of another kind.
            ValueError: likewise.
        """
        return cls(
            source=SourceIdentity(**data["source"]),
            start=None if data["start"] is None else Fraction(data["start"]),
            end=None if data["end"] is None else Fraction(data["end"]),
            settings=data["settings"],
            models=tuple(data["models"]),
            version=data["version"],
            first=Fraction(data["first"]),
            segments=tuple(Segment.from_dict(segment) for segment in data["segments"]),
            copies=tuple((name, settings) for name, settings in data["copies"]),
        )

    def changes(self, other: Plan) -> list[str]:
        """What is another in a later plan, a few words each; empty if both are the same work.

        Finished parts of the same work are those that the later plan would make.
        """
        changes = []
        if self.source != other.source:
            same = self.source.path == other.source.path
            changes.append("the source has changed" if same else "the source is another")
        if (self.start, self.end) != (other.start, other.end):
            changes.append("the range is another")
        if self.models != other.models:
            changes.append("the model is another")
        if self.version != other.version:
            changes.append(f"vidrestore was {shown(self.version)}, is {shown(other.version)}")
        changes += _differences(self.settings, other.settings)
        if _copies(self) != _copies(other):
            changes.append("the copies are others")
        if not changes and (self.first, self.segments) != (other.first, other.segments):
            changes.append("the source is divided otherwise")
        return changes


def _copies(plan: Plan) -> list[tuple[str, dict[str, Any]]]:
    return [(name, _mattering(settings)) for name, settings in plan.copies]


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    old, new = _mattering(before), _mattering(now)
    return [
        f"{name} was {shown(str(old.get(name)))}, is {shown(str(new.get(name)))}"
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def _mattering(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Options by dotted name on which finished parts depend."""
    found = {
        f"{section}.{name}": value
        for section, options in settings.items()
        for name, value in options.items()
        if name not in INDIFFERENT.get(section, ())
    }
    if "restore.device" in found:
        # Devices of one kind, cuda:0 and cuda:1, compute the same.
        found["restore.device"] = str(found["restore.device"]).partition(":")[0]
    return found
