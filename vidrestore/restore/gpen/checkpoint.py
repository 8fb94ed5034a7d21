"""A GPEN as read from a file, and writing one: no code in a file is ever run.

Reading is the work of ``weights.reading.weight_file``; here a state dict becomes a network.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import torch
from safetensors.torch import save as save_safetensors
from torch import Tensor

from vidrestore.errors import ModelError
from vidrestore.restore.beside import Beside
from vidrestore.restore.detail import DetailNetwork, FineDetail, RefinementNetwork
from vidrestore.restore.gpen.confidence import Confidence
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.published import from_published, key_pairs, to_published
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.restore.gpen.validation import gpen_shape
from vidrestore.restore.recognise import described, recognise
from vidrestore.runtime.whole_file import whole_file
from vidrestore.text.escaping import quoted
from vidrestore.weights.reading.stored import StoredTensor
from vidrestore.weights.reading.weight_file import WeightFile, open_weights, sha256_of

# Layers without tensors count, too: every other one, and those of a small network.
_NUMBERED: Final = 64
_NUMBER: Final = re.compile(r"\d+", re.ASCII)
_BESIDE: Final = (Confidence.prefix, DetailNetwork.prefix, RefinementNetwork.prefix)

Small = TypeVar("Small", bound=Beside)

__all__ = [
    "Checkpoint",
    "gpen_in",
    "read_checkpoint",
    "read_state",
    "sha256_of",
    "write_checkpoint",
    "write_state",
]


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A GPEN as read from a file.

    Attributes:
        path: where it was read.
        sha256: of the file, lower-case hexadecimal.
        shape: the network's free dimensions, read off the tensors.
        state: parameters under the published names, in the file's precision.
        beside: those of small networks beside it, under their names in the file; empty if there
            are none, as in every published file.
    """

    path: Path
    sha256: str
    shape: GpenShape
    state: Mapping[str, Tensor]
    beside: Mapping[str, Tensor]

    def build(self) -> Gpen:
        """The network with these weights in float32 on the CPU, ready to restore."""
        network = Gpen.empty(self.shape)
        network.load_state_dict(from_published(self.state, self.shape))
        return network.eval().requires_grad_(False)

    def build_confidence(self) -> Confidence | None:
        """What tells how far to trust the network, in float32 on the CPU; None if there is none.

        Raises:
            ModelError: its tensors are not a whole one.
        """
        return self._beside(Confidence)

    def build_detail(self) -> FineDetail | None:
        """What knows of the finest detail of its results; None if there is nothing.

        Raises:
            ModelError: its tensors are not those of whole networks.
        """
        missing, refinement = self._beside(DetailNetwork), self._beside(RefinementNetwork)
        if missing is None and refinement is None:
            return None
        return FineDetail(self.shape.size, missing, refinement)

    def _beside(self, kind: type[Small]) -> Small | None:
        try:
            return kind.found(self.beside, self.shape.size)
        except ModelError as error:
            raise ModelError(f"{self.path} cannot be used: {error}") from error


def read_checkpoint(path: Path, expected_sha256: str | None = None) -> Checkpoint:
    """Read a GPEN from a .safetensors, .pth or .pt file.

    Training checkpoints are accepted too: the averaged generator, ``g_ema``, is taken, and the
    ``module.`` that multi-GPU training puts before names is dropped.

    Args:
        path: the weight file.
        expected_sha256: what the file must hash to.

    Raises:
        ModelError: if the file is missing, differs from ``expected_sha256``, is damaged or made to
            do harm, or holds anything but a GPEN; it says what was found.
    """
    with open_weights(path, expected_sha256) as file:
        shape, tensors = gpen_in(file)
        wanted = {theirs: tensors[theirs] for _, theirs in key_pairs(shape)}
        small = {name: t for name, t in tensors.items() if name.startswith(_BESIDE)}
        state = read_state(file, wanted | small)
        beside = {name: state.pop(name) for name in small}
        return Checkpoint(path, file.sha256, shape, state, beside)


def gpen_in(file: WeightFile) -> tuple[GpenShape, Mapping[str, StoredTensor]]:
    """The GPEN in a file: its shape, and its tensors, none of which is read.

    Raises:
        ModelError: it holds anything but a GPEN; it says what was found.
    """
    found = recognise(file.contents)
    if found.architecture != "GPEN":
        known = found.architecture
        what = f"{known}'s state dict" if known else described(file.contents)
        if not found.tensors and file.contents.globals:
            asked = ", ".join(file.contents.globals[:3])
            what += f"; it asks for {asked}, but pickled code is never run"
        raise ModelError(f"{file.path} is not a GPEN: it is {what}")
    try:
        return gpen_shape(found.tensors), found.tensors
    except ValueError as error:
        raise ModelError(f"{file.path} cannot be used: {error}") from error


def read_state(file: WeightFile, wanted: Mapping[str, StoredTensor]) -> dict[str, Tensor]:
    """Read the tensors of a state dict.

    Raises:
        ModelError: one is damaged, holds what is not a finite number, or is numbered far beyond how
            many there are: who builds a network by such a number builds for ever.
    """
    most = _NUMBERED + 2 * len(wanted)
    for name in wanted:
        numbers = [int(part[:9]) for part in name.split(".") if _NUMBER.fullmatch(part)]
        if max(numbers, default=0) > most:
            raise ModelError(
                f"model file {file.path} is refused: {quoted(name, 60)} is numbered beyond its "
                f"{len(wanted)} tensors; fetch it again from its source"
            )
    state = file.tensors(wanted)
    for name, tensor in state.items():
        # A sum is finite only if all numbers are; in float64 it cannot overflow by itself.
        if tensor.is_floating_point() and not tensor.sum(dtype=torch.float64).isfinite():
            raise ModelError(
                f"model file {file.path} is refused: {name} holds NaN or infinite numbers; "
                "fetch it again from its source"
            )
    return state


def write_checkpoint(
    network: Gpen,
    path: Path,
    dtype: torch.dtype = torch.float16,
    beside: Iterable[Beside | None] = (),
) -> None:
    """Write a network as safetensors under the published names, whole or not at all.

    Small networks, those that are there, are written beside it.
    """
    state = to_published(network.state_dict(), network.shape)
    for small in beside:
        state |= {} if small is None else small.named()
    write_state(state, path, dtype)


def write_state(
    state: Mapping[str, Tensor],
    path: Path,
    dtype: torch.dtype | None = None,
    metadata: dict[str, str] | None = None,
) -> None:
    """Write a state dict as safetensors, whole or not at all.

    Args:
        state: tensors by name.
        path: the file, which is replaced if it exists.
        dtype: to convert floating-point tensors to; None keeps them.
        metadata: texts to store beside the tensors.

    Raises:
        OSError: the folder cannot be written to.
    """
    ready = {}
    for name, value in state.items():
        tensor = value.detach().cpu()
        ready[name] = (tensor.to(dtype) if dtype and tensor.is_floating_point() else tensor).clone(
            memory_format=torch.contiguous_format
        )
    with whole_file(path) as file:
        file.write(save_safetensors(ready, metadata))
