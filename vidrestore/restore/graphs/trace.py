"""Following the values of a graph: what they come from, and what becomes of them.

Exports say the same in many ways. What only changes a value's shape or type is looked through, and
factors that stand apart are multiplied together on the way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple, cast

from torch import Tensor

from vidrestore.restore.graphs.evaluate import Evaluated
from vidrestore.restore.graphs.operators import NotUnderstood
from vidrestore.weights.reading.onnx_program import Node

VIEWS: Final = frozenset(
    {"Identity", "Cast", "CastLike", "Dropout", "Reshape", "Squeeze", "Unsqueeze", "Flatten"}
    | {"Transpose", "Expand", "Tile"}
)
"""What changes no number."""
RESAMPLING: Final = frozenset({"Pad", "Slice", "Concat"})
_MATRICES = frozenset({"MatMul", "Gemm"})


class Scaled(NamedTuple):
    """A value times a factor."""

    name: str
    factor: float


class Linear(NamedTuple):
    """A fully connected layer: ``weight @ x + bias``.

    Attributes:
        weight: (outputs, inputs).
        bias: (outputs,).
        source: name of what goes in.
    """

    weight: Tensor
    bias: Tensor
    source: str


class Activated(NamedTuple):
    """``gain * leaky_relu(source)``.

    Attributes:
        gain: what the result is multiplied by.
        source: name of what goes in.
    """

    gain: float
    source: str


class Trace:
    """A graph's values, their makers and their users.

    Args:
        evaluated: the graph, computed once.
        slope: of the leaky ReLUs that are looked for.
    """

    def __init__(self, evaluated: Evaluated, slope: float) -> None:
        self.shapes, self.constants = evaluated.shapes, evaluated.constants
        self.program = evaluated.program
        self._slope = slope
        self._makers = {name: node for node in self.program.nodes for name in node.outputs}
        self._users: dict[str, list[Node]] = defaultdict(list)
        for node in self.program.nodes:
            for name in node.inputs:
                self._users[name].append(node)

    def maker(self, name: str) -> Node | None:
        """What makes a value that hangs on the picture; None for the picture, and for constants."""
        return None if name in self.constants else self._makers.get(name)

    def moving(self, node: Node) -> list[str]:
        """Inputs of an operator that hang on the picture."""
        return [name for name in node.inputs if name and name not in self.constants]

    def unviewed(self, name: str) -> str:
        """The value whose numbers a value has."""
        while (node := self.maker(name)) is not None and node.kind in VIEWS:
            name = node.inputs[0]
        return name

    def factor_of(self, node: Node) -> Scaled | None:
        """What a product with, or division by, a single number multiplies, and by what."""
        if node.kind not in {"Mul", "Div"}:
            return None
        moving = self.moving(node)
        if len(moving) != 1:
            return None
        other = node.inputs[0] if node.inputs[1] == moving[0] else node.inputs[1]
        constant = self.constants[other]
        if constant.numel() != 1 or (node.kind == "Div" and other == node.inputs[0]):
            return None
        value = float(constant)
        return Scaled(moving[0], 1 / value if node.kind == "Div" else value)

    def unscaled(self, name: str) -> Scaled:
        """A value without the single numbers that it was multiplied by."""
        factor = 1.0
        while True:
            name = self.unviewed(name)
            node = self.maker(name)
            scaled = self.factor_of(node) if node is not None else None
            if scaled is None:
                return Scaled(name, factor)
            name, factor = scaled.name, factor * scaled.factor

    def added(self, node: Node) -> tuple[str, Tensor] | None:
        """What a sum with a constant adds to, and the constant."""
        moving = self.moving(node)
        if node.kind != "Add" or len(moving) != 1:
            return None
        other = node.inputs[0] if node.inputs[1] == moving[0] else node.inputs[1]
        return moving[0], self.constants[other]

    def activated(self, name: str) -> Activated:
        """What a value is the activation of.

        Raises:
            NotUnderstood: it is no leaky ReLU of the slope.
        """
        name, gain = self.unscaled(name)
        node = self.maker(name)
        if node is None or node.kind != "LeakyRelu":
            raise NotUnderstood("a layer's result is not activated as GPEN's are")
        if abs(float(cast("float", node.attributes.get("alpha", 0.01))) - self._slope) > 1e-4:
            raise NotUnderstood("a leaky ReLU has another slope than GPEN's")
        return Activated(gain, node.inputs[0])

    def linear(self, name: str) -> Linear:
        """The layer that a value is the result of.

        Raises:
            NotUnderstood: it is none.
        """
        factor, bias = 1.0, None
        while True:
            name, more = self.unscaled(name)
            factor *= more
            node = self.maker(name)
            found = None if node is None else self.added(node)
            if found is None:
                break
            name = found[0]
            bias = found[1].flatten() * factor + (0.0 if bias is None else bias)
        if node is None or node.kind not in _MATRICES or len(self.moving(node)) != 1:
            raise NotUnderstood("a style does not come from a linear layer")
        weight = self.constants.get(node.inputs[1])
        if weight is None or weight.ndim != 2:
            raise NotUnderstood("a linear layer multiplies from the other side")
        if not (node.kind == "Gemm" and node.attributes.get("transB")):
            weight = weight.mT
        alpha = float(cast("float", node.attributes.get("alpha", 1.0)))
        if len(node.inputs) > 2 and node.inputs[2]:
            beta = float(cast("float", node.attributes.get("beta", 1.0)))
            own = self.constants[node.inputs[2]].flatten() * (beta * factor)
            bias = own if bias is None else bias + own
        weight = weight * (alpha * factor)
        if bias is None:
            bias = weight.new_zeros(len(weight))
        return Linear(weight, bias.expand(len(weight)), node.inputs[0])

    def onward(self, name: str) -> Iterator[Node]:
        """The operators that a value goes through, until its ways part or it ends."""
        while len(users := self._users[name]) == 1:
            yield users[0]
            name = users[0].outputs[0]
