"""Which parts of a job are finished: listed in a journal beside them, so that the job can go on.

The folder ``OUT.part`` holds ``plan.json``; of each finished segment ``00000.packets`` and
``00000.json``; and ``journal.jsonl``, a line for each, which has the hashes of both. A line is
written when both files have reached the disk, so what is in the journal is whole unless the disk
lies, which the hashes would show.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vidrestore.errors import OtherPartsError
from vidrestore.job.segments.part import Part
from vidrestore.job.segments.plan import Plan
from vidrestore.job.segments.store import JOURNAL, PLAN, NewFile, Store

_NAME_ROOM: Final = 250


def folder_of(output: Path) -> Path:
    """Where the parts of a result wait for each other: beside it, and behind links to it."""
    target = Path(os.path.realpath(output))
    # File systems allow names of 255 bytes.
    return target.with_name(f"{os.fsdecode(os.fsencode(target.name)[:_NAME_ROOM])}.part")


def packets_of(number: int) -> str:
    """The file of a segment's packets."""
    return f"{number:05d}.packets"


def facts_of(number: int) -> str:
    """The file of what else is known of a segment."""
    return f"{number:05d}.json"


@dataclass(frozen=True, slots=True)
class Written:
    """The files of a finished part.

    Attributes:
        number: of the segment.
        packets: SHA-256 of its packets' file.
        facts: SHA-256 of its facts' file.
        size: bytes of packets.
    """

    number: int
    packets: str
    facts: str
    size: int


class Journal:
    """The finished parts of one plan.

    Args:
        store: where they lie.
        plan: what is to be done.
    """

    def __init__(self, store: Store, plan: Plan) -> None:
        self._store, self._plan = store, plan
        self._finished: dict[int, Written] = {}

    @property
    def finished(self) -> dict[int, Written]:
        """Of the segments that are done, their files."""
        return dict(self._finished)

    def open(self, *, restart: bool) -> None:
        """Take up what an earlier run of the same plan left, or begin.

        Args:
            restart: whether to begin in any case.

        Raises:
            OtherPartsError: what is there belongs to another plan, which the line describes.
            OutputError: it cannot be read, or is to be begun and holds what no job wrote.
        """
        begun = None if restart else self._store.read(PLAN)
        if begun is None:
            self._store.clear()
            self._store.write(PLAN, _json(self._plan.as_dict()))
            self._store.write(JOURNAL, b"")
            return
        before = self._read(begun)
        changes = before.changes(self._plan)
        lines = [line for line in (self._store.read(JOURNAL) or b"").split(b"\n") if line]
        if changes:
            raise OtherPartsError(
                f"{self._store.folder} holds {len(lines)} finished of "
                f"{len(before.segments)} segments, but {'; '.join(changes)}; give what it was "
                "begun with to go on there, or add restart=True to begin anew"
            )
        for line in lines:
            written = _line(line)
            if written is not None and self._usable(written):
                self._finished[written.number] = written

    def _read(self, begun: bytes) -> Plan:
        try:
            return Plan.from_dict(json.loads(begun))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise OtherPartsError(
                f"{self._store.folder} is of another version of vidrestore, or none of its "
                "folders; add restart=True to replace it, or choose another name"
            ) from error

    def _usable(self, written: Written) -> bool:
        """Whether a part's files are whole, and what this version understands."""
        if written.number not in range(len(self._plan.segments)):
            return False
        names = packets_of(written.number), facts_of(written.number)
        hashes = tuple(self._store.hash(name) for name in names)
        if hashes != (written.packets, written.facts):
            return False
        try:
            return self.part(written.number).number == written.number
        except (ValueError, KeyError, TypeError, AttributeError):
            return False

    def add(self, written: Written) -> None:
        """Note a part whose files have reached the disk.

        Raises:
            OutputError: the journal cannot be written.
        """
        entry = [written.number, written.packets, written.facts, written.size]
        # The line before may have been cut off.
        self._store.append(JOURNAL, b"\n" + json.dumps(entry).encode() + b"\n")
        self._finished[written.number] = written

    def part(self, number: int) -> Part:
        """What is known of a finished part."""
        content = self._store.read(facts_of(number))
        assert content is not None, "a finished part has its file"
        return Part.from_dict(json.loads(content))


def write_part(store: Store, packets: NewFile, part: Part) -> Written:
    """Have a part's files reach the disk; nobody knows of it then.

    Raises:
        OutputError: they cannot be written.
    """
    content = _json(part.as_dict())
    with store.create(facts_of(part.number)) as facts:
        facts.write(content)
        facts.keep()
    packets.keep()
    return Written(part.number, packets.sha256, facts.sha256, packets.size)


def _line(line: bytes) -> Written | None:
    """A line of the journal; None for one that was cut off when it was written."""
    try:
        number, packets, facts, size = json.loads(line)
    except (ValueError, TypeError):
        return None
    return Written(number, packets, facts, size) if isinstance(number, int) else None


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, indent=1).encode() + b"\n"
