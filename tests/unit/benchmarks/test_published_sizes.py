from __future__ import annotations

from pathlib import Path

import pytest
import torch

from benchmarks.published_sizes import FAMILY, loaded_and_restored, published_shape, write_random
from tests.golden.gpen.vectors import published_shapes
from vidrestore.restore.gpen.shape import GpenShape


@pytest.mark.parametrize("size", FAMILY)
def test_the_sizes_are_the_published_ones(size: int) -> None:
    described = published_shapes()[f"gpen-bfr-{size}"]["state"]
    assert GpenShape.read({key: tuple(value) for key, value in described.items()}) == (
        published_shape(size)
    )


def test_a_random_model_is_written_loaded_and_run(tmp_path: Path) -> None:
    """A narrow one; the script itself does it at full width."""
    shape = GpenShape((8, 8, 8, 6), style_width=8, mapping_depth=1)
    write_random(shape, tmp_path / "model.pth")
    row = loaded_and_restored(tmp_path / "model.pth")
    assert row["size"] == 32
    assert row["spread"] > 1
    assert row["peak_mib"] >= row["load_mib"] >= row["start_mib"] > 0
    assert torch.load(tmp_path / "model.pth", weights_only=True)["generator.input.input"].shape
