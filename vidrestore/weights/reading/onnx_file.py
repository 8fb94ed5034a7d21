"""Looking into an ONNX file without any library for it.

An ONNX file is one protocol buffer message (onnx.proto of the ONNX project). This walks its fields,
skipping the numbers, to list inputs, outputs, operators and weights, and to find tensors whose data
lie in other files: those are refused, as a weight file has no business opening other files.
"""

from __future__ import annotations

import math
import mmap
from io import BufferedReader
from itertools import islice
from typing import NamedTuple

from vidrestore.weights.reading.protobuf import Wire
from vidrestore.weights.reading.stored import (
    MOST_DIMENSIONS,
    Contents,
    Storage,
    StoredTensor,
    Unreadable,
    sizes,
    unreadable_storage,
)

_DEEPEST = 32
# A network that restores faces repeats nothing as often as its input says; these might, for ever.
_LOOPS = frozenset({"Loop", "Scan", "SequenceMap"})
_EXTERNAL = 1
_TYPES = {1: "float32", 6: "int32", 7: "int64", 9: "bool", 10: "float16", 11: "float64"}
_TYPES |= {2: "uint8", 3: "int8", 5: "int16", 16: "bfloat16"}


class Graph(NamedTuple):
    """What an ONNX file computes.

    Attributes:
        producer: the program that wrote it.
        inputs: names of its inputs, weights not among them.
        outputs: names of its outputs.
        operators: how often each kind of operator stands in it.
        weights: its tensors by name.
    """

    producer: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    operators: dict[str, int]
    weights: dict[str, StoredTensor]


def looks_like_onnx(head: bytes) -> bool:
    """Whether a file may be one: field 1, the format's version, comes first and is small."""
    return len(head) > 2 and head[0] == 0x08 and 0 < head[1] < 64


def read_onnx(file: BufferedReader, size: int) -> Contents:
    """What an ONNX file holds; ``value`` is a :class:`Graph`.

    Raises:
        Unreadable: it is damaged, holds no graph, or refers to other files.
    """
    with mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) as content:
        walk = _Walk(content)
        found = walk.model(0, size)
    return Contents("ONNX graph", found, unreadable_storage)


class _Walk(Wire):
    """Walks over messages; each is a range of bytes."""

    def __init__(self, content: mmap.mmap) -> None:
        super().__init__(content)
        self._operators: dict[str, int] = {}

    def model(self, start: int, end: int) -> Graph:
        producer, graph = "", None
        for number, value, at in self.messages(start, end):
            if number == 2:
                producer = self.text(at, value)
            elif number == 7:
                graph = (at, value)
            elif number in (20, 25):
                raise Unreadable("its ONNX graph has functions or training parts of its own")
        if graph is None:
            raise Unreadable("it begins like an ONNX file but holds no graph")
        weights, inputs, outputs = self._graph(*graph, 0)
        own = tuple(name for name in inputs if name not in weights)
        return Graph(producer, own, outputs, self._operators, weights)

    def _graph(
        self, start: int, end: int, depth: int
    ) -> tuple[dict[str, StoredTensor], tuple[str, ...], tuple[str, ...]]:
        if depth > _DEEPEST:
            raise Unreadable("its ONNX graphs are nested too deep")
        weights: dict[str, StoredTensor] = {}
        named: dict[int, list[str]] = {11: [], 12: []}
        for number, value, at in self.messages(start, end):
            if number == 1:
                self._node(at, value, depth)
            elif number == 5:
                name, tensor = self._tensor(at, value)
                weights[name] = tensor
            elif number == 15:
                raise Unreadable("its ONNX graph has sparse weights, which are not supported")
            elif number in named:
                named[number].append(self._name(at, value))
        return weights, tuple(named[11]), tuple(named[12])

    def _node(self, start: int, end: int, depth: int) -> None:
        for number, value, at in self.messages(start, end):
            if number == 4:
                kind = self.text(at, value)
                if kind in _LOOPS:
                    raise Unreadable(f"its ONNX graph has a {kind}, which may never end")
                self._operators[kind] = self._operators.get(kind, 0) + 1
            elif number == 5:
                self._attribute(at, value, depth)

    def _attribute(self, start: int, end: int, depth: int) -> None:
        for number, value, at in self.messages(start, end):
            if number in (5, 10):
                self._tensor(at, value)
            elif number in (6, 11):
                self._graph(at, value, depth + 1)
            elif number in (22, 23):
                raise Unreadable("its ONNX graph has sparse weights, which are not supported")

    def _tensor(self, start: int, end: int) -> tuple[str, StoredTensor]:
        shape: list[int] = []
        name, kind = "", 0
        for number, wire, value, at in self.walk(start, end):
            if number == 1 and wire == 0:
                shape.append(value)
            elif number == 1:
                # One more than there may be tells that there are too many.
                shape.extend(islice(self.packed(at, value), MOST_DIMENSIONS + 1))
            elif number == 2:
                kind = value
            elif number == 8:
                name = self.text(at, value)
            elif number == 13 or (number == 14 and value == _EXTERNAL):
                raise Unreadable("its weights lie in other files, which are never opened")
            if len(shape) > MOST_DIMENSIONS:
                break
        sides = sizes(shape)
        storage = Storage(name, _TYPES.get(kind, f"type {kind}"), math.prod(sides))
        return name, StoredTensor(storage, sides)

    def _name(self, start: int, end: int) -> str:
        found = [
            self.text(at, value) for number, value, at in self.messages(start, end) if number == 1
        ]
        return found[-1] if found else ""
