"""Whether there is room for a result, before hours are spent on it."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from vidrestore.errors import OutputError

# No film was ever kept in less: a bit for 200 pixels, and a twentieth of its source. What a header
# promises may be a lie, so the smaller of both is asked for.
_BITS_PER_PIXEL = 0.005
_SHARE = 0.05


def check_room(
    folder: Path, source: str | Path, frames: int | None, pixels: int, copies: int = 1
) -> None:
    """Refuse a job whose result cannot fit; that it fits is not proven.

    Args:
        folder: of the result, without links; it may have to be made.
        source: the video.
        frames: about how many there will be; None if nothing is known.
        pixels: of each.
        copies: of the result that lie there at once: its parts, and the whole.

    Raises:
        OutputError: less is free than the result takes at least; the cause is a full disk.
    """
    least = (frames or 0) * pixels * _BITS_PER_PIXEL / 8
    # A pattern or a folder of pictures has no size of its own, but can be counted.
    if Path(source).is_file():
        least = min(least, Path(source).stat().st_size * _SHARE)
    least *= copies
    what = "the result takes" if copies == 1 else "its parts and the result take"
    while not folder.exists():
        folder = folder.parent
    free = _free(folder)
    if free is not None and free < least:
        raise OutputError(
            f"{folder} has {free / 1e6:.1f} MB free, but {what} {least / 1e6:.1f} MB at the "
            "very least; make room, or choose another folder"
        ) from OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _free(folder: Path) -> int | None:
    """Bytes; None where the file system does not say."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
