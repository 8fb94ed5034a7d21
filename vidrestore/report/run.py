"""Where, when and by what a job was done: what a report needs to stand by itself."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vidrestore.runtime import machine


@dataclass(frozen=True, slots=True)
class Run:
    """The circumstances of a finished job.

    Attributes:
        command: the words of the process that did it.
        folder: its current folder.
        input: absolute path of the source; None for a pipe or an open file.
        output: absolute path of the result; None for a pipe or an open file.
        input_bytes: size of the source; None where it is no single file.
        output_bytes: size of the result; likewise.
        ended: when the result was whole.
        commit: of vidrestore, where it runs from a checkout, "+" where files differ from it.
        versions: of Python, FFmpeg and the packages that results depend on.
        system: the operating system.
        processor: its name and instruction sets.
        cores: that the process might use.
        memory: of the machine, bytes; None where it does not say.
    """

    command: tuple[str, ...]
    folder: str
    input: str | None
    output: str | None
    input_bytes: int | None
    output_bytes: int | None
    ended: datetime
    commit: str | None
    versions: dict[str, str]
    system: str
    processor: str
    cores: int
    memory: int | None


def this_run(source: str, output: str) -> Run:
    """What is known of the job that has just ended.

    Args:
        source: the video, as it was named.
        output: the result, likewise.
    """
    return Run(
        command=tuple(sys.argv),
        folder=os.fspath(Path.cwd()),
        input=_absolute(source),
        output=_absolute(output),
        input_bytes=_bytes(source),
        output_bytes=_bytes(output),
        ended=datetime.now(UTC),
        commit=machine.commit(),
        versions=machine.versions(),
        system=platform.platform(),
        processor=", ".join(filter(None, machine.processor())),
        cores=machine.cores(),
        memory=machine.memory(),
    )


def _absolute(name: str) -> str | None:
    """Of a file, a folder or a pattern of pictures."""
    if name == "-" or name.startswith("<"):
        return None
    return os.path.abspath(name)  # noqa: PTH100 - a link keeps its own name


def _bytes(name: str) -> int | None:
    try:
        return Path(name).stat().st_size if Path(name).is_file() else None
    except (OSError, ValueError):
        return None
