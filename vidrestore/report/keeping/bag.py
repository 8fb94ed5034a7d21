"""A BagIt bag (RFC 8493) of results: hard links, so that they are there only once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import bagit

from vidrestore.errors import OutputError


def write_bag(
    target: Path,
    folder: Path,
    files: Sequence[Path],
    algorithm: str,
    about: Mapping[str, str],
) -> None:
    """Make a bag; one that is there is replaced once the new one is whole.

    The library hashes every file anew.

    Args:
        target: the bag's folder, on the file system that the files are on.
        folder: in which the files are.
        files: below it, as they shall lie in the bag.
        algorithm: of the manifest.
        about: what ``bag-info.txt`` tells, by label.

    Raises:
        OutputError: it cannot be made, or something else has its name.
    """
    if target.exists() and not (target / "bagit.txt").is_file():
        raise OutputError(f"{target} is there and is no bag; move it away")
    making = target.with_name(f".{target.name}.part")
    try:
        if making.exists():
            shutil.rmtree(making)
        making.mkdir()
        for file in files:
            place = making / file
            place.parent.mkdir(parents=True, exist_ok=True)
            os.link(folder / file, place)
        bagit.make_bag(str(making), dict(about), checksums=[algorithm])
        if target.exists():
            shutil.rmtree(target)
        making.replace(target)
    except (OSError, bagit.BagError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{target} cannot be made: {reason}") from error
