"""The state dict of a network whose shape its own library knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from vidrestore.config.origin import is_weights_hash
from vidrestore.errors import ModelError
from vidrestore.weights.folder import find_weights
from vidrestore.weights.reading.stored import Contents, StoredTensor
from vidrestore.weights.reading.weight_file import open_weights


def read_state(path: Path, option: str) -> Mapping[str, Tensor]:
    """The tensors of a weight file, without the prefix that data-parallel training leaves.

    Args:
        path: of the file, or "sha256:..." of one in the folder of fetched weights.
        option: that named the file, for what the errors say.

    Raises:
        ModelError: the file is missing, unreadable, or holds anything but named tensors.
    """
    path = find_weights(str(path)) if is_weights_hash(str(path)) else path
    try:
        with open_weights(path) as file:
            state = file.tensors(_named_tensors(path, file.contents))
            return {name.removeprefix("module."): tensor for name, tensor in state.items()}
    except ModelError as error:
        raise ModelError(f"{error}; check {option}") from error


def _named_tensors(path: Path, contents: Contents) -> Mapping[str, StoredTensor]:
    value = contents.value
    if not contents.broken and isinstance(value, Mapping) and value:
        found = {name: each for name, each in value.items() if isinstance(each, StoredTensor)}
        if len(found) == len(value):
            return found
    asked = ", ".join(contents.globals[:3])
    why = f"; it asks for {asked}, but pickled code is never run" if asked else ""
    raise ModelError(f"{path} is not a state dict: named tensors were expected{why}")
