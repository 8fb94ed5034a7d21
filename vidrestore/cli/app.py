"""The commands there are, and how any of them ends."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from cyclopts import App
from cyclopts.exceptions import CycloptsError

from vidrestore import __version__
from vidrestore.cli.display.output import occupy_standard_handles
from vidrestore.cli.failures import exit_code, lacks_memory, no_memory, parse_failure
from vidrestore.errors import ConfigError, VidrestoreError

_COMMANDS = {
    "restore": "Restore the faces of a video.",
    "batch": "Restore folders and lists of videos and photos, overnight.",
    "preview": "Restore a few seconds, and show them beside the original.",
    "compare": "Measure how two videos differ, and show them side by side.",
    "inspect": "Tell what is in a video: streams, timing, cuts, faces and tracks.",
    "clean": "Remove what jobs have left that will not go on.",
    "doctor": "Check this installation: versions, devices, codecs, weights.",
    "models": "List, fetch and convert models, or look into a weight file.",
}
# The parser takes a lone "-" for an option; standard input has another name too.
_STANDARD_INPUT = {"-": "/dev/stdin"}
_DOTTED = re.compile(r"^--(?!no-)[a-z]+\.[a-z-]+", re.ASCII)


def build_app() -> App:
    """The parser; a command's own module is imported only when that command is typed."""
    app = App(
        name="vidrestore",
        help="Restores the faces in videos: steady from frame to frame, and not a sample touched "
        "outside them. `vidrestore COMMAND --help` tells the options of a command.\n\n"
        "Exit codes: 0 done; 2 a call or a file that cannot be used; 3 some of several files "
        "failed; 4 what may pass (disk full, too little memory, a result that another run is "
        "writing, a report that could not be written): the same call may work later; 130 "
        "interrupted.",
        version=__version__,
        help_format="plaintext",
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    for name, help_text in _COMMANDS.items():
        app.command(f"vidrestore.cli.{name}:{name}", name=name, help=help_text)
    return app


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after the program's name; None takes the process's own.

    Returns:
        The exit code, as ``errors.ExitCode`` lists them; what is not 0 is told in one line on
        stderr. An exception of any other kind than ours is a bug and passes through.
    """
    given = sys.argv[1:] if argv is None else argv
    occupy_standard_handles()
    words = [_STANDARD_INPUT.get(word, _underscored(word)) for word in given]
    try:
        if words:
            _check_folder()
        code = build_app()(words, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return exit_code(parse_failure(error))
    except (VidrestoreError, KeyboardInterrupt) as error:
        return exit_code(error)
    except Exception as error:
        if lacks_memory(error):
            return exit_code(no_memory())
        raise
    return int(code or 0)


def _check_folder() -> None:
    try:
        Path.cwd()
    except OSError as error:
        raise ConfigError("the current folder is gone; change to another one first") from error


def _underscored(word: str) -> str:
    """``--detect.max-side`` is ``--detect.max_side``, the name in presets and documentation."""
    return _DOTTED.sub(lambda match: "--" + match[0][2:].replace("-", "_"), word)
