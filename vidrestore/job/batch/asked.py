"""What a run over many files is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from vidrestore.config import BatchConfig


@dataclass(frozen=True, slots=True)
class Asked:
    """Files to restore, and how.

    Attributes:
        source: a folder, or a text file that lists files, one a line.
        output: the folder that results go into.
        preset: a preset's name or file, for all files.
        options: by dotted name, those that outweigh every preset.
        also: a further result of every video, of the same frames: how its name ends, such as
            "access.mp4", and its preset; None for none.
        include: patterns as of ``.gitignore``; with any, only files that match one are taken.
        exclude: patterns of files and folders that are left out.
        batch: how the work goes.
        until: stop then, at the end of the segments under way.
        watch: whether to go on looking for new files when all is done.
        overwrite: whether results may replace files that this folder held before.
        bag: whether results are put into a BagIt bag, too, beside their folder.
        premis: whether every job is described in PREMIS 3, too.
        frame_hashes: whether every frame of every result is hashed.
        logs: whether each file gets a log of its own, lines of JSON.
    """

    source: Path
    output: Path
    preset: str = "default"
    options: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[str, str] | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    batch: BatchConfig = field(default_factory=BatchConfig)
    until: datetime | None = None
    watch: bool = False
    overwrite: bool = False
    bag: bool = False
    premis: bool = False
    frame_hashes: bool = False
    logs: bool = False
