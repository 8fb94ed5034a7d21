"""Whether there is room on the disk, before a file is begun and while it is worked on."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Final

from vidrestore.job.batch.outcome import Notify
from vidrestore.text.wording import size

_PATIENCE: Final = 600.0  # seconds that a full disk is waited for while nothing is at work


class Room:
    """The disk of a folder of results.

    Args:
        output: the folder.
        free: bytes that are to be left free.
        notify: called with lines for the user.
    """

    def __init__(self, output: Path, free: float, notify: Notify) -> None:
        self._output, self._least, self._notify = output, free, notify
        self._free = float("inf")
        self._since: float | None = None

    def look(self) -> None:
        """See how much is free now."""
        self._free = shutil.disk_usage(self._output).free
        if self._free >= self._least:
            self._since = None
        elif self._since is None:
            self._since = time.monotonic()
            self._notify(
                f"{self._output} has {size(self._free)} free, less than {size(self._least)} "
                "(--free): nothing new is begun until there is room"
            )

    @property
    def lacking(self) -> bool:
        """Whether nothing new may be begun."""
        return self._since is not None

    @property
    def scarce(self) -> bool:
        """Whether what is under way is to rest, too."""
        return self._free < self._least / 2

    @property
    def hopeless(self) -> bool:
        """Whether it has been waited for long enough."""
        return self._since is not None and time.monotonic() - self._since > _PATIENCE
