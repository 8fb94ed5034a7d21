"""The commands there are, and how any of them ends."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cyclopts import App, Parameter
from cyclopts.exceptions import CycloptsError

from vidrestore import __version__
from vidrestore.cli.display.help_pages import HelpPage
from vidrestore.cli.display.output import occupy_standard_handles
from vidrestore.cli.failures import (
    exit_code,
    is_unloadable,
    no_memory,
    parse_failure,
    unloadable,
)
from vidrestore.cli.words import for_parser, typed
from vidrestore.errors import ConfigError, VidrestoreError
from vidrestore.runtime.memory import lacks_memory

_COMMANDS = {
    "restore": "Restore the faces of a video.",
    "batch": "Restore folders and lists of videos and photos, overnight.",
    "preview": "Restore a few seconds, and show them beside the original.",
    "compare": "Measure how two videos differ, and show them side by side.",
    "verify": "Tell whether source, result and model are what a report says.",
    "inspect": "Tell what is in a video: streams, timing, cuts, faces and tracks.",
    "clean": "Remove what jobs have left that will not go on.",
    "doctor": "Check this installation: versions, devices, codecs, weights.",
    "presets": "List, show, compare and save presets.",
    "completion": "Write what has a shell complete commands and options.",
    "models": "List, fetch and convert models, or look into a weight file.",
}
_ALL = "--help-all shows every option of the work; docs/options.md explains them."
# Commands with so many options that --help shows the common ones alone.
_LONG = frozenset(("restore", "batch", "preview", "inspect", "compare", "presets"))
# Commands of batch and presets that are short.
_BELOW = frozenset(("status", "retry", "skip", "report", "list", "show", "diff"))
_HELP, _HELP_ALL = "--help", "--help-all"
# Laid out for 80 columns.
_EXIT_CODES = """\
Exit codes: 0 done; 2 a call or a file that cannot be used; 3 some of several
files failed; 4 what may pass (disk full, too little memory, a result that
another run is writing, a report that could not be written): the same call may
work later; 130 interrupted."""
_EXAMPLES = """\
Examples:
  vidrestore restore old.mp4                      # old.restored.mp4 beside it
  vidrestore restore old.mp4 new.mp4 -p old-film --from 1:30 --to 2:00
  vidrestore restore *.mp4 restored/              # several, into a folder
  vidrestore restore old.mp4 new.mp4 --dry-run    # how long, how large"""


class _Parser(App):
    """Hands every value to its command as it was typed."""

    def parse_args(
        self, *args: Any, **kwargs: Any
    ) -> tuple[Callable[..., Any], inspect.BoundArguments, dict[str, Any]]:
        """What a call asks for: a command and its arguments."""
        command, bound, ignored = super().parse_args(*args, **kwargs)
        for name, value in bound.arguments.items():
            bound.arguments[name] = typed(value)
        return command, bound, ignored


def build_app(words: Sequence[str] = ()) -> App:
    """The parser; a command's own module is imported only when that command is typed.

    Args:
        words: of the call, which tell what help has to show.
    """
    command = words[0] if words and words[0] in _COMMANDS else None
    long = command in _LONG and not _BELOW.intersection(words[1:2])
    app = _Parser(
        name="vidrestore",
        help="Restores the faces in videos: steady from frame to frame, and not a sample touched "
        "outside them. `vidrestore COMMAND --help` tells the options of a command, --help-all all "
        "of them.",
        help_epilogue=_ending(command, long=long),
        version=__version__,
        version_flags=("--version", "-V"),
        help_format="plaintext",
        help_formatter=HelpPage(),
        help_flags=(_HELP, "-h"),
        # Options that do not say otherwise are shown where all are asked for.
        default_parameter=Parameter(show=_HELP_ALL in words or not long),
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    for name, text in _COMMANDS.items():
        # On its own page a command says all that it has to say.
        more = {} if name == command else {"help": text}
        if name == command == "restore":
            more = {"usage": "Usage: vidrestore restore [OPTIONS] IN... [OUT]"}
        app.command(f"vidrestore.cli.{name}:{name}", name=name, **more)
    return app


def _ending(command: str | None, *, long: bool) -> str | None:
    """What stands below a page of help."""
    if command is None:
        return f"{_EXAMPLES}\n\n{_EXIT_CODES}"
    if command != "restore":
        return _ALL if long else None
    from vidrestore.config.presets import preset_names, preset_purpose  # noqa: PLC0415 - takes time

    presets = "\n".join(f"  {name:<12} {preset_purpose(name)}" for name in preset_names())
    return f"Presets:\n{presets}\n\n{_EXAMPLES}\n\n{_ALL}\n\n{_EXIT_CODES}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after the program's name; None takes the process's own.

    Returns:
        The exit code, as ``errors.ExitCode`` lists them; what is not 0 is explained in one line on
        stderr. An exception of any other kind than ours is a bug and passes through.

    Raises:
        KeyboardInterrupt: Ctrl-C came outside a job, or for the second time.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    occupy_standard_handles()
    words = [_HELP if word == _HELP_ALL else word for word in for_parser(given)]
    try:
        if words:
            _check_folder()
        code = build_app(given)(words, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return exit_code(parse_failure(error))
    except VidrestoreError as error:
        return exit_code(error)
    except Exception as error:
        if lacks_memory(error):
            return exit_code(no_memory())
        if is_unloadable(error):
            return exit_code(unloadable(error))
        raise
    return int(code or 0)


def _check_folder() -> None:
    try:
        Path.cwd()
    except OSError as error:
        raise ConfigError("the current folder is gone; change to another one first") from error
