"""The published checkpoints' key names and this package's, both ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from torch import Tensor

from vidrestore.restore.gpen.resampling import blur_kernel
from vidrestore.restore.gpen.shape import GpenShape

_MODULATED = ("conv.weight", "conv.modulation.weight", "conv.modulation.bias")


def _styled(ours: str, theirs: str) -> Iterator[tuple[str, str]]:
    yield from ((f"{ours}.{name}", f"{theirs}.{name}") for name in _MODULATED)
    yield f"{ours}.map_weight", f"{theirs}.noise.weight"
    yield f"{ours}.bias", f"{theirs}.activate.bias"


def _to_rgb(ours: str, theirs: str) -> Iterator[tuple[str, str]]:
    yield from ((f"{ours}.{name}", f"{theirs}.{name}") for name in (*_MODULATED, "bias"))


def _has_leading_one(ours: str) -> bool:
    """Whether the published tensor is (1, o, i, k, k), where ours is (o, i, k, k)."""
    return ours.endswith(".conv.weight")


def key_pairs(shape: GpenShape) -> Iterator[tuple[str, str]]:
    """Every parameter as (name in :class:`Gpen`, name in published checkpoints)."""
    octaves = len(shape.widths) - 1
    for i in range(octaves + 1):
        place = 0 if i == 0 else 1  # a blur stands first in each halving block
        yield f"encoder.{i}.weight", f"ecd{i}.0.{place}.weight"
        yield f"encoder.{i}.bias", f"ecd{i}.0.{place + 1}.bias"
    for name in ("weight", "bias"):
        yield f"to_style.{name}", f"final_linear.0.{name}"
        for i in range(shape.mapping_depth):
            yield f"mapping.{i}.{name}", f"generator.style.{i + 1}.{name}"
    yield "constant", "generator.input.input"
    yield from _styled("first", "generator.conv1")
    yield from _to_rgb("to_rgb.0", "generator.to_rgb1")
    for i in range(octaves):
        yield from _styled(f"doubling.{i}", f"generator.convs.{2 * i}")
        yield from _styled(f"refining.{i}", f"generator.convs.{2 * i + 1}")
        yield from _to_rgb(f"to_rgb.{i + 1}", f"generator.to_rgbs.{i}")


def blur_keys(shape: GpenShape) -> Iterator[tuple[str, float]]:
    """The constant kernels that published checkpoints also hold, as (name, gain)."""
    for i in range(len(shape.widths) - 1):
        yield f"ecd{i + 1}.0.0.kernel", 1.0
        yield f"generator.convs.{2 * i}.conv.blur.kernel", 4.0
        yield f"generator.to_rgbs.{i}.upsample.kernel", 4.0


def from_published(state: Mapping[str, Tensor], shape: GpenShape) -> dict[str, Tensor]:
    """A state dict for :class:`Gpen` from one under the published names.

    Raises:
        KeyError: if a parameter is missing.
    """
    return {
        ours: state[theirs][0] if _has_leading_one(ours) else state[theirs]
        for ours, theirs in key_pairs(shape)
    }


def to_published(
    state: Mapping[str, Tensor], shape: GpenShape, *, kernels: bool = True
) -> dict[str, Tensor]:
    """A state dict under the published names from :class:`Gpen`'s.

    Args:
        state: as ``Gpen.state_dict()`` gives it.
        shape: the network's shape.
        kernels: whether to write the constant blur kernels too, as published files do.
    """
    published = {
        theirs: state[ours][None] if _has_leading_one(ours) else state[ours]
        for ours, theirs in key_pairs(shape)
    }
    if kernels:
        published |= {name: blur_kernel(gain) for name, gain in blur_keys(shape)}
    return published
