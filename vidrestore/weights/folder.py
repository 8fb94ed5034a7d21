"""The folder of fetched weights, and finding weights in it by their hash."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from vidrestore.errors import ModelError

FOLDER_VARIABLE = "VIDRESTORE_WEIGHTS"
"""Names the folder of fetched weights in place of the user's cache folder."""

_ENDINGS = frozenset({".safetensors", ".pth", ".pt", ".onnx"})


def weights_folder() -> Path:
    """Where fetched weights are kept: a cache folder of the user's, or the one that is set."""
    if chosen := os.environ.get(FOLDER_VARIABLE):
        return Path(chosen).expanduser()
    import pooch  # noqa: PLC0415 - loads the network's libraries, which bundled models need not

    return Path(pooch.os_cache("vidrestore")) / "weights"


def find_weights(named: str) -> Path:
    """The weight file of a hash, among those that ship and those in the folder of fetched ones.

    Args:
        named: "sha256:" and 64 hexadecimal digits.

    Raises:
        ModelError: there is none.
    """
    # It loads torch, which who only lists models can do without.
    from vidrestore.weights.reading.weight_file import sha256_of  # noqa: PLC0415

    digest = named.partition(":")[2]
    for folder in (Path(str(files("vidrestore") / "weights")), weights_folder()):
        for path in sorted(folder.glob("*")):
            if path.suffix in _ENDINGS and path.is_file() and sha256_of(path) == digest:
                return path
    raise ModelError(
        f"no weights of {named} are on this machine; put the file into {weights_folder()}"
    )
