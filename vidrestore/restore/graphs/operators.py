"""ONNX's operators as torch computes them, as far as graphs of restorers use them.

Each follows its definition in ONNX's operator schemas, opsets 11 to 21. All floats are computed in
float32, whatever the graph stores them in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, cast

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor

from vidrestore.weights.reading.onnx_program import Node

MOST_NUMBERS: Final = 1 << 27
"""In one value: more than any published network has."""
_INT_TYPES = {6, 7, 2, 3, 5}
_CONVOLUTIONS = {3: F.conv1d, 4: F.conv2d, 5: F.conv3d}
_TRANSPOSED = {3: F.conv_transpose1d, 4: F.conv_transpose2d, 5: F.conv_transpose3d}
Given = Sequence[Tensor | None]


class NotUnderstood(Exception):  # noqa: N818 - becomes a line by who asked
    """A graph does what is not known here; the text says what."""


def bounded(value: Tensor) -> Tensor:
    """The same value.

    Raises:
        NotUnderstood: it holds more than ``MOST_NUMBERS``.
    """
    if value.numel() > MOST_NUMBERS:
        raise NotUnderstood("it makes values larger than any such network's")
    return value


def _ints(node: Node, name: str, default: Sequence[int]) -> list[int]:
    value = node.attributes.get(name, tuple(default))
    if not isinstance(value, tuple):
        raise NotUnderstood(f"{node.kind}'s {name} is no row of numbers")
    return [int(number) for number in value]


def _axes(node: Node, given: Given, place: int, default: Sequence[int]) -> list[int]:
    """Axes, which are an attribute in older opsets and an input in newer ones."""
    if len(given) > place and given[place] is not None:
        return [int(axis) for axis in cast("Tensor", given[place]).flatten().tolist()]
    return _ints(node, "axes", default)


def _conv(node: Node, given: Given) -> Tensor:
    x, weight, bias = _three(given)
    spatial = x.ndim - 2
    pads = _ints(node, "pads", [0] * (2 * spatial))
    if node.attributes.get("auto_pad", "NOTSET") not in {"NOTSET", ""}:
        raise NotUnderstood("a convolution pads by itself")
    before, after = pads[:spatial], pads[spatial:]
    if before != after:
        x, before = bounded(F.pad(x, _torch_pads(before, after))), [0] * spatial
    return _CONVOLUTIONS[x.ndim](
        x,
        weight,
        bias,
        stride=_ints(node, "strides", [1] * spatial),
        padding=before,
        dilation=_ints(node, "dilations", [1] * spatial),
        groups=int(cast("int", node.attributes.get("group", 1))),
    )


def _conv_transpose(node: Node, given: Given) -> Tensor:
    x, weight, bias = _three(given)
    spatial = x.ndim - 2
    pads = _ints(node, "pads", [0] * (2 * spatial))
    if pads[:spatial] != pads[spatial:] or "output_shape" in node.attributes:
        raise NotUnderstood("a transposed convolution is cut unevenly")
    return _TRANSPOSED[x.ndim](
        x,
        weight,
        bias,
        stride=_ints(node, "strides", [1] * spatial),
        padding=pads[:spatial],
        output_padding=_ints(node, "output_padding", [0] * spatial),
        groups=int(cast("int", node.attributes.get("group", 1))),
        dilation=_ints(node, "dilations", [1] * spatial),
    )


def _three(given: Given) -> tuple[Tensor, Tensor, Tensor | None]:
    first, second = given[0], given[1]
    assert first is not None
    assert second is not None
    return first, second, given[2] if len(given) > 2 else None


def _torch_pads(before: Sequence[int], after: Sequence[int]) -> list[int]:
    """Torch counts from the last axis on, both sides of each together."""
    return [n for pair in zip(reversed(before), reversed(after), strict=True) for n in pair]


def _gemm(node: Node, given: Given) -> Tensor:
    a, b, c = _three(given)
    a = a.mT if node.attributes.get("transA") else a
    b = b.mT if node.attributes.get("transB") else b
    alpha, beta = (float(cast("float", node.attributes.get(n, 1.0))) for n in ("alpha", "beta"))
    product = alpha * (a @ b)
    return product if c is None else product + beta * c


def _pad(node: Node, given: Given) -> Tensor:
    x = cast("Tensor", given[0])
    if node.attributes.get("mode", "constant") != "constant":
        raise NotUnderstood("padding is not with a constant")
    pads = given[1] if len(given) > 1 else None
    ends = _ints(node, "pads", ()) if pads is None else [int(n) for n in pads.tolist()]
    filling = given[2] if len(given) > 2 else None
    value = 0.0 if filling is None or not filling.numel() else float(filling)
    if len(given) > 3 and given[3] is not None:
        axes = [int(axis) % x.ndim for axis in given[3].tolist()]
        spread = [0] * (2 * x.ndim)
        for number, axis in enumerate(axes):
            spread[axis] = ends[number]
            spread[x.ndim + axis] = ends[len(axes) + number]
        ends = spread
    return F.pad(x, _torch_pads(ends[: x.ndim], ends[x.ndim :]), value=value)


def _reduce(compute: Callable[[Tensor, list[int], bool], Tensor]) -> Callable[..., Tensor]:
    def reduced(node: Node, given: Given) -> Tensor:
        x = cast("Tensor", given[0])
        axes = _axes(node, given, 1, range(x.ndim)) or list(range(x.ndim))
        return compute(x, axes, bool(node.attributes.get("keepdims", 1)))

    return reduced


def _slice(node: Node, given: Given) -> Tensor:
    x = cast("Tensor", given[0])
    if len(given) > 1:
        starts, ends, axes, steps = (
            None if len(given) <= n or given[n] is None else cast("Tensor", given[n]).tolist()
            for n in (1, 2, 3, 4)
        )
    else:
        starts, ends = _ints(node, "starts", ()), _ints(node, "ends", ())
        axes, steps = _ints(node, "axes", range(len(starts))), None
    assert starts is not None
    assert ends is not None
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        axis = int(axes[number]) if axes is not None else number
        step = int(steps[number]) if steps is not None else 1
        kept = range(*slice(int(start), int(end), step).indices(x.shape[axis]))
        x = x.index_select(axis, torch.tensor(kept, dtype=torch.long))
    return x


def _reshape(node: Node, given: Given) -> Tensor:
    x, shape = cast("Tensor", given[0]), cast("Tensor", given[1]).tolist()
    keep = not node.attributes.get("allowzero")
    return x.reshape([x.shape[n] if side == 0 and keep else side for n, side in enumerate(shape)])


def _squeeze(node: Node, given: Given) -> Tensor:
    x = cast("Tensor", given[0])
    axes = _axes(node, given, 1, [n for n, side in enumerate(x.shape) if side == 1])
    return x.squeeze(tuple(axes))


def _unsqueeze(node: Node, given: Given) -> Tensor:
    x, axes = cast("Tensor", given[0]), _axes(node, given, 1, ())
    for axis in sorted(axis % (x.ndim + len(axes)) for axis in axes):
        x = x.unsqueeze(axis)
    return x


def _flatten(node: Node, given: Given) -> Tensor:
    x, axis = cast("Tensor", given[0]), int(cast("int", node.attributes.get("axis", 1)))
    rows = 1
    for side in x.shape[:axis]:
        rows *= side
    return x.reshape(rows, -1)


def _expand(_: Node, given: Given) -> Tensor:
    x, shape = cast("Tensor", given[0]), [int(n) for n in cast("Tensor", given[1]).tolist()]
    return x.expand(np.broadcast_shapes(tuple(x.shape), tuple(shape)))


def _gather(node: Node, given: Given) -> Tensor:
    x, index = cast("Tensor", given[0]), cast("Tensor", given[1]).long()
    axis = int(cast("int", node.attributes.get("axis", 0))) % x.ndim
    index = torch.where(index < 0, index + x.shape[axis], index)
    picked = x.index_select(axis, index.flatten())
    return picked.reshape(*x.shape[:axis], *index.shape, *x.shape[axis + 1 :])


def _cast(node: Node, given: Given) -> Tensor:
    x = cast("Tensor", given[0])
    if node.attributes.get("to") in _INT_TYPES:
        return x.long()
    return x.bool() if node.attributes.get("to") == 9 else x.float()


def _constant(node: Node, _: Given) -> Tensor:
    for name in ("value", "value_float", "value_int", "value_floats", "value_ints"):
        if name in node.attributes:
            value = node.attributes[name]
            return value if isinstance(value, Tensor) else torch.tensor(value)
    raise NotUnderstood("a constant is of an unknown kind")


def _constant_of_shape(node: Node, given: Given) -> Tensor:
    value = node.attributes.get("value", torch.zeros(1))
    shape = [int(n) for n in cast("Tensor", given[0]).tolist()]
    return cast("Tensor", value).flatten()[0].expand(shape)


def _leaky(node: Node, given: Given) -> Tensor:
    slope = float(cast("float", node.attributes.get("alpha", 0.01)))
    return F.leaky_relu(cast("Tensor", given[0]), slope)


def _divided(_: Node, given: Given) -> Tensor:
    a, b = cast("Tensor", given[0]), cast("Tensor", given[1])
    if a.is_floating_point() or b.is_floating_point():
        return a / b
    # The smallest whole number divided by -1 is none: the processor would end the program.
    flips = b == -1
    return torch.where(flips, -a, torch.div(a, torch.where(flips, 1, b), rounding_mode="trunc"))


def _split(node: Node, given: Given) -> Any:
    x, axis = cast("Tensor", given[0]), int(cast("int", node.attributes.get("axis", 0)))
    stated = given[1].tolist() if len(given) > 1 and given[1] is not None else None
    sides = stated or _ints(node, "split", ()) or x.shape[axis] // max(len(node.outputs), 1)
    return torch.split(x, sides, axis)


def _plain(compute: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda _node, given: compute(*given)


OPERATORS: Final[dict[str, Callable[[Node, Given], Any]]] = {
    "Add": _plain(torch.add),
    "Cast": _cast,
    "CastLike": lambda _, given: cast("Tensor", given[0]),
    "Concat": lambda node, given: torch.cat(
        [cast("Tensor", x) for x in given], int(cast("int", node.attributes["axis"]))
    ),
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "Div": _divided,
    "Dropout": lambda _, given: cast("Tensor", given[0]),
    "Equal": _plain(torch.eq),
    "Expand": _expand,
    "Flatten": _flatten,
    "Gather": _gather,
    "Gemm": _gemm,
    "Identity": lambda _, given: cast("Tensor", given[0]),
    "LeakyRelu": _leaky,
    "MatMul": _plain(torch.matmul),
    "Mul": _plain(torch.mul),
    "Neg": _plain(torch.neg),
    "Pad": _pad,
    "Pow": _plain(torch.pow),
    "Range": _plain(lambda a, b, c: torch.arange(int(a), int(b), int(c))),
    "Reciprocal": _plain(torch.reciprocal),
    "ReduceL2": _reduce(lambda x, axes, keep: x.square().sum(axes, keep).sqrt()),
    "ReduceMean": _reduce(lambda x, axes, keep: x.mean(axes, keep)),
    "ReduceSum": _reduce(lambda x, axes, keep: x.sum(axes, keep)),
    "ReduceSumSquare": _reduce(lambda x, axes, keep: x.square().sum(axes, keep)),
    "Reshape": _reshape,
    "Shape": lambda _, given: torch.tensor(cast("Tensor", given[0]).shape),
    "Slice": _slice,
    "Split": _split,
    "Sqrt": _plain(torch.sqrt),
    "Squeeze": _squeeze,
    "Sub": _plain(torch.sub),
    "Tile": _plain(lambda x, times: x.repeat(times.tolist())),
    "Transpose": lambda node, given: cast("Tensor", given[0]).permute(
        _ints(node, "perm", range(cast("Tensor", given[0]).ndim)[::-1])
    ),
    "Unsqueeze": _unsqueeze,
    "Where": _plain(torch.where),
}
"""By the operator's name."""
