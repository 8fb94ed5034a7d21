"""What would be too large is refused before it is made."""

from __future__ import annotations

import pytest
import torch

from vidrestore.restore.graphs import operators
from vidrestore.restore.graphs.evaluate import evaluate
from vidrestore.restore.graphs.operators import NotUnderstood
from vidrestore.weights.reading.onnx_program import Node, Program


def row(*numbers):
    return torch.tensor(numbers)


# Of each operator that makes small things large: its inputs beside the picture, and attributes.
LARGE = {
    "range down": ("Range", [row(0)[0], row(-(10**10))[0], row(-1)[0]], {}),
    "range from far": ("Range", [row(-(10**10))[0], row(0)[0], row(1)[0]], {}),
    "pad": ("Pad", ["picture", row(0, 0, 9_000, 9_000, 0, 0, 9_000, 9_000)], {}),
    "gather": ("Gather", [torch.zeros(1 << 14, 1 << 10), torch.zeros(1 << 18).long()], {}),
    "expand": ("Expand", ["picture", row(100_000, 3, 32, 32)], {}),
    "tile": ("Tile", ["picture", row(100_000, 1, 1, 1)], {}),
    "constant of shape": ("ConstantOfShape", [row(1 << 20, 1 << 20)], {}),
    "concat": ("Concat", [torch.zeros(1 << 26)] * 3, {"axis": 0}),
    "broadcast": ("Add", [torch.zeros(1 << 16, 1), torch.zeros(1, 1 << 16)], {}),
    "matrices": ("MatMul", [torch.zeros(1 << 16, 1), torch.zeros(1, 1 << 16)], {}),
    "batch of matrices": (
        "MatMul",
        [torch.zeros(1 << 14, 1, 64, 1), torch.zeros(1 << 14, 1, 64)],
        {},
    ),
    "gemm": ("Gemm", [torch.zeros(1 << 16, 1), torch.zeros(1 << 16, 1)], {"transB": 1}),
    "transposed convolution": (
        "ConvTranspose",
        ["picture", torch.zeros(3, 1, 2, 2)],
        {"strides": (20_000, 20_000)},
    ),
    "padded convolution": (
        "Conv",
        ["picture", torch.zeros(1, 3, 1, 1)],
        {"pads": (50_000, 50_000, 50_000, 50_000)},
    ),
    "unevenly padded convolution": (
        "Conv",
        ["picture", torch.zeros(1, 3, 1, 1)],
        {"pads": (50_000, 0, 0, 50_000), "strides": (40_000, 40_000)},
    ),
}


def program(kind, inputs, attributes):
    weights = {str(i): value for i, value in enumerate(inputs) if not isinstance(value, str)}
    names = tuple(value if isinstance(value, str) else str(i) for i, value in enumerate(inputs))
    nodes = (
        Node(kind, names, ("made",), attributes),
        Node("Shape", ("made",), ("sides",), {}),
        Node("ReduceSum", ("sides",), ("sum",), {}),
        Node("Mul", ("picture", "sum"), ("out",), {}),
    )
    return Program(nodes, weights, {"picture": (1, 3, 32, 32)}, ("out",))


@pytest.mark.parametrize("name", LARGE)
def test_what_makes_small_things_large_is_refused_before_it_is_made(name, monkeypatch):
    kind, inputs, attributes = LARGE[name]
    operator, devices = operators.OPERATORS[kind], []

    def watched(node, given):
        made = operator(node, given)
        devices.append(made.device.type)
        return made

    monkeypatch.setitem(operators.OPERATORS, kind, watched)
    with pytest.raises(NotUnderstood, match="larger than any"):
        evaluate(program(kind, inputs, attributes), torch.zeros(1, 3, 32, 32))
    assert "cpu" not in devices


def test_work_is_counted_before_it_is_done():
    inputs = [torch.zeros(1, 1 << 13, 64, 64), torch.zeros(64, 1 << 13, 5, 5)]
    many = [Node("Conv", ("0", "1"), ("made",), {"pads": (2, 2, 2, 2)})] * 1000
    weights = {str(i): value for i, value in enumerate(inputs)}
    calls = []
    graph = Program(tuple(many), weights, {"picture": (1, 3, 32, 32)}, ("made",))
    original = operators.OPERATORS["Conv"]

    def counted(node, given):
        calls.append(given[0].device.type)
        return original(node, given) if given[0].device.type == "meta" else given[0][:, :64]

    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(operators.OPERATORS, "Conv", counted)
        with pytest.raises(NotUnderstood, match="more work"):
            evaluate(graph, torch.zeros(1, 3, 32, 32))
    assert calls.count("cpu") < 50


# Of operators that ask for what cannot be: their inputs beside the picture, and attributes.
HOPELESS = {
    "infinite pads": ("Conv", ["picture", torch.zeros(1, 3, 1, 1)], {"pads": (float("inf"),) * 4}),
    "no steps": ("Range", [row(0)[0], row(4)[0], row(0)[0]], {}),
    "infinite range": ("Range", [row(0.0)[0], row(float("inf"))[0], row(1)[0]], {}),
    "nothing": ("Identity", [""], {}),
    "nothing divided": ("Div", ["", "picture"], {}),
    "a convolution without a kernel": ("Conv", ["picture"], {}),
    "a column of a number": ("Gemm", [torch.zeros(2), torch.zeros(2)], {"transA": 1}),
    "a part of nothing": ("ConstantOfShape", [row(2)], {"value": torch.zeros(0)}),
}


@pytest.mark.parametrize("name", HOPELESS)
def test_what_cannot_be_computed_is_told_in_a_line(name):
    kind, inputs, attributes = HOPELESS[name]
    with pytest.raises(NotUnderstood, match=f"its {kind} cannot be computed") as caught:
        evaluate(program(kind, inputs, attributes), torch.zeros(1, 3, 32, 32))
    assert len(str(caught.value).splitlines()) == 1


def test_the_smallest_number_divided_by_minus_one_does_not_end_the_program():
    smallest = torch.iinfo(torch.int64).min
    node = Node("Div", (), (), {})
    made = operators.OPERATORS["Div"](node, [row(smallest, -7, 7), row(-1, 2, -1)])
    assert made.tolist() == [smallest, -3, -7]


def test_the_cost_of_what_has_no_sizes_is_told_in_a_line(monkeypatch):
    # An operator that makes do without what its cost is reckoned by.
    monkeypatch.setitem(operators.OPERATORS, "MatMul", lambda node, given: torch.zeros(1))
    with pytest.raises(NotUnderstood, match="its MatMul cannot be computed"):
        evaluate(program("MatMul", ["", ""], {}), torch.zeros(1, 3, 32, 32))
