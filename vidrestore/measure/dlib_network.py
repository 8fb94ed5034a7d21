"""dlib's face recognition network (a ResNet-34 of 29 convolutions and narrower) in torch.

Facts from dlib's published example of the network (dnn_face_recognition_ex) and the layers'
documentation: convolutions with stride 2 are unpadded, others keep the size; a block that halves
the size adds the 2x2 mean of its input; where a block's two branches differ in size the smaller
is padded with zeros below, to the right and after its channels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own custom
from torch import Tensor

from vidrestore.errors import ModelError
from vidrestore.measure.dlib_file import Kind, Layer

SIDE = 150
LENGTH = 128

_MEAN = (122.782, 117.001, 104.298)
_STEM = 32
# (channels, whether it halves the size) of each residual block.
_BLOCKS = (
    *[(32, False)] * 3,
    *[(64, halves) for halves in (True, False, False, False)],
    *[(128, halves) for halves in (True, False, False)],
    *[(256, halves) for halves in (True, False, False)],
    (256, True),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Convolution:
    """A convolution followed by a gain and an offset per channel, both folded into it."""

    weight: Tensor
    bias: Tensor
    stride: int

    def __call__(self, x: Tensor) -> Tensor:
        padding = self.weight.shape[-1] // 2 if self.stride == 1 else 0
        return F.conv2d(x, self.weight, self.bias, self.stride, padding)


class DlibNetwork:
    """The embedding of faces; holds no state beside its weights.

    Args:
        layers: as ``dlib_file.read_layers`` gives them.

    Raises:
        ModelError: if the layers are not those of this network.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        rest = iter(layers)
        self._stem = _convolution(rest, 3, _STEM, 7, 2)
        self._blocks = []
        channels = _STEM
        for width, halves in _BLOCKS:
            first = _convolution(rest, channels, width, 3, 2 if halves else 1)
            self._blocks.append((first, _convolution(rest, width, width, 3, 1)))
            channels = width
        matrix = _values(rest, "fc", channels * LENGTH)
        self._matrix = matrix.reshape(channels, LENGTH)
        if next(rest, None) is not None:
            raise ModelError(_foreign("more layers than this network has"))

    @torch.inference_mode()
    def __call__(self, faces: Tensor) -> Tensor:
        """Embeddings.

        Args:
            faces: (N, 3, 150, 150) float32 RGB on 0..255.

        Returns:
            (N, 128) float32.
        """
        x = (faces - torch.tensor(_MEAN).view(1, 3, 1, 1)) / 256.0
        x = F.max_pool2d(F.relu(self._stem(x)), 3, 2)
        for first, second in self._blocks:
            y = second(F.relu(first(x)))
            kept = F.avg_pool2d(x, 2, 2) if first.stride == 2 else x
            x = F.relu(_padded(y, kept) + _padded(kept, y))
        return x.mean((2, 3)) @ self._matrix


def _padded(x: Tensor, other: Tensor) -> Tensor:
    """``x`` with zeros after it up to the other's size where that is larger."""
    missing = [max(0, b - a) for a, b in zip(x.shape[1:], other.shape[1:], strict=True)]
    channels, down, right = missing
    return F.pad(x, (0, right, 0, down, 0, channels)) if any(missing) else x


def _convolution(
    layers: Iterator[Layer], channels: int, width: int, side: int, stride: int
) -> _Convolution:
    count = width * channels * side * side
    values = _values(layers, "con", count + width)
    affine = _values(layers, "affine", 2 * width)
    gain, offset = affine[:width], affine[width:]
    weight = values[:count].reshape(width, channels, side, side)
    return _Convolution(weight * gain[:, None, None, None], values[count:] * gain + offset, stride)


def _values(layers: Iterator[Layer], kind: Kind, count: int) -> Tensor:
    layer = next(layers, None)
    if layer is None:
        raise ModelError(_foreign(f"no {kind} layer where one was expected"))
    if layer.kind != kind or layer.values.size != count:
        raise ModelError(
            _foreign(f"{layer.kind} of {layer.values.size} numbers, not {kind} of {count}")
        )
    return torch.from_numpy(layer.values)


def _foreign(found: str) -> str:
    return f"the face recognition weights hold another network ({found}): reinstall them"
