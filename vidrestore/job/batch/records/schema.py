"""The table's file: SQLite, its schema numbered, older ones brought up to date step by step."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

import psutil

from vidrestore.errors import OutputError

FOLDER: Final = ".vidrestore"
"""Beside results: the table, logs, and what processes complain about."""
REPORTS: Final = "reports"
"""Beside results: what was done to each."""
BAGGED: Final = "videos whose faces were restored by vidrestore"
"""What a bag of results says of itself."""
_NAME: Final = "batch.sqlite"
_APPLICATION: Final = 0x76696472  # "vidr"
_WAIT: Final = 60.0  # seconds that another process may keep the table

# File systems of other machines, on which SQLite's log may not be shared.
_DISTANT: Final = (
    *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "afpfs", "9p"),
    *("glusterfs", "ceph", "lustre", "beegfs", "gpfs", "davfs", "webdav", "sshfs", "rclone"),
)

# Each step takes a table of the number before to its own number; none is ever changed again.
_STEPS: Final = (
    """
    CREATE TABLE owners (
        id TEXT PRIMARY KEY, process INTEGER NOT NULL, created REAL NOT NULL, beat REAL NOT NULL
    ) STRICT;
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY,
        source BLOB NOT NULL UNIQUE,
        output TEXT NOT NULL UNIQUE COLLATE NOCASE,
        state TEXT NOT NULL,
        size INTEGER NOT NULL,
        modified INTEGER NOT NULL,
        settings TEXT NOT NULL,
        key TEXT NOT NULL,
        ours INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        deaths INTEGER NOT NULL DEFAULT 0,
        alone INTEGER NOT NULL DEFAULT 0,
        ready REAL NOT NULL DEFAULT 0,
        owner TEXT,
        length REAL,
        frames_done INTEGER NOT NULL DEFAULT 0,
        frames_total INTEGER,
        error TEXT,
        reason TEXT,
        why TEXT,
        begun REAL,
        ended REAL,
        done TEXT NOT NULL DEFAULT '{}'
    ) STRICT;
    CREATE INDEX jobs_by_state ON jobs (state, ready);
    """,
)


def table_of(output: Path) -> Path:
    """The table of a folder of results."""
    return output / FOLDER / _NAME


def bag_of(output: Path) -> Path:
    """The BagIt bag of a folder of results: beside it, absolute."""
    return Path(f"{os.path.normpath(output.absolute())}.bag")


def connect(output: Path, *, make: bool) -> sqlite3.Connection:
    """Open the table of a folder of results, brought up to date.

    Args:
        output: the folder.
        make: whether to begin one where there is none.

    Raises:
        OutputError: there is none, it cannot be opened, is not ours, or is of a later version; or
            the folder lies on another machine.
    """
    path = table_of(output)
    if not make and not path.is_file():
        raise OutputError(f"{output} holds no results of `vidrestore batch`; name its OUT folder")
    _check_near(output)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=_WAIT, isolation_level=None, check_same_thread=False
        )
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{path} cannot be opened: {reason}") from error
    connection.row_factory = sqlite3.Row
    try:
        _bring_up(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise OutputError(
            f"{path} is no table of vidrestore, or is damaged ({error}); move it away to begin anew"
        ) from error
    except OutputError:
        connection.close()
        raise
    return connection


def _bring_up(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # A state that was reported must outlive a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(_STEPS):
        raise OutputError(
            f"{path} was written by a later version of vidrestore; use that, or another OUT folder"
        )
    for number, step in enumerate(_STEPS[version:], version + 1):
        for statement in filter(str.strip, step.split(";")):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
    connection.execute(f"PRAGMA application_id = {_APPLICATION}")
    connection.execute("COMMIT")


def _check_near(output: Path) -> None:
    """Refuse a file system of another machine, by name."""
    here = output if output.exists() else output.parent
    real, best = here.resolve(), ("", "")
    for part in psutil.disk_partitions(all=True):
        if real.is_relative_to(part.mountpoint) and len(part.mountpoint) >= len(best[0]):
            best = (part.mountpoint, part.fstype.lower())
    kind = best[1].removeprefix("fuse.")
    if kind in _DISTANT:
        raise OutputError(
            f"{output} lies on a network file system ({kind}), where processes cannot share the "
            "table of a batch safely; name a folder on a disk of this machine, and copy afterwards"
        )
