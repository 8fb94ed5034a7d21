"""Numbers of strangers' graphs are read as numbers, or refused in a line."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.made_files.hostile.odd_graphs import odd_graph, wired
from tests.made_files.hostile.onnx_graphs import onnx_model
from vidrestore.weights.reading.onnx_program import read_program
from vidrestore.weights.reading.stored import Unreadable

INFINITE = b"\x00\x00\x80\x7f"
# Of a tensor: (its type, fields after it).
TENSORS = {
    "floats of three bytes": (1, wired(4, b"abc")),
    "doubles of four bytes": (11, wired(10, b"abcd")),
    "a whole number in the place of floats": (1, wired(4, 5)),
    "a number that its type cannot hold": (3, wired(5, b"\xa0\x8d\x06")),
    "a number that no type can hold": (7, wired(7, b"\xff" * 9 + b"\x7f")),
    "an infinite whole number": (7, wired(4, INFINITE)),
    "infinite bits": (10, wired(4, INFINITE)),
    "a type that is a text": (1, wired(2, b"float")),
    "empty and endless": (1, wired(1, 0) + wired(1, 1 << 47) * 2 + wired(9, b"")),
}
ATTRIBUTES = {
    "a float of three bytes": wired(2, b"abc"),
    "a float of eight bytes": wired(2, b"abcdefgh"),
    "floats of three bytes": wired(7, b"abc"),
    "a name that is a number": wired(1, 1 << 60),
    "a number that is a text": wired(3, b"abc"),
}


@pytest.mark.parametrize("name", TENSORS)
def test_a_tensor_that_is_none(name: str) -> None:
    kind, fields = TENSORS[name]
    shape = b"" if "endless" in name else wired(1, 1)
    with pytest.raises(Unreadable):
        read_program(odd_graph(tensor=shape + wired(2, kind) + fields))


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_attribute_that_is_none(name: str) -> None:
    with pytest.raises(Unreadable):
        read_program(odd_graph(attribute=ATTRIBUTES[name]))


def test_numbers_in_all_their_forms() -> None:
    model = onnx_model()
    node = helper.make_node("Odd", [], ["x"], a=1.5, b=[1.5, -2.0], c=-3, d=[4, -5], e="six")
    model.graph.node.append(node)
    stored = {
        "floats": (TensorProto.FLOAT, [0.5, -1.5]),
        "doubles": (TensorProto.DOUBLE, [0.5, -1.5]),
        "longs": (TensorProto.INT64, [1, -(1 << 63)]),
        "bytes": (TensorProto.INT8, [127, -128]),
        "halves": (TensorProto.FLOAT16, [0.5, -1.5]),
    }
    for name, (kind, numbers) in stored.items():
        model.graph.initializer.append(helper.make_tensor(name, kind, [2], numbers))
    raw = numpy_helper.from_array(np.zeros((0, 3), np.float32), "nothing")
    model.graph.initializer.append(raw)
    program = read_program(model.SerializeToString())
    wanted = {"a": 1.5, "b": (1.5, -2.0), "c": -3, "d": (4, -5), "e": "six"}
    assert program.nodes[-1].attributes == wanted
    for name, (_, numbers) in stored.items():
        assert program.weights[name].tolist() == numbers
    assert program.weights["nothing"].shape == (0, 3)
