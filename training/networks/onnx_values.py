"""The float tensors inside an ONNX file whose bytes are known to be the expected ones.

An ONNX file is one protocol buffer message (onnx.proto of the ONNX project): the model's field 7 is
the graph, the graph's field 5 a tensor, whose fields are 1 its sizes, 2 its type, 8 its name and 4
or 9 its numbers, little-endian.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

_GRAPH, _TENSOR = 7, 5
_SIZES, _TYPE, _NAME, _NUMBERS = 1, 2, 8, (4, 9)
_FLOAT32 = 1


def float_tensors(content: bytes) -> dict[str, Tensor]:
    """Every float32 tensor of the graph, by name.

    Args:
        content: of a file that was checked by its digest; anything else may be read wrongly.
    """
    found = {}
    for number, graph in _fields(memoryview(content)):
        if number == _GRAPH and isinstance(graph, memoryview):
            for inner, tensor in _fields(graph):
                if inner == _TENSOR and isinstance(tensor, memoryview):
                    found.update(_named(tensor))
    return found


def _named(message: memoryview) -> dict[str, Tensor]:
    sizes: list[int] = []
    name, kind, numbers = "", 0, memoryview(b"")
    for number, value in _fields(message):
        if isinstance(value, int):
            kind = value if number == _TYPE else kind
            sizes += [value] if number == _SIZES else []
        elif number == _SIZES:
            sizes += _packed(value)
        elif number == _NAME:
            name = str(value, "utf-8")
        elif number in _NUMBERS:
            numbers = value
    if kind != _FLOAT32 or len(numbers) != 4 * math.prod(sizes):
        return {}
    return {name: torch.from_numpy(np.frombuffer(numbers, "<f4").copy()).reshape(sizes)}


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of every field: a whole number, or the bytes of what has a length."""
    place = 0
    while place < len(message):
        key, place = _number(message, place)
        if key & 7 == 0:
            value, place = _number(message, place)
            yield key >> 3, value
            continue
        length = {1: 8, 5: 4}.get(key & 7)
        if length is None:
            length, place = _number(message, place)
        yield key >> 3, message[place : place + length]
        place += length


def _packed(message: memoryview) -> list[int]:
    place, values = 0, []
    while place < len(message):
        value, place = _number(message, place)
        values.append(value)
    return values


def _number(message: memoryview, place: int) -> tuple[int, int]:
    """A base-128 number, and where it ends."""
    value = shift = 0
    while True:
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, place
