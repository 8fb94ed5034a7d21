"""``vidrestore clean RESULT|FOLDER``."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from vidrestore.cli.display.output import show_lines
from vidrestore.text.escaping import quoted
from vidrestore.text.wording import counted, size


def clean(
    *paths: Annotated[
        str,
        Parameter(
            name="RESULT|FOLDER",
            help="A result that was never finished, or a folder with such results.",
        ),
    ],
    dry_run: Annotated[
        bool,
        Parameter(negative=(), show_default=False, help="Only list what would be removed."),
    ] = False,
) -> int:
    """Remove the finished segments (RESULT.part) of jobs that will not go on.

    What a job is at work on just now is left alone, and what holds anything else.
    """
    # Its module needs much that help does not.
    from vidrestore import api  # noqa: PLC0415

    found = [left for path in paths or (".",) for left in api.find_left(path)]
    for left in found:
        if left.held:
            show_lines(f"{left.path}: left alone, a job is at work on it")
            continue
        if left.foreign is not None:
            show_lines(
                f"{left.path}: left alone, it holds {quoted(left.foreign)}, which no job wrote"
            )
            continue
        if not dry_run:
            api.remove_left(left)
        show_lines(f"{left.path}: {size(left.size)} {'would be ' if dry_run else ''}removed")
    if not found:
        show_lines("nothing was left")
    else:
        gone = [left for left in found if not left.held and left.foreign is None]
        show_lines(f"{counted(len(gone), 'folder')}, {size(sum(left.size for left in gone))}")
    return 0
