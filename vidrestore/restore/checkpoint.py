"""Reading GPEN weights safely: no code in a file is ever run.

Safetensors files hold nothing but tensors. Pickled files (.pth, .pt) are read by PyTorch's
restricted unpickler (``weights_only=True``) and by nothing else.
"""

from __future__ import annotations

import hashlib
import pickle
import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from safetensors.torch import save as save_safetensors
from torch import Tensor

from vidrestore.errors import ModelError
from vidrestore.restore.network import Gpen
from vidrestore.restore.published import from_published, to_published
from vidrestore.restore.shape import GpenShape

_AVERAGED = "g_ema"
_WRAPPED = "module."
_MARK = "final_linear.0.weight"
_SHOWN = 4
# A zip archive, and the bare pickle of PyTorch before 1.6.
_PICKLED = (b"PK\x03\x04", b"\x80\x02")
# What the restricted unpickler stumbles into on damaged files beside its own UnpicklingError.
_UNREADABLE = (
    *(RuntimeError, EOFError, LookupError, ValueError, TypeError, AttributeError),
    *(AssertionError, OverflowError, MemoryError, struct.error),
)


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A GPEN as read from a file.

    Attributes:
        path: where it was read.
        sha256: of the file, lower-case hexadecimal.
        shape: the network's free dimensions, read off the tensors.
        state: parameters under the published names, in the file's precision.
    """

    path: Path
    sha256: str
    shape: GpenShape
    state: Mapping[str, Tensor]

    def build(self) -> Gpen:
        """The network with these weights in float32 on the CPU, ready to restore."""
        network = Gpen.empty(self.shape)
        network.load_state_dict(from_published(self.state, self.shape))
        return network.eval().requires_grad_(False)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_checkpoint(path: Path, expected_sha256: str | None = None) -> Checkpoint:
    """Read a GPEN from a .safetensors, .pth or .pt file.

    Training checkpoints are accepted too: the averaged generator, ``g_ema``, is taken, and the
    ``module.`` that multi-GPU training puts before names is dropped.

    Args:
        path: the weight file.
        expected_sha256: what the file must hash to.

    Raises:
        ModelError: if the file is missing, differs from ``expected_sha256``, cannot be read
            without running code, or holds anything but a GPEN; it says what was found.
    """
    try:
        sha256 = sha256_of(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelError(
            f"cannot read model file {path}: {reason}; name an existing .safetensors or .pth file"
        ) from error
    if expected_sha256 is not None and sha256 != expected_sha256:
        raise ModelError(
            f"model file {path} is damaged or not the one expected: SHA-256 {sha256}, "
            f"expected {expected_sha256}; install or fetch it again"
        )
    state = _generator(_read(path), path)
    return Checkpoint(path, sha256, _shape(state, path), state)


def write_checkpoint(network: Gpen, path: Path, dtype: torch.dtype = torch.float16) -> None:
    """Write a network as safetensors under the published names, whole or not at all."""
    state = to_published(network.state_dict(), network.shape)
    ready = {name: value.detach().cpu().to(dtype).contiguous() for name, value in state.items()}
    part = path.with_name(path.name + ".part")
    part.write_bytes(save_safetensors(ready))
    part.replace(path)


def _read(path: Path) -> object:
    """What the file holds, by its content and not by its name."""
    with path.open("rb") as file:
        head = file.read(9)
    if not head:
        raise ModelError(f"model file {path} is empty; fetch it again")
    if len(head) == 9 and head[8:] == b"{" and struct.unpack("<Q", head[:8])[0] < 1 << 32:
        try:
            return load_safetensors(path.read_bytes())
        except SafetensorError as error:
            raise ModelError(
                f"model file {path} is damaged ({_line(error)}); fetch it again"
            ) from error
    if not head.startswith(_PICKLED):
        raise ModelError(
            f"{path} is neither a safetensors file nor a PyTorch checkpoint (it begins with "
            f"{head[:8]!r}); a GPEN .safetensors or .pth file is needed"
        )
    try:
        # By name, torch would hand .safetensors to another reader; its remarks on odd pickles would
        # stand beside the one line that says what is wrong.
        with path.open("rb") as file, warnings.catch_warnings(action="ignore"):
            return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"model file {path} is refused: it is not a plain file of tensors, and pickled code "
            "is never run; use a .safetensors file or a state dict saved by torch.save"
        ) from error
    except _UNREADABLE as error:
        raise ModelError(
            f"model file {path} cannot be read as weights ({_line(error)}); "
            "a GPEN .safetensors or .pth file is needed"
        ) from error


def _line(error: BaseException) -> str:
    """The first line of an error, shortened."""
    lines = str(error).strip().splitlines()
    return lines[0][:120] if lines else type(error).__name__


def _generator(content: object, path: Path) -> dict[str, Tensor]:
    """The GPEN's own state dict inside what was read."""
    if isinstance(content, Mapping) and isinstance(content.get(_AVERAGED), Mapping):
        content = content[_AVERAGED]
    if not isinstance(content, Mapping):
        raise ModelError(
            f"{path} is not a GPEN: it holds a {type(content).__name__}, not a state dict"
        )
    state = {
        str(key).removeprefix(_WRAPPED): value
        for key, value in content.items()
        if isinstance(value, Tensor)
    }
    if _MARK not in state:
        keys = [repr(str(key)) for key in content]
        more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
        found = ", ".join(keys[:_SHOWN]) or "no keys"
        raise ModelError(f"{path} is not a GPEN: it holds {found}{more}")
    return state


def _shape(state: Mapping[str, Tensor], path: Path) -> GpenShape:
    """The shape, after every tensor was compared with it."""
    found = {name: tuple(value.shape) for name, value in state.items()}
    try:
        shape = GpenShape.read(found)
    except (KeyError, IndexError, ValueError) as error:
        raise ModelError(f"{path} is not a whole GPEN: {_line(error)} is missing or odd") from error
    with torch.device("meta"):
        wanted = to_published(Gpen(shape).state_dict(), shape, kernels=False)
    for name, value in wanted.items():
        if name not in found:
            raise ModelError(f"{path} is not a whole GPEN: {name} is missing")
        if found[name] != tuple(value.shape):
            raise ModelError(
                f"{path} is not a GPEN of {shape.size} px: {name} is {found[name]}, "
                f"expected {tuple(value.shape)}"
            )
        if not state[name].is_floating_point():
            raise ModelError(f"{path} is not a GPEN: {name} is {state[name].dtype}")
    return shape
