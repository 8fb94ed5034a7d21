"""An ONNX file read whole: its operators in order, and its numbers as tensors (onnx.proto).

For graphs that ``onnx_file`` has looked through: no loops, no other files, no functions.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from vidrestore.weights.reading.protobuf import Wire
from vidrestore.weights.reading.stored import DTYPES, Unreadable, sizes

Attribute = int | float | str | tuple[int, ...] | tuple[float, ...] | Tensor

_TYPES: Final = {1: "float32", 2: "uint8", 3: "int8", 5: "int16", 6: "int32", 7: "int64"}
_MORE_TYPES: Final = {9: "bool", 10: "float16", 11: "float64", 16: "bfloat16"}
_RAW, _FLOATS, _INTS, _LONGS, _DOUBLES = 9, 4, 5, 7, 10
_NUMBER, _EIGHT, _LENGTH, _FOUR = 0, 1, 2, 5  # wire types
_Wires = Mapping[int, frozenset[int]]
_ROW: Final = frozenset({_NUMBER, _LENGTH})
_ATTRIBUTE: Final[_Wires] = {
    1: frozenset({_LENGTH}),
    2: frozenset({_FOUR}),
    3: frozenset({_NUMBER}),
    4: frozenset({_LENGTH}),
    5: frozenset({_LENGTH}),
    7: frozenset({_FOUR, _LENGTH}),
    8: _ROW,
}
"""Wire types of an attribute's fields; of a row of numbers two, as it may be packed."""
_TENSOR: Final[_Wires] = {
    1: _ROW,
    2: frozenset({_NUMBER}),
    8: frozenset({_LENGTH}),
    _RAW: frozenset({_LENGTH}),
    _FLOATS: frozenset({_FOUR, _LENGTH}),
    _INTS: _ROW,
    _LONGS: _ROW,
    _DOUBLES: frozenset({_EIGHT, _LENGTH}),
}


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One operator.

    Attributes:
        kind: such as "Conv".
        inputs: names of values; empty where one is left out.
        outputs: names of values.
        attributes: by name.
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A graph.

    Attributes:
        nodes: in an order in which each comes after those that it needs.
        weights: tensors by name.
        inputs: names and sizes of its inputs, weights not among them; -1 is a size left open.
        outputs: names.
    """

    nodes: tuple[Node, ...]
    weights: Mapping[str, Tensor]
    inputs: Mapping[str, tuple[int, ...]]
    outputs: tuple[str, ...]


def read_program(data: bytes) -> Program:
    """The program in an ONNX file's bytes.

    Raises:
        Unreadable: it is damaged, or holds numbers of a kind that is not known.
    """
    reader = _Reader(data)
    graph = [(at, end) for number, end, at in reader.messages(0, len(data)) if number == 7]
    if not graph:
        raise Unreadable("it holds no graph")
    return reader.graph(*graph[-1])


class _Reader(Wire):
    def graph(self, start: int, end: int) -> Program:
        nodes, weights, inputs, outputs = [], {}, {}, []
        for number, stop, at in self.messages(start, end):
            if number == 1:
                nodes.append(self._node(at, stop))
            elif number == 5:
                name, tensor = self._tensor(at, stop)
                weights[name] = tensor
            elif number == 11:
                name, shape = self._value(at, stop)
                inputs[name] = shape
            elif number == 12:
                outputs.append(self._value(at, stop)[0])
        own = {name: shape for name, shape in inputs.items() if name not in weights}
        return Program(tuple(nodes), weights, own, tuple(outputs))

    def _node(self, start: int, end: int) -> Node:
        kind, attributes = "", {}
        names: dict[int, list[str]] = {1: [], 2: []}
        for number, stop, at in self.messages(start, end):
            if number in names:
                names[number].append(self._whole(at, stop))
            elif number == 4:
                kind = self.text(at, stop)
            elif number == 5:
                name, value = self._attribute(at, stop)
                attributes[name] = value
        return Node(kind, tuple(names[1]), tuple(names[2]), attributes)

    def _attribute(self, start: int, end: int) -> tuple[str, Attribute]:
        name = ""
        value: Attribute | None = None
        ints: list[int] = []
        floats: list[float] = []
        for number, wire, stop, at in self._fields_of(_ATTRIBUTE, start, end):
            if number == 1:
                name = self.text(at, stop)
            elif number == 2:
                (value,) = self._reals("f", at, stop)
            elif number == 3:
                value = _signed(stop)
            elif number == 4:
                value = self.text(at, stop)
            elif number == 5:
                value = self._tensor(at, stop)[1]
            elif number == 7:
                floats += self._reals("f", at, stop)
            elif number == 8:
                ints += self._wholes(wire, at, stop)
        if value is None:
            value = tuple(floats) if floats else tuple(ints)
        return name, value

    def _tensor(self, start: int, end: int) -> tuple[str, Tensor]:
        shape: list[int] = []
        name, kind, raw = "", 0, None
        numbers: list[float] = []
        for number, wire, stop, at in self._fields_of(_TENSOR, start, end):
            if number == 1:
                shape += [stop] if wire == _NUMBER else list(self.packed(at, stop))
            elif number == 2:
                kind = stop
            elif number == 8:
                name = self._whole(at, stop)
            elif number == _RAW:
                raw = self.bytes(at, stop)
            elif number in {_FLOATS, _DOUBLES}:
                numbers += self._reals("f" if number == _FLOATS else "d", at, stop)
            elif number in {_INTS, _LONGS}:
                numbers += self._wholes(wire, at, stop)
        return name, _made(shape, kind, raw, numbers)

    def _fields_of(
        self, wires: _Wires, start: int, end: int
    ) -> Iterator[tuple[int, int, int, int]]:
        """The fields that are read, as ``walk`` gives them, each in a form that it may have."""
        for number, wire, stop, at in self.walk(start, end):
            if number not in wires:
                continue
            if wire not in wires[number]:
                raise Unreadable("its ONNX graph is damaged")
            yield number, wire, stop, at

    def _reals(self, code: str, start: int, end: int) -> tuple[float, ...]:
        """The numbers of a range, which is as long as one or as several packed ones."""
        data, width = self.bytes(start, end), struct.calcsize(code)
        if len(data) % width:
            raise Unreadable(f"its ONNX graph has {len(data)} bytes of numbers of {width} bytes")
        return struct.unpack(f"<{len(data) // width}{code}", data)

    def _wholes(self, wire: int, start: int, end: int) -> list[int]:
        """A whole number, or several packed ones."""
        return [_signed(each) for each in ([end] if wire == _NUMBER else self.packed(start, end))]

    def _value(self, start: int, end: int) -> tuple[str, tuple[int, ...]]:
        """Name and sizes of an input or output."""
        name = ""
        shape: list[int] = []
        for number, stop, at in self.messages(start, end):
            if number == 1:
                name = self._whole(at, stop)
            elif number == 2:
                shape += self._dimensions(at, stop)
        return name, tuple(shape)

    def _dimensions(self, start: int, end: int) -> list[int]:
        found = []
        for tensor, stop, at in self.messages(start, end):
            for part, part_end, part_at in self.messages(at, stop) if tensor == 1 else ():
                for _, size_end, size_at in self.messages(part_at, part_end) if part == 2 else ():
                    sizes = [v for n, w, v, _ in self.walk(size_at, size_end) if n == 1 and w == 0]
                    found.append(_signed(sizes[-1]) if sizes else -1)
        return found

    def _whole(self, start: int, end: int) -> str:
        # A name is an identity: one that is cut might be another's.
        return self.bytes(start, end).decode("utf-8", "replace")


def _made(shape: list[int], kind: int, raw: bytes | None, numbers: list[float]) -> Tensor:
    name = (_TYPES | _MORE_TYPES).get(kind, f"type {kind}")
    if name not in DTYPES:
        raise Unreadable(f"its numbers are of {name}, which is not supported")
    try:
        return _filled(DTYPES[name], sizes(shape), raw, numbers)
    except (ArithmeticError, RuntimeError, TypeError, ValueError) as error:
        # Torch and Python say in many ways that a number, or a size, is beyond their types.
        raise Unreadable(f"a tensor of {name} has numbers or sizes that it cannot have") from error


def _filled(
    dtype: torch.dtype, sides: tuple[int, ...], raw: bytes | None, numbers: list[float]
) -> Tensor:
    count = math.prod(sides)
    if raw is not None:
        if len(raw) != count * dtype.itemsize:
            raise Unreadable(f"a tensor of shape {sides} has {len(raw)} bytes")
        if not count:
            return torch.empty(sides, dtype=dtype)
        return torch.frombuffer(bytearray(raw), dtype=dtype).reshape(sides)
    if len(numbers) != count:
        raise Unreadable(f"a tensor of shape {sides} has {len(numbers)} numbers")
    if dtype in {torch.float16, torch.bfloat16}:  # stored as the bits of small whole numbers
        bits = [int(number) - (1 << 16 if number >= 1 << 15 else 0) for number in numbers]
        return torch.tensor(bits, dtype=torch.int16).view(dtype).reshape(sides)
    return torch.tensor(numbers, dtype=dtype).reshape(sides)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value
