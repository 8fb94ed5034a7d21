from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from vidrestore.errors import ModelError
from vidrestore.restore.gpen.checkpoint import read_checkpoint, sha256_of, write_checkpoint
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.published import to_published
from vidrestore.restore.gpen.shape import GpenShape

SHAPE = GpenShape((6, 5, 4, 3), style_width=7, mapping_depth=2)


@pytest.fixture(scope="module")
def network() -> Gpen:
    torch.manual_seed(0)
    return Gpen(SHAPE).eval()


@pytest.fixture(scope="module")
def state(network: Gpen) -> dict[str, torch.Tensor]:
    return to_published(network.state_dict(), SHAPE)


def saved(content: object, path: Path) -> Path:
    torch.save(content, path)
    return path


def output(network: Gpen) -> torch.Tensor:
    picture = torch.linspace(-1, 1, 3 * 32 * 32).reshape(1, 3, 32, 32)
    with torch.inference_mode():
        return network(picture)


Wrap = Callable[[dict[str, torch.Tensor]], object]
WRAPPED: dict[str, Wrap] = {
    "plain": lambda state: state,
    "g_ema": lambda state: {"g_ema": state, "g": {}, "d": {}, "iter": 3},
    "module.": lambda state: {f"module.{key}": value for key, value in state.items()},
    "both": lambda state: {"g_ema": {f"module.{key}": value for key, value in state.items()}},
}


@pytest.mark.parametrize("kind", WRAPPED)
def test_pth_of_every_habit_is_read(
    kind: str, state: dict[str, torch.Tensor], network: Gpen, tmp_path: Path
) -> None:
    checkpoint = read_checkpoint(saved(WRAPPED[kind](state), tmp_path / "model.pth"))
    assert checkpoint.shape == SHAPE
    torch.testing.assert_close(output(checkpoint.build()), output(network), rtol=0, atol=1e-6)


def test_safetensors_is_read_whatever_its_name(
    state: dict[str, torch.Tensor], network: Gpen, tmp_path: Path
) -> None:
    path = tmp_path / "model.pth"
    save_file({key: value.contiguous() for key, value in state.items()}, path)
    checkpoint = read_checkpoint(path)
    assert checkpoint.sha256 == sha256_of(path)
    torch.testing.assert_close(output(checkpoint.build()), output(network), rtol=0, atol=1e-6)


def test_blur_kernels_are_not_needed(network: Gpen, tmp_path: Path) -> None:
    bare = to_published(network.state_dict(), SHAPE, kernels=False)
    built = read_checkpoint(saved(bare, tmp_path / "model.pt")).build()
    torch.testing.assert_close(output(built), output(network), rtol=0, atol=1e-6)


def test_written_weights_come_back_in_half_precision(network: Gpen, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    write_checkpoint(network, path)
    checkpoint = read_checkpoint(path)
    assert {value.dtype for value in checkpoint.state.values()} == {torch.float16}
    built = checkpoint.build()
    assert all(parameter.dtype == torch.float32 for parameter in built.parameters())
    torch.testing.assert_close(output(built), output(network), rtol=0, atol=2e-2)
    assert os.listdir(tmp_path) == ["model.safetensors"]  # noqa: PTH208 - names suffice


def test_the_hash_is_checked(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    path = saved(state, tmp_path / "model.pth")
    assert read_checkpoint(path, sha256_of(path)).shape == SHAPE
    with pytest.raises(ModelError, match="SHA-256"):
        read_checkpoint(path, "0" * 64)


class Bomb:
    """Would create a file if a pickle were executed."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.target,)


def test_pickled_code_never_runs(tmp_path: Path) -> None:
    sign = tmp_path / "executed"
    path = saved({"final_linear.0.weight": Bomb(sign)}, tmp_path / "model.pth")
    with pytest.raises(ModelError, match="pickled code is never run"):
        read_checkpoint(path)
    assert not sign.exists()


def test_another_network_is_refused_with_what_was_found(tmp_path: Path) -> None:
    other = {name: torch.zeros(2) for name in ("encoder", "mapper", "generator", "args")}
    with pytest.raises(
        ModelError, match=r"holds 'encoder', 'mapper', .* final_linear.0.weight is missing"
    ):
        read_checkpoint(saved(other, tmp_path / "gpen-bfr-2048.pth"))
    with pytest.raises(ModelError, match="that holds a list"):
        read_checkpoint(saved([1, 2], tmp_path / "list.pth"))
    with pytest.raises(ModelError, match="no keys"):
        read_checkpoint(saved({}, tmp_path / "empty.pth"))


def test_a_gpen_with_a_part_missing_or_odd_is_refused(
    state: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    path = tmp_path / "model.pth"
    for key in ("generator.input.input", "generator.convs.3.activate.bias", "ecd1.0.2.bias"):
        rest = {name: value for name, value in state.items() if name != key}
        with pytest.raises(ModelError, match="not a whole GPEN"):
            read_checkpoint(saved(rest, path))
        with pytest.raises(ModelError, match="GPEN"):
            read_checkpoint(saved({**state, key: torch.zeros(9, 9)}, path))
    whole = {**state, "ecd1.0.2.bias": torch.zeros(5, dtype=torch.int32)[:4]}
    with pytest.raises(ModelError, match="int32"):
        read_checkpoint(saved(whole, path))


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"not weights at all", b"\x08\0\0\0\0\0\0\0{broken", b"PK\x03\x04zip"]
)
def test_what_holds_no_weights_is_told_in_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        read_checkpoint(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_files_and_folders_are_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pth", tmp_path):
        with pytest.raises(ModelError, match="cannot read model file"):
            read_checkpoint(path)


@given(junk=st.binary(min_size=1, max_size=64))
def test_no_content_escapes_the_one_line(junk: bytes, tmp_path_factory: Any) -> None:
    """Bare, and behind the first bytes that let it reach PyTorch's own reader."""
    path = tmp_path_factory.getbasetemp() / "junk.pth"
    for head in (b"", b"\x80\x02", b"PK\x03\x04"):
        path.write_bytes(head + junk)
        with pytest.raises(ModelError) as caught:
            read_checkpoint(path)
        assert len(str(caught.value).splitlines()) == 1
