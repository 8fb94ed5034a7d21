"""A further result of the same restored frames: an access copy beside a master."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from vidrestore.cli.restoring.names import STILLS, Pair
from vidrestore.config import CONTAINERS
from vidrestore.errors import ConfigError, OutputError
from vidrestore.text.escaping import quoted, shown


def with_copies(pairs: Sequence[Pair], also: str, *, several: bool) -> list[Pair]:
    """Each result with the name of its further one; a photo has none.

    Args:
        pairs: what is restored.
        also: a file; of several results, how the names of theirs end, as of a batch.
        several: whether results go into a folder, or are pieces of a video.

    Raises:
        ConfigError: it is no name of a video, or no end of one.
        OutputError: a further result would have the name of another file of the call.
    """
    if Path(f"x{also}").suffix.lower() not in CONTAINERS:
        kinds = ", ".join(sorted(CONTAINERS))
        raise ConfigError(f"--also {quoted(also)} has no name of a video; let it end in {kinds}")
    if several and os.path.basename(also) != also:  # noqa: PTH119 - any separator of the system's
        raise ConfigError(
            f"--also {quoted(also)}: of several results it is how names end; write it as "
            "access.mp4, which makes NAME.access.mp4 beside each"
        )
    found = [pair._replace(copy=_name(pair, also) if several else also) for pair in pairs]
    _check_apart(found)
    return found


def _name(pair: Pair, end: str) -> str | None:
    """The further result of one of several, beside it."""
    path = Path(pair.output)
    if path.suffix.lower() not in STILLS:
        return str(path.with_name(f"{path.stem}.{end.lstrip('.')}"))
    if "%" in path.name:
        raise ConfigError(
            f"--also is named by its result, but {shown(pair.output)} is a pattern of pictures; "
            "restore the pieces one by one"
        )
    return None


def _check_apart(pairs: Sequence[Pair]) -> None:
    sources = {os.path.realpath(pair.source) for pair in pairs}
    taken = {os.path.realpath(pair.output): pair.source for pair in pairs}
    for pair in pairs:
        if pair.copy is None:
            continue
        real = os.path.realpath(pair.copy)
        if real in sources:
            raise OutputError(f"--also: {shown(pair.copy)} is an input itself; name another file")
        if real in taken:
            raise OutputError(
                f"--also: {shown(pair.copy)} is the result of {shown(taken[real])} as well; give "
                "it another name"
            )
        taken[real] = pair.source
