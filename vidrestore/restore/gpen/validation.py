"""Whether a state dict is that of a whole GPEN, and of which shape."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.published import to_published
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.text.escaping import shown
from vidrestore.weights.reading.stored import StoredTensor

_FLOATS = ("float64", "float32", "float16", "bfloat16")
_LARGEST = 2048
# Published ones have 1024 channels at most and 8 layers.
_WIDEST, _DEEPEST = 8192, 64


def gpen_shape(tensors: Mapping[str, StoredTensor]) -> GpenShape:
    """The shape of a GPEN, after every tensor was compared with it.

    Raises:
        ValueError: a tensor is missing, of another shape or type; the text says which.
    """
    found = {name: tensor.shape for name, tensor in tensors.items()}
    try:
        shape = GpenShape.read(found)
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(
            f"it is not a whole GPEN: {shown(str(error), 100)} is missing or odd"
        ) from error
    if shape.size > _LARGEST:
        raise ValueError(
            f"it would be a GPEN of {len(shape.widths)} octaves; {_LARGEST} px is most"
        )
    if max(*shape.widths, shape.style_width) > _WIDEST or shape.mapping_depth > _DEEPEST:
        raise ValueError(f"it would be a GPEN wider than {_WIDEST} or deeper than {_DEEPEST}")
    for name, tensor in tensors.items():
        if not tensor.count:
            raise ValueError(f"it is not a GPEN: {shown(name, 60)} is empty")
    with torch.device("meta"):
        wanted = to_published(Gpen(shape).state_dict(), shape, kernels=False)
    for name, value in wanted.items():
        if name not in found:
            raise ValueError(f"it is not a whole GPEN: {name} is missing")
        if found[name] != tuple(value.shape):
            raise ValueError(
                f"it is not a GPEN of {shape.size} px: {name} is {found[name]}, "
                f"expected {tuple(value.shape)}"
            )
        if tensors[name].dtype not in _FLOATS:
            raise ValueError(f"it is not a GPEN: {name} is {tensors[name].dtype}")
    return shape
