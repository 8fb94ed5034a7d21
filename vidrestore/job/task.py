"""What one job is asked for."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from vidrestore.video import Readable, Writable, name_of

Source: TypeAlias = str | Path | Readable
"""A video: its name, or an open binary file."""
Output: TypeAlias = str | Path | Writable
"""Where a result goes: a name, or an open binary file."""


@dataclass(frozen=True, slots=True)
class Task:
    """A video to restore.

    Attributes:
        source: the video, as it was named, or an open file.
        output: the result's name, the pattern of numbered pictures, or an open file.
        start: seconds of the source's clock to begin at; None is its beginning.
        end: seconds before which the last frame begins; None is its end.
        overwrite: whether an existing result is replaced.
        jobs: processes that share the segments; 1 is this one alone, 0 as many as pay.
        restart: whether what an earlier run left of the same job is thrown away.
        keep_parts: whether finished parts are left where they are once they are put together.
    """

    source: Source
    output: Output
    start: Fraction | None = None
    end: Fraction | None = None
    overwrite: bool = False
    jobs: int = 1
    restart: bool = False
    keep_parts: bool = False

    @property
    def source_name(self) -> str:
        """The video as messages and reports call it."""
        return name_of_file(self.source)

    @property
    def output_name(self) -> str:
        """The result as messages and reports call it."""
        return name_of_file(self.output)

    @property
    def file(self) -> Path | None:
        """The result's name; None where it goes into an open file."""
        return Path(self.output) if isinstance(self.output, str | Path) else None

    @property
    def place(self) -> Path:
        """The result's name; where it goes into an open file, one in the folder it is made in."""
        return self.file or Path(tempfile.gettempdir(), "result.mkv")


def name_of_file(file: Source | Output) -> str:
    """A name as it was given; of an open file, its own."""
    return str(file) if isinstance(file, str | Path) else name_of(file)
