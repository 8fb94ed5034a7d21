"""What one job is asked for."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Self, TypeAlias

from vidrestore.config import CONTAINERS, Config
from vidrestore.errors import ConfigError
from vidrestore.text.escaping import shown
from vidrestore.video import Readable, Writable, name_of

Source: TypeAlias = str | Path | Readable
"""A video: its name, or an open binary file."""
Output: TypeAlias = str | Path | Writable
"""Where a result goes: a name, or an open binary file."""
Settings: TypeAlias = Config | str | Path | Mapping[str, Any] | None
"""Options as a program gives them; see ``Config.of``."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A further result of a job: the same frames, encoded otherwise.

    Attributes:
        output: its name.
        config: how it is encoded, its size, and what becomes of the other streams; the rest has no
            say.
    """

    output: Path
    config: Config

    def encoded_as(self, config: Config) -> Self:
        """The copy of a result with these options: as many threads encode it, if it leaves that."""
        threads = self.config.encoder.threads or config.encoder.threads
        return replace(self, config=self.config.with_options({"encoder.threads": threads}))

    def as_plain(self) -> tuple[str, dict[str, Any]]:
        """What JSON can hold: the name, without its folder, and the settings."""
        return self.output.name, self.config.model_dump(mode="json")

    @classmethod
    def from_plain(cls, folder: Path, name: str, settings: Mapping[str, Any]) -> Self:
        """The copy in a folder that ``as_plain`` told."""
        return cls(folder / name, Config.model_validate(settings))


@dataclass(frozen=True, slots=True)
class Task:
    """A video to restore.

    Attributes:
        source: the video, as it was named, or an open file.
        output: the result's name, the pattern of numbered pictures, or an open file.
        start: seconds of the source's clock to begin at; None is its beginning.
        end: seconds before which the last frame begins; None is its end.
        overwrite: whether an existing result is replaced.
        jobs: processes that share the segments; 1 is this one alone, 0 as many as pay.
        restart: whether what an earlier run left of the same job is thrown away.
        keep_parts: whether finished parts are left where they are once they are put together.
        copies: further results of the same frames.
    """

    source: Source
    output: Output
    start: Fraction | None = None
    end: Fraction | None = None
    overwrite: bool = False
    jobs: int = 1
    restart: bool = False
    keep_parts: bool = False
    copies: tuple[Copy, ...] = ()

    @property
    def source_name(self) -> str:
        """The video as messages and reports call it."""
        return name_of_file(self.source)

    @property
    def output_name(self) -> str:
        """The result as messages and reports call it."""
        return name_of_file(self.output)

    @property
    def file(self) -> Path | None:
        """The result's name; None where it goes into an open file."""
        return Path(self.output) if isinstance(self.output, str | Path) else None

    @property
    def place(self) -> Path:
        """The result's name; where it goes into an open file, one in the folder it is made in."""
        return self.file or Path(tempfile.gettempdir(), "result.mkv")


def check_file(name: str, file: object, method: str) -> None:
    """Refuse what is neither a name nor an open file that would do, before any work.

    Args:
        name: the argument it was given to, for the error.
        file: what was given.
        method: that an open file needs, "read" or "write".

    Raises:
        ConfigError: it would not do.
    """
    if isinstance(file, str | Path):
        if not str(file):
            raise ConfigError(f"{name} is an empty name; name a file")
        return
    if not callable(getattr(file, method, None)):
        raise ConfigError(f"{name} is {shown(file)}; give a name, or an open binary file")
    if isinstance(file, io.TextIOBase):
        raise ConfigError(
            f"{name} {name_of(file)} is open as text; open it as binary, with mode '{method[0]}b'"
        )
    if isinstance(file, io.IOBase) and (
        file.closed or not (file.readable() if method == "read" else file.writable())
    ):
        why = "is closed" if file.closed else f"was not opened to {method}"
        raise ConfigError(f"{name} {name_of(file)} {why}; open it with mode '{method[0]}b'")


def copies_of(output: Output, copies: Mapping[str | Path, Settings] | None) -> tuple[Copy, ...]:
    """The copies that a program asks for: of each its name, and options.

    Raises:
        ConfigError: one is the result itself or no video, or its options are none.
    """
    if copies is not None and not isinstance(copies, Mapping):
        raise ConfigError(f"copies is {shown(copies)}; give a mapping of names to options")
    found = []
    for name, settings in (copies or {}).items():
        if Path(name).suffix.lower() not in CONTAINERS:
            raise ConfigError(
                f"the copy {name} has no name of a video; let it end in one of "
                f"{', '.join(sorted(CONTAINERS))}"
            )
        if isinstance(output, str | Path) and Path(name) == Path(output):
            raise ConfigError(f"the copy {name} is the result itself; give it another name")
        found.append(Copy(Path(name), Config.of(settings).for_result(str(name))))
    return tuple(found)


def name_of_file(file: Source | Output) -> str:
    """A name as it was given; of an open file, its own."""
    return str(file) if isinstance(file, str | Path) else name_of(file)
