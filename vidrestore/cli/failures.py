"""How a failure reaches the user: one line on stderr and an exit code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, get_args, get_origin

from cyclopts import Token
from cyclopts.exceptions import (
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from vidrestore.cli.display.output import complain
from vidrestore.cli.words import typed
from vidrestore.config import Config
from vidrestore.config.messages import sections
from vidrestore.config.moved import MOVED
from vidrestore.errors import ConfigError, NoMemoryError, VidrestoreError
from vidrestore.errors import exit_code as code_of
from vidrestore.runtime.loading import uncollected
from vidrestore.runtime.memory import TOO_LITTLE, lacks_memory
from vidrestore.text.escaping import quoted, shown
from vidrestore.text.nearest import nearest, nearest_option


def exit_code(error: VidrestoreError) -> int:
    """Tell the error in one line; give the code to end with."""
    complain(in_flags("; ".join(filter(None, (str(error), notes(error))))))
    return code_of(error)


def refuse_without(flag: str, given: Mapping[str, bool]) -> None:
    """Refuse options of a call that lacks the one that they are for.

    Args:
        flag: that is missing.
        given: whether each was given, by its name.

    Raises:
        ConfigError: one was.
    """
    for name, there in given.items():
        if there:
            raise ConfigError(f"{name} is for {flag}, which is missing")


def notes(error: BaseException) -> str:
    """What was added to an error on its way: what is left of the job, above all."""
    return "; ".join(getattr(error, "__notes__", ()))


_ARGUMENTS = {
    "overwrite=True": "--overwrite",
    "restart=True": "--restart",
    "jobs=1": "--jobs 1",
    "fewer jobs": "a lower --jobs",
    "at=TIME": "--at TIME",
    "without output.strict": "without --strict",
    "start and end": "--from and --to",
    "input.mask is for": "--mask is for",
    "copies are made of": "further results (--also) are made of",
    "the copies are others": "--also or --also-preset is another",
}
_ARGUMENT = re.compile("|".join(map(re.escape, _ARGUMENTS)))
_OPTION = "|".join(
    rf"{section}\.(?:{'|'.join(model.model_fields)})" for section, model in sections(Config).items()
)
# No part of a path, of a longer name, or of a flag that is one already.
_BARE = re.compile(rf"(?<![\w./\\-])(?:{_OPTION})(?![\w./\\-]*\w)")
# What is wrong within a file of options is told by the names that stand there.
_IN_FILE = re.compile(rf"(?:{'|'.join(sections(Config))})\.\w+ in |\.toml\b")


def in_flags(text: str) -> str:
    """A message of the library, which speaks of arguments, in words of the command line."""
    said = _ARGUMENT.sub(lambda match: _ARGUMENTS[match[0]], text)
    return said if _IN_FILE.search(said) else _BARE.sub(lambda match: f"--{match[0]}", said)


@contextmanager
def loading_libraries() -> Iterator[None]:
    """Libraries are loaded in the block; say in one line where that fails.

    Raises:
        NoMemoryError: too little memory is allowed or free.
        VidrestoreError: a library is missing or broken.
    """
    try:
        with uncollected():
            yield
    except MemoryError as error:
        raise no_memory() from error
    except (ImportError, OSError, RuntimeError) as error:
        if lacks_memory(error):
            raise no_memory() from error
        raise unloadable(error) from error


def is_unloadable(error: BaseException) -> bool:
    """Whether an error says that a library is missing or broken, wherever it was first needed."""
    if isinstance(error, ImportError):
        return (error.name or "").partition(".")[0] != "vidrestore"
    return isinstance(error, OSError) and "shared object" in str(error)


def unloadable(error: BaseException) -> VidrestoreError:
    """The error for a library that cannot be loaded."""
    reason = shown(str(error).splitlines()[0] if str(error) else type(error).__name__)
    return VidrestoreError(
        f"a library cannot be loaded ({reason}); `vidrestore doctor` tells what is missing"
    )


def no_memory() -> NoMemoryError:
    """The error for a computer, or a limit, that lacks memory."""
    return NoMemoryError(f"{TOO_LITTLE}, and run the same command again")


# How much a command or an option must be like what was typed to be what was meant.
_LIKE = 0.6


def parse_failure(error: CycloptsError) -> VidrestoreError:
    """What the parser refused, in this program's words."""
    command = " ".join(("vidrestore", *(error.command_chain or ())))
    if isinstance(error, UnknownOptionError):
        known = [name for entry in error.argument_collection for name in entry.names]
        text = _unknown_option(error.token.keyword or error.token.value, known, command)
    elif isinstance(error, UnknownCommandError):
        word = typed((error.unused_tokens or ["?"])[0])
        commands = [] if error.app is None else [str(name) for name in error.app]
        names = [name for name in commands if not name.startswith("-")]
        hint = nearest(word, names, likeness=_LIKE)
        text = f"there is no command {quoted(word)}{hint}; choose {', '.join(names)}"
    elif isinstance(error, MissingArgumentError) and error.argument is not None:
        given = (token.keyword for token in error.argument.tokens if token.keyword)
        name = error.argument.name.lstrip("-").upper()
        text = f"{name} is missing; `{command} --help` shows how to call it"
        if keyword := error.keyword or next(given, None):
            text = f"{keyword} needs a value"
    elif isinstance(error, CoercionError) and error.token is not None:
        text = _no_value(error, error.token)
    elif isinstance(error, RepeatArgumentError):
        text = f"{error.token.keyword} is given twice; give it once"
    elif isinstance(error, UnusedCliTokensError):
        extra = " ".join(typed(error.unused_tokens or []))
        text = f"{quoted(extra)} is too much; `{command} --help` shows how to call it"
    else:
        error.verbose = False
        said = typed(str(error)).rstrip(".")
        text = said[:1].lower() + said[1:]
    return ConfigError(text)


def _no_value(error: CoercionError, token: Token) -> str:
    """What an option or argument was given, and does not take."""
    name = token.keyword or ("" if error.argument is None else error.argument.name.lstrip("-"))
    kind, value = error.target_type, typed(token.value)
    if get_origin(kind) is Literal:
        words = [str(word) for word in get_args(kind)]
        must, hint = " or ".join(", ".join(words).rsplit(", ", 1)), nearest(value, words)
    else:
        must, hint = "true or false" if kind is bool else "a whole number", ""
    return f"{name} is {quoted(value)}, but must be {must}{hint}"


def _is_name(word: str) -> bool:
    """Whether a word that begins with a dash is more likely a file's name than an option's."""
    if Path(word).suffix and not word.startswith("--"):
        return True
    try:
        return Path(word).exists()
    except (OSError, ValueError):
        return False


def _unknown_option(word: str, known: list[str], command: str) -> str:
    """Name the nearest option; for a known section, among its own and list them.

    Args:
        word: that was typed.
        known: all options of the command.
        command: whose help lists them.
    """
    if _is_name(word):
        return f"there is no option {quoted(word)}; a file of that name is given as ./{shown(word)}"
    word = word.partition("=")[0]
    section, _, option = word.partition(".")
    known = [name for name in known if name.removeprefix("--") not in MOVED]
    own = [name.partition(".")[2] for name in known if name.startswith(section + ".")]
    if own and option:
        hint = nearest_option(section, option, [name for name in known if "." in name])
        return f"there is no option {word}{hint}; {section[2:]} has {', '.join(own)}"
    if whole := [name for name in known if name.partition(".")[2] == word.lstrip("-")]:
        return f"there is no option {word} (did you mean {' or '.join(whole)}?)"
    # By their names alone: the dashes, which all have, would make any two of them alike.
    long = [name.removeprefix("--") for name in known if name.startswith("--")]
    if hint := nearest(word.lstrip("-"), long, "--", likeness=_LIKE):
        return f"there is no option {word}{hint}"
    return f"there is no option {word}; `{command} --help` shows those that there are"
