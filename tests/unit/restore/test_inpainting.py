"""The model that paints damage: only such a one is taken, and read where there is damage."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.made_files.hostile.onnx_graphs import onnx_graph
from vidrestore.config import RestoreConfig
from vidrestore.engines import build_inpainting
from vidrestore.errors import ModelError
from vidrestore.restore.gpen.checkpoint import sha256_of, write_checkpoint
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.published import to_published
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.restore.inpainting import ENTRY
from vidrestore.weights.folder import FOLDER_VARIABLE


def network(octaves=9):
    torch.manual_seed(octaves)
    return Gpen(GpenShape((4, 4, 4, 4, 2, 2, 1, 1, 1)[:octaves], 8, 1)).eval()


@pytest.fixture(autouse=True)
def weights(tmp_path, monkeypatch):
    """A folder of weights with nothing in it."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "weights"))
    (tmp_path / "weights").mkdir()
    return tmp_path / "weights"


def found(inpainting="auto"):
    config = RestoreConfig(device="cpu", precision="float32", inpainting=str(inpainting))
    painting = build_inpainting(config)
    return painting and painting.network


def test_where_it_is_not_installed_there_is_none(weights):
    assert found() is None
    assert found("none") is None
    with pytest.raises(ModelError, match="not on this machine; no published hash"):
        found(ENTRY.name)


def test_it_is_taken_where_it_is_installed(weights):
    made = network()
    place = weights / ENTRY.file
    torch.save(to_published(made.state_dict(), made.shape), place)
    for named in ("auto", ENTRY.name, place, f"sha256:{sha256_of(place)}"):
        model = found(named)
        assert (model.name, model.file, model.sha256) == (ENTRY.name, place, sha256_of(place))
        assert model.licence == ENTRY.licence
    assert found("none") is None
    crops = np.random.default_rng(1).integers(0, 256, (1, 1024, 1024, 3), np.uint8)
    result = model.restore(crops)
    picture = torch.from_numpy(crops[0] / 127.5 - 1).permute(2, 0, 1)[None].float()
    with torch.inference_mode():
        wanted = ((made(picture)[0].permute(1, 2, 0) + 1) * 127.5).clamp(0, 255)
    assert np.abs(result[0] - wanted.numpy()).max() < 1


def test_a_file_of_ones_own_is_told_by_its_name_and_must_stay_what_it_is(tmp_path):
    mine = tmp_path / "mine.safetensors"
    write_checkpoint(network(), mine)
    model = found(mine)
    assert model.name == "mine.safetensors"
    write_checkpoint(network(), mine, torch.float32)
    with pytest.raises(ModelError, match="has changed since the job began"):
        model.restore(np.zeros((1, 1024, 1024, 3), np.uint8))


def test_what_is_no_such_model_is_refused_in_a_line(tmp_path):
    small = tmp_path / "small.safetensors"
    write_checkpoint(network(4), small)
    (tmp_path / "graph.onnx").write_bytes(onnx_graph())
    torch.save({"params": {"weight": torch.ones(2)}}, tmp_path / "other.pth")
    for named, words in {
        small: "is a GPEN of 32 px; gpen-inpainting-1024, which paints damage, has 1024",
        tmp_path / "graph.onnx": "an ONNX graph",
        tmp_path / "other.pth": "is not a GPEN",
        tmp_path / "missing.pth": "no such file",
        "gpen-bfr-512": "restore.inpainting gpen-bfr-512, which restores faces",
        "default": "which restores faces",
    }.items():
        with pytest.raises(ModelError, match=words) as refused:
            found(named)
        assert "\n" not in str(refused.value)
