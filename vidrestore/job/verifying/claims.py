"""What a report claims, read as a stranger's: it may say how, and names no program to run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from vidrestore.config import Config
from vidrestore.errors import InputError
from vidrestore.report.keeping.seal import unbroken
from vidrestore.report.types import Hashed, Regions

_LONGEST: Final = 1 << 30  # bytes of a report; two hours with three faces in each frame have 30 MB
_NONE: Final = (ValueError, KeyError, TypeError, AttributeError, RecursionError, ArithmeticError)
"""What reading something else than a report leads to."""
_ALGORITHMS: Final = ("sha256", "sha512", "md5")


@dataclass(frozen=True, slots=True)
class Claims:
    """A report of an earlier job.

    Attributes:
        sealed: whether the file is as it was written, to the byte.
        source: the source, as it was named.
        output: the result, as it was named.
        version: of vidrestore that made it.
        device: where the network ran.
        settings: all options.
        model_file: the weights; None where there was no network.
        model_hash: their SHA-256; empty where it is not known.
        algorithm: of the two hashes below.
        source_hash: None if there is none.
        result_hash: likewise.
        regions: (n, 5) int32, rows ``frame, x0, y0, x1, y1``: all that may have been changed.
        start: seconds of the source's clock that the job began at; None is its beginning.
        end: likewise, before which the last frame began.
    """

    sealed: bool
    source: str
    output: str
    version: str
    device: str
    settings: Mapping[str, Any]
    model_file: str
    model_hash: str
    algorithm: str
    source_hash: Hashed | None
    result_hash: Hashed | None
    regions: Regions
    start: Fraction | None
    end: Fraction | None

    @classmethod
    def read(cls, path: Path) -> Self:
        """What is in a report's file.

        Raises:
            InputError: it cannot be read, or is no report.
        """
        try:
            with path.open("rb") as file:
                content = file.read(_LONGEST)
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}") from error
        try:
            return cls._of(json.loads(content), sealed=unbroken(content))
        except _NONE as error:
            raise InputError(
                f"{path} is no report of this version of vidrestore; name what --report wrote"
            ) from error

    @classmethod
    def _of(cls, told: Mapping[str, Any], *, sealed: bool) -> Self:
        fixity = told["fixity"] or {"algorithm": "sha256", "source": None, "result": None}
        if fixity["algorithm"] not in _ALGORITHMS:
            raise ValueError(fixity["algorithm"])
        rows = [row for track in told["tracks"] for row in track["regions"]]
        return cls(
            sealed=sealed,
            source=str(told["input"]),
            output=str(told["output"]),
            version=str(told["version"]),
            device=str(told["device"]),
            settings=dict(told["settings"]),
            model_file=str(told["model"]["file"]),
            model_hash=str(told["model"]["sha256"]),
            algorithm=fixity["algorithm"],
            source_hash=_hashed(fixity["source"]),
            result_hash=_hashed(fixity["result"]),
            regions=np.array(rows, np.int32).reshape(-1, 5),
            start=None if told["start"] is None else Fraction(told["start"]),
            end=None if told["end"] is None else Fraction(told["end"]),
        )

    def config(self, options: Mapping[str, Any]) -> Config:
        """The options of the job.

        Args:
            options: by dotted name, those that the caller gives in their place.

        Raises:
            ConfigError: the report would have something run or opened; who trusts it gives that
                option.
        """
        mine = {name: dict(values) for name, values in self.settings.items()}
        for name in options:
            section, _, option = name.partition(".")
            mine.get(section, {}).pop(option, None)
        config = Config.from_mapping(mine, " in the report", origin="request")
        return config.with_options(options, origin="flag")


def _hashed(told: Mapping[str, Any] | None) -> Hashed | None:
    return None if told is None else Hashed(int(told["size"]), str(told["digest"]))
