"""The beat that tells other processes that this one still works, whatever it is at."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from vidrestore.errors import OutputError
from vidrestore.job.batch.records.table import BEAT, Table


class Heart:
    """Beats in a thread of its own while a ``with`` block runs.

    Args:
        output: the folder of results.
        owner: who works.
    """

    def __init__(self, output: Path, owner: str) -> None:
        self._output, self._owner = output, owner
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="vidrestore-heart", daemon=True)

    def _beat(self) -> None:
        with Table(self._output) as table:
            while not self._over.wait(BEAT):
                # A disk is full for a while, another process holds the table: the next beat counts.
                with suppress(OutputError):
                    table.beat(self._owner)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Beat no more."""
        self._over.set()
        self._thread.join()
