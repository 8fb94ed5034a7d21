"""A store on a disk that forgets what had not reached it when the power goes."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import IO

from vidrestore.job.segments.store import Store


class ForgetfulStore(Store):
    """Counts what would reach the disk, and loses the power at one of these moments.

    Then the process ends, and the folder is left as such a disk may have it: files have what was
    synchronised; of what was not, the beginning or nothing; a name that was just given may be the
    old one or the new.

    Args:
        folder: as ``Store`` has it.
        moment: at which step the power goes, from 0.
        random: draws what is left of what was not synchronised.
    """

    EXIT = 99

    def __init__(self, folder: Path, moment: int, random: Random) -> None:
        super().__init__(folder)
        self._left, self._random = moment, random
        self._durable: dict[str, bytes] = {}
        if folder.exists():
            self._durable = {entry.name: entry.read_bytes() for entry in folder.iterdir()}

    def sync(self, file: IO[bytes]) -> None:
        """As the store does, unless the power goes before or behind it."""
        self._step()
        super().sync(file)
        path = Path(file.name)
        self._durable[path.name] = path.read_bytes()
        self._step()

    def rename(self, old: Path, name: str) -> None:
        """As the store does, unless the power goes before or behind it."""
        self._step()
        super().rename(old, name)
        self._durable[name] = self._durable.pop(old.name)
        self._step()

    def clear(self) -> None:
        """As the store does; nothing is lost that was to go."""
        super().clear()
        self._durable = {}

    def _step(self) -> None:
        self._left -= 1
        if self._left < 0:
            self._lose()

    def _lose(self) -> None:
        for entry in list(self.folder.iterdir()):
            durable = self._durable.get(entry.name, b"")
            written = entry.read_bytes()
            unsure = written[len(durable) :] if written.startswith(durable) else b""
            kept = self._random.randrange(len(unsure) + 1)
            entry.write_bytes(durable + unsure[:kept])
        os._exit(self.EXIT)
