"""Computing an ONNX graph once, and seeing which of its values hang on the picture.

What it costs is bounded: files of strangers come this way.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from vidrestore.restore.graphs.operators import MOST_NUMBERS, OPERATORS, NotUnderstood
from vidrestore.weights.reading.onnx_program import Node, Program

_MOST_PRODUCTS: Final = 2e12
"""Multiplications of a whole graph; a GPEN of 2048 px takes an eighth of that."""
_SHAPES_ALONE = frozenset({"Shape", "Size"})


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
    except (RuntimeError, ValueError, IndexError, TypeError, KeyError, AssertionError) as error:
        line = str(error).splitlines()[0][:80] if str(error) else type(error).__name__
        raise NotUnderstood(f"its {node.kind} cannot be computed ({line})") from error
    results = [_plain(value) for value in (found if isinstance(found, tuple | list) else [found])]
    if any(value.numel() > MOST_NUMBERS for value in results):
        raise NotUnderstood("it makes values larger than any such network's")
    return results


def _plain(value: Tensor) -> Tensor:
    return value.float() if value.is_floating_point() else value


def _cost(node: Node, given: list[Tensor | None]) -> float:
    """Multiplications, about, before anything is computed; what would be too large is refused."""
    shapes = [tuple(each.shape) for each in given if each is not None]
    if node.kind in {"Conv", "ConvTranspose"} and len(shapes) > 1:
        spatial = math.prod(shapes[0][2:])
        return float(shapes[0][0]) * spatial * math.prod(shapes[1])
    if node.kind in {"MatMul", "Gemm"} and len(shapes) > 1:
        return float(math.prod(shapes[0])) * shapes[1][-1]
    if node.kind in {"Expand", "Tile", "ConstantOfShape", "Range"}:
        numbers = _asked(node, given)
        if numbers > MOST_NUMBERS:
            raise NotUnderstood("it makes values larger than any such network's")
    if node.kind in {"Add", "Mul", "Sub", "Div", "Where", "Pow", "Equal"} and shapes:
        try:
            numbers = math.prod(np.broadcast_shapes(*shapes))
        except ValueError as error:
            raise NotUnderstood(f"the sizes of its {node.kind} do not fit") from error
        if numbers > MOST_NUMBERS:
            raise NotUnderstood("it makes values larger than any such network's")
    return 0.0


def _asked(node: Node, given: list[Tensor | None]) -> float:
    """Numbers in the result of what makes small things large."""
    last = given[-1]
    if last is None or not last.numel():
        return 0.0
    if node.kind == "Range":
        return float("inf") if given[1] is None else abs(float(given[1]))
    product = math.prod(abs(float(side)) for side in last.flatten().tolist())
    own = given[0].numel() if node.kind in {"Expand", "Tile"} and given[0] is not None else 1
    return product * (own if node.kind == "Tile" else 1)
