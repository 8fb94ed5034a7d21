"""Computing an ONNX graph once, and seeing which of its values hang on the picture.

What it costs is bounded: files of strangers come this way.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from vidrestore.restore.graphs.operators import OPERATORS, NotUnderstood, bounded
from vidrestore.weights.reading.onnx_program import Node, Program

_MOST_PRODUCTS: Final = 2e12
"""Multiplications of a whole graph; a GPEN of 2048 px takes an eighth of that."""
_SHAPES_ALONE = frozenset({"Shape", "Size"})
# Places of the inputs whose numbers, not only sizes, decide the size of what an operator makes.
_READ_AS_NUMBERS: Final[dict[str, frozenset[int]]] = {
    "ConstantOfShape": frozenset({0}),
    "Expand": frozenset({1}),
    "Pad": frozenset({1, 2, 3}),
    "Range": frozenset({0, 1, 2}),
    "Reshape": frozenset({1}),
    "Slice": frozenset({1, 2, 3, 4}),
    "Split": frozenset({1}),
    "Squeeze": frozenset({1}),
    "Tile": frozenset({1}),
    "Unsqueeze": frozenset({1}),
    **{kind: frozenset({1}) for kind in OPERATORS if kind.startswith("Reduce")},
}
REFUSALS: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What Python and torch raise where a graph asks for what cannot be."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """A graph with what one picture made of it.

    Attributes:
        program: the graph.
        constants: the values that do not hang on the picture, by name.
        shapes: of all values, by name.
        result: the graph's first output.
    """

    program: Program
    constants: dict[str, Tensor]
    shapes: dict[str, tuple[int, ...]]
    result: Tensor


def evaluate(program: Program, picture: Tensor) -> Evaluated:
    """Compute a graph of one input.

    Args:
        program: the graph.
        picture: (1, 3, S, S) float32.

    Raises:
        NotUnderstood: an operator is not known, or it costs more than any restorer's graph.
    """
    (name,) = program.inputs
    constants = {key: _plain(value) for key, value in program.weights.items()}
    moving = {name: picture}
    shapes = {key: tuple(value.shape) for key, value in (constants | moving).items()}
    waiting = Counter(each for node in program.nodes for each in node.inputs if each)
    waiting.update(program.outputs)
    products = 0.0
    with torch.inference_mode():
        for node in program.nodes:
            given = [_value(each, constants, moving) for each in node.inputs]
            products += _cost(node, given)
            if products > _MOST_PRODUCTS:
                raise NotUnderstood("it takes more work than any such network")
            results = _computed(node, given)
            fixed = node.kind in _SHAPES_ALONE or all(each not in moving for each in node.inputs)
            for output, value in zip(node.outputs, results, strict=False):
                (constants if fixed else moving)[output] = value
                shapes[output] = tuple(value.shape)
            waiting.subtract(each for each in node.inputs if each)
            for each in node.inputs:
                if waiting[each] <= 0:
                    moving.pop(each, None)
    result = moving.get(program.outputs[0]) if program.outputs else None
    if result is None:
        raise NotUnderstood("its output does not hang on its input")
    return Evaluated(program, constants, shapes, result)


def _value(name: str, constants: dict[str, Tensor], moving: dict[str, Tensor]) -> Tensor | None:
    if not name:
        return None
    found = moving.get(name, constants.get(name))
    if found is None:
        raise NotUnderstood(f"the value {name[:60]!r} is not there when it is needed")
    return found


def _computed(node: Node, given: list[Tensor | None]) -> list[Tensor]:
    operator = OPERATORS.get(node.kind)
    if operator is None:
        raise NotUnderstood(f"its operator {node.kind[:40]!r} is not known")
    try:
        found = operator(node, given)
        results = list(found) if isinstance(found, tuple | list) else [found]
        return [_plain(bounded(result)) for result in results]
    except REFUSALS as error:
        raise _beyond(node, error) from error


def _beyond(node: Node, error: Exception) -> NotUnderstood:
    line = str(error).splitlines()[0][:80] if str(error) else type(error).__name__
    return NotUnderstood(f"its {node.kind} cannot be computed ({line})")


def _sizes(node: Node, given: list[Tensor | None]) -> list[Tensor]:
    """The results without their numbers, so that what would be too large is never made.

    Raises:
        NotUnderstood: as computing it would.
    """
    numbers = _READ_AS_NUMBERS.get(node.kind, frozenset())
    shapes = [
        each if each is None or place in numbers else torch.empty_like(each, device="meta")
        for place, each in enumerate(given)
    ]
    with torch.device("meta"):
        return _computed(node, shapes)


def _plain(value: Tensor) -> Tensor:
    return value.float() if value.is_floating_point() else value


def _cost(node: Node, given: list[Tensor | None]) -> float:
    """Multiplications, about, before anything is computed; what would be too large is refused."""
    results = _sizes(node, given)
    try:
        return _products(node, given, results)
    except REFUSALS as error:
        raise _beyond(node, error) from error


def _products(node: Node, given: list[Tensor | None], results: list[Tensor]) -> float:
    shapes = [tuple(each.shape) for each in given if each is not None]
    if node.kind == "Conv":
        return float(results[0].numel()) * math.prod(shapes[1][1:])
    if node.kind == "ConvTranspose":
        return float(math.prod(shapes[0])) * math.prod(shapes[1][1:])
    if node.kind in {"MatMul", "Gemm"}:
        row = -2 if node.attributes.get("transA") else -1
        return float(results[0].numel()) * shapes[0][row]
    return 0.0
