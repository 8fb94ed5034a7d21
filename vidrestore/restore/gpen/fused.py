"""Convolutions with bias and leaky ReLU in one pass, where torch has oneDNN's for the CPU.

The operators are those that torch's own compiler emits (``torch.ops.mkldnn``); where a build of
torch lacks them, the same is computed by public ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor

from vidrestore.restore.gpen.network import SLOPE

_NAMES = (
    "_convolution_pointwise",
    "_convolution_transpose_pointwise",
    "_reorder_convolution_weight",
    "_reorder_convolution_transpose_weight",
)
_ONE = [1, 1]


def has_fused() -> bool:
    """Whether this torch has oneDNN's fused convolutions."""
    available: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return available and all(hasattr(torch.ops.mkldnn, name) for name in _NAMES)


def convolve(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: int = 1,
    padding: int = 0,
    groups: int = 1,
    leaky: bool = False,
) -> Tensor:
    """Convolve, add the bias, apply a leaky ReLU of slope 0.2 if ``leaky``.

    Args:
        x: (N, inputs, H, W), channels last.
        weight: (outputs, inputs / groups, k, k), plain or packed.
        bias: (outputs,).
        stride: in both directions.
        padding: zeros on every side.
        groups: of channels.
        leaky: whether the activation follows.
    """
    if not has_fused():
        y = F.conv2d(x, weight, bias, stride, padding, 1, groups)
        return F.leaky_relu_(y, SLOPE) if leaky else y
    attribute, scalars = ("leaky_relu", [SLOPE]) if leaky else ("none", [])
    sides, strides = [padding] * 2, [stride] * 2
    y = torch.ops.mkldnn._convolution_pointwise(  # noqa: SLF001 - see the module's docstring
        x, weight, bias, sides, strides, _ONE, groups, attribute, scalars, ""
    )
    assert isinstance(y, Tensor)
    return y


def convolve_transposed(x: Tensor, weight: Tensor) -> Tensor:
    """Transposed convolution of stride 2: (N, inputs, H, W) to (N, outputs, 2 H + 1, 2 W + 1).

    Args:
        x: channels last.
        weight: (inputs, outputs, 3, 3), plain or packed.
    """
    if not has_fused():
        return F.conv_transpose2d(x, weight, stride=2)
    y = torch.ops.mkldnn._convolution_transpose_pointwise(  # noqa: SLF001
        x, weight, None, [0, 0], [0, 0], [2, 2], _ONE, 1, "none", [], ""
    )
    assert isinstance(y, Tensor)
    return y


class Kernel:
    """A constant kernel, laid out once as the processor wants it for inputs of one size.

    Args:
        weight: (outputs, inputs, k, k), or (inputs, outputs, 3, 3) if ``transposed``.
        reads: shape of the inputs, (N, inputs, H, W).
        stride: in both directions; a transposed one has 2.
        padding: zeros on every side.
        transposed: whether it doubles the size.
    """

    def __init__(
        self,
        weight: Tensor,
        reads: Sequence[int],
        *,
        stride: int = 1,
        padding: int = 0,
        transposed: bool = False,
    ) -> None:
        self._stride, self._padding, self._transposed = stride, padding, transposed
        weight = weight.detach()
        if has_fused():
            sides = [padding] * 2
            ops = torch.ops.mkldnn
            if transposed:
                weight = ops._reorder_convolution_transpose_weight(  # noqa: SLF001
                    weight.contiguous(), sides, [0, 0], [2, 2], _ONE, 1, list(reads)
                )
            else:
                weight = ops._reorder_convolution_weight(  # noqa: SLF001
                    weight, sides, [stride] * 2, _ONE, 1, list(reads)
                )
        self._weight = weight

    def convolve(self, x: Tensor, bias: Tensor | None = None, *, leaky: bool = False) -> Tensor:
        """As :func:`convolve` or :func:`convolve_transposed`."""
        if self._transposed:
            return convolve_transposed(x, self._weight)
        return convolve(
            x, self._weight, bias, stride=self._stride, padding=self._padding, leaky=leaky
        )
