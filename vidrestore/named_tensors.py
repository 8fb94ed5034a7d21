"""Named tensors of weight files for facexlib's networks, read without running a pickle."""

from __future__ import annotations

import pickle
import struct
import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from vidrestore.errors import ModelError

# What torch.load and safetensors raise on files that are not theirs, or are damaged.
UNREADABLE = (
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SafetensorError,
    TypeError,
    ValueError,
    struct.error,
)


def read_state(path: Path, option: str) -> Mapping[str, Tensor]:
    """The tensors of a weight file, without the prefix that data-parallel training leaves.

    Args:
        path: .safetensors, or a .pth that is read without executing any of it.
        option: that named the file, for what the errors say.

    Raises:
        ModelError: the file is missing, unreadable, or holds anything but named tensors.
    """
    if not path.is_file():
        raise ModelError(f"there is no weight file {path}: check {option}")
    try:
        if path.suffix == ".safetensors":
            state = load_file(path)
        else:
            with warnings.catch_warnings():
                # A pickle that torch did not write is told once, as an error.
                warnings.simplefilter("ignore", UserWarning)
                state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise ModelError(f"{path} is refused: it holds more than tensors, or is damaged") from None
    except UNREADABLE as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"{path} cannot be read as a weight file: {reason}") from None
    if not isinstance(state, dict) or not all(
        isinstance(key, str) and isinstance(value, Tensor) for key, value in state.items()
    ):
        raise ModelError(f"{path} is not a state dict: named tensors were expected")
    return {key.removeprefix("module."): value for key, value in state.items()}
