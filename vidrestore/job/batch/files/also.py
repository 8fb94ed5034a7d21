"""A further result of every video: an access copy beside a master."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vidrestore.config import CONTAINERS, PHOTOS, Config
from vidrestore.errors import ConfigError
from vidrestore.job.batch.records.table import Table
from vidrestore.text.escaping import quoted


class Also:
    """How it is called, and encoded.

    Args:
        end: of its name, such as "access.mp4".
        preset: of how it is encoded; what that says of faces has no say here.

    Raises:
        ConfigError: no container is called so, or there is no such preset.
    """

    def __init__(self, end: str, preset: str) -> None:
        if Path(f"x.{end}").suffix.lower() not in CONTAINERS or "/" in end or "\\" in end:
            raise ConfigError(
                f"--also {quoted(end)} is no end of a name; write it as access.mp4, which makes "
                f"NAME.access.mp4 (of {', '.join(sorted(CONTAINERS))})"
            )
        self._end, self._config = end.lstrip("."), Config.preset(preset)

    def name(self, output: Path) -> Path:
        """Of the further result of a result; the result's own for a photo, which has no other."""
        if output.suffix.lower() in PHOTOS:
            return output
        return output.with_name(f"{output.stem}.{self._end}")

    def rival(self, output: Path, table: Table, number: int | None = None) -> Path | None:
        """The result of another file that would share a name with this one or its further one.

        Args:
            output: below the folder of results.
            table: of that folder.
            number: of the file's own row; None if it has none yet.
        """
        mine = self._names(output)
        # ``a.access.mp4`` may be the further result of any ``a``.
        stem = output.name.lower().removesuffix(f".{self._end.lower()}")
        if stem == output.name.lower():
            stem = output.stem
        for row, other in table.called(output.with_name(stem)):
            if row != number and not mine.isdisjoint(self._names(other)):
                return other
        return None

    def _names(self, output: Path) -> set[str]:
        return {str(name).lower() for name in (output, self.name(output))}

    def job(self, output: Path) -> list[Any] | None:
        """What a worker gets; None for a photo."""
        name = self.name(output)
        return None if name == output else [str(name), self._config.model_dump(mode="json")]
