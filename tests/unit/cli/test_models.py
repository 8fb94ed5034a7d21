from __future__ import annotations

import hashlib

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.hostile import RunsCode
from vidrestore.cli import main
from vidrestore.restore.catalogue import CATALOGUE, Model
from vidrestore.restore.checkpoint import write_checkpoint
from vidrestore.restore.network import Gpen
from vidrestore.restore.shape import GpenShape


@pytest.fixture
def weights(tmp_path):
    file = tmp_path / "small.safetensors"
    write_checkpoint(Gpen(GpenShape((8, 8, 4), style_width=8, mapping_depth=2)), file)
    return file


def test_a_weight_file_is_described(weights, capsys):
    assert main(["models", "inspect", str(weights)]) == 0
    out = capsys.readouterr().out
    assert hashlib.sha256(weights.read_bytes()).hexdigest() in out
    assert "16 x 16 pixels" in out
    assert "8 8 4 channels" in out
    assert "8 wide, mapped by 2 layers" in out
    assert "float16" in out


def test_a_file_of_the_catalogue_is_recognised(weights, capsys, monkeypatch):
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    entry = Model("known", weights.name, digest, 16, "gpen", "some licence")
    monkeypatch.setitem(CATALOGUE, "known", entry)
    assert main(["models", "inspect", str(weights)]) == 0
    assert "known, some licence" in capsys.readouterr().out


def test_the_list_names_every_model_and_where_it_is(capsys):
    assert main(["models", "list"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["name", "pixels", "template", "licence", "weights"]
    assert [row.split()[0] for row in rows] == list(CATALOGUE)
    for row, model in zip(rows, CATALOGUE.values(), strict=True):
        assert model.licence in row
        assert model.file in row
        assert ("not included" in row) != model.bundled


def test_a_bundled_model_that_is_gone_is_told(capsys, monkeypatch):
    entry = Model("gone", "gone.safetensors", "0" * 64, 16, "gpen", "x", bundled=True)
    monkeypatch.setitem(CATALOGUE, "gone", entry)
    assert main(["models", "list"]) == 0
    assert "MISSING" in capsys.readouterr().out.splitlines()[-1]


def test_what_is_no_model_is_refused(tmp_path, capsys):
    file = tmp_path / "model.pth"
    file.write_text("hello world")
    assert main(["models", "inspect", str(file)]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert str(file) in err


def test_a_missing_file_is_told(tmp_path, capsys):
    assert main(["models", "inspect", str(tmp_path / "none.pth")]) == 2
    assert "none.pth" in capsys.readouterr().err


def test_an_unknown_command_names_the_nearest(capsys):
    assert main(["models", "lst"]) == 2
    assert "did you mean list?" in capsys.readouterr().err


def test_a_pickle_is_described_without_importing_what_it_asks_for(tmp_path, capsys):
    sign = tmp_path / "executed"
    torch.save({"args": RunsCode(sign), "w": torch.zeros(2, 3)}, tmp_path / "model.pth")
    assert main(["models", "inspect", str(tmp_path / "model.pth")]) == 0
    out = capsys.readouterr().out
    assert "PyTorch zip archive" in out
    assert "not recognised" in out
    assert "final_linear.0.weight is missing" in out
    assert "torch._utils._rebuild_tensor_v2" in out
    assert "pathlib" in out
    assert "1 tensor, float32" in out
    assert not sign.exists()


def test_a_gpen_that_lacks_a_part_is_described_with_what_is_missing(weights, capsys, tmp_path):
    state = load_file(weights)
    del state["ecd1.0.2.bias"]
    save_file(state, tmp_path / "part.safetensors", {"note": "made by hand"})
    assert main(["models", "inspect", str(tmp_path / "part.safetensors")]) == 0
    out = capsys.readouterr().out
    assert "ecd1.0.2.bias is missing" in out
    assert "note = made by hand" in out
