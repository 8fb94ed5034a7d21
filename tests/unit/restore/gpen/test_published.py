from __future__ import annotations

import pytest
import torch

from tests.golden.gpen.vectors import published_shapes, read_vectors
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.published import from_published, to_published
from vidrestore.restore.gpen.shape import GpenShape


@pytest.mark.parametrize("name", sorted(published_shapes()))
def test_every_published_size_has_our_keys_and_shapes(name: str) -> None:
    described = published_shapes()[name]
    shape = GpenShape.published(
        described["size"],
        multiplier=described["channel_multiplier"],
        narrow=described["narrow"],
        style_width=described["style_dim"],
        mapping_depth=described["n_mlp"],
    )
    with torch.device("meta"):
        network = Gpen(shape)
        ours = to_published(network.state_dict(), shape)
    expected = {key: tuple(value) for key, value in described["state"].items()}
    assert {key: tuple(value.shape) for key, value in ours.items()} == expected
    assert GpenShape.read(expected) == shape


def test_names_go_there_and_back() -> None:
    state = read_vectors(64).state
    shape = GpenShape.read({key: tuple(value.shape) for key, value in state.items()})
    back = to_published(from_published(state, shape), shape)
    assert back.keys() == state.keys()
    for key, value in state.items():
        torch.testing.assert_close(back[key], value, rtol=0, atol=1e-7)


@pytest.mark.parametrize("size", [0, 4, 100, 4096])
def test_impossible_sizes_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        GpenShape.published(size, multiplier=1, narrow=1.0, style_width=8, mapping_depth=1)


def test_a_network_needs_channels() -> None:
    with pytest.raises(ValueError, match="octaves"):
        GpenShape((8,), 8, 1)
    with pytest.raises(ValueError, match="style width"):
        GpenShape((8, 8), 0, 1)
