"""The network against the reference implementation's outputs."""

from __future__ import annotations

import pytest
import torch

from tests.golden.gpen.vectors import SIZES, read_vectors
from vidrestore.restore.gpen.batched import BatchedGpen
from vidrestore.restore.gpen.folded import FoldedGpen
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.published import from_published
from vidrestore.restore.gpen.shape import GpenShape


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("size", SIZES)
def test_output_equals_the_reference(size: int, layout: torch.memory_format) -> None:
    vectors = read_vectors(size)
    shape = GpenShape.read({name: tuple(value.shape) for name, value in vectors.state.items()})
    network = Gpen(shape)
    network.load_state_dict(from_published(vectors.state, shape))
    network.to(memory_format=layout)
    with torch.inference_mode():
        output = network(vectors.input.contiguous(memory_format=layout))
    worst = float((output - vectors.output).abs().max())
    assert worst < 1e-4, f"largest difference {worst}"


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("size", SIZES)
def test_folded_output_equals_the_reference(
    size: int, fused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not fused:
        monkeypatch.setattr("vidrestore.restore.gpen.fused.has_fused", lambda: False)
    vectors = read_vectors(size)
    shape = GpenShape.read({name: tuple(value.shape) for name, value in vectors.state.items()})
    network = Gpen(shape)
    network.load_state_dict(from_published(vectors.state, shape))
    folded = FoldedGpen(network)
    worst = float((folded(vectors.input) - vectors.output).abs().max())
    assert worst < 1e-4, f"largest difference {worst}"
    twice = torch.cat((vectors.input[:1].flip(3), vectors.input[:1]))
    assert torch.equal(folded(twice)[1:], folded(vectors.input[:1])), "batches change nothing"


@pytest.mark.parametrize("size", SIZES)
def test_output_in_batches_equals_the_reference(size: int) -> None:
    vectors = read_vectors(size)
    shape = GpenShape.read({name: tuple(value.shape) for name, value in vectors.state.items()})
    network = Gpen(shape)
    network.load_state_dict(from_published(vectors.state, shape))
    batched = BatchedGpen(network, torch.device("cpu"), torch.float32)
    with torch.inference_mode():
        output = batched(torch.cat((vectors.input.flip(3), vectors.input)))
    worst = float((output[len(vectors.input) :] - vectors.output).abs().max())
    assert worst < 1e-4, f"largest difference {worst}"


@pytest.mark.parametrize("size", SIZES)
def test_shape_is_read_off_the_tensors(size: int) -> None:
    vectors = read_vectors(size)
    shape = GpenShape.read({name: tuple(value.shape) for name, value in vectors.state.items()})
    assert shape.size == size
    assert shape.style_width == int(vectors.arguments["style_dim"])
    assert shape.mapping_depth == int(vectors.arguments["n_mlp"])
