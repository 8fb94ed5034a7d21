"""Weights that lie inside installed packages: found by metadata, checked, never imported."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

from vidrestore.errors import ModelError
from vidrestore.weights.pinned import read_pinned


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file of another distribution, pinned by its SHA-256.

    Attributes:
        distribution: name of the distribution on the package index.
        path: where the file lies inside it, with forward slashes.
        sha256: hexadecimal digest of its bytes.
    """

    distribution: str
    path: str
    sha256: str

    def located(self) -> Path:
        """Where the file lies on this machine.

        Raises:
            ModelError: the distribution is not installed.
        """
        try:
            distribution = importlib.metadata.distribution(self.distribution)
        except importlib.metadata.PackageNotFoundError:
            raise ModelError(
                f"the package {self.distribution}, whose {self.path} finds the faces, is not "
                f"installed: run pip install {self.distribution}"
            ) from None
        return Path(str(distribution.locate_file(self.path)))

    def read(self) -> bytes:
        """The file's bytes, once they are proven to be the expected ones.

        Raises:
            ModelError: the file is missing, unreadable, or differs from the pinned digest.
        """
        return read_pinned(self.located(), self.sha256, f"reinstall the pinned {self.distribution}")
