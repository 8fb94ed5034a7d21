from __future__ import annotations

import hashlib
import io
import re
import sys
from functools import partial

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from tests.made_files.hostile.hostile import RunsCode
from tests.stand_ins import web
from vidrestore.cli import fetching, main
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.weights.catalogue import CATALOGUE, Model


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
    head, *lines = capsys.readouterr().out.splitlines()
    rows, told = lines[: len(CATALOGUE)], lines[len(CATALOGUE) :]
    assert head.split() == ["name", "px", "length", "licence", "weights"]
    assert any(line.startswith("fetched ones lie in ") for line in told)
    assert "colours faces (--task colorize): gpen-colorization-1024" in told
    assert any(line.startswith("put there by hand: gpen-colorization-1024,") for line in told)
    assert max(map(len, (head, *rows))) <= 80
    assert [row.split()[0] for row in rows] == list(CATALOGUE)
    for row, model in zip(rows, CATALOGUE.values(), strict=True):
        assert model.licence in row
        assert ("not fetched" in row) != model.bundled


def test_a_bundled_model_that_is_gone_is_told(capsys, monkeypatch):
    entry = Model("gone", "gone.safetensors", "0" * 64, 16, "gpen", "x", bundled=True)
    monkeypatch.setitem(CATALOGUE, "gone", entry)
    assert main(["models", "list"]) == 0
    assert "MISSING" in capsys.readouterr().out


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


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A model of the catalogue that a server on this machine offers."""
    content = b"weights" * 1000
    digest = hashlib.sha256(content).hexdigest()
    licence = "non-commercial research only"
    entry = Model("known", "known.onnx", digest, 16, "gpen", licence, megabytes=1)
    monkeypatch.setitem(CATALOGUE, "known", entry)
    monkeypatch.setenv("VIDRESTORE_WEIGHTS", str(tmp_path / "weights"))
    with web.web_server() as server:
        server.answer = web.sends(content)
        monkeypatch.setattr(fetching, "fetch", partial(fetching.fetch, release=server.address))
        yield tmp_path / "weights" / "known.onnx"


def test_a_licence_stands_between_the_user_and_a_model_once(served, capsys):
    assert main(["models", "fetch", "known"]) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "--accept-licence" in captured.err
    assert not served.exists()
    assert main(["models", "fetch", "known", "--accept-licence"]) == 0
    assert str(served) in capsys.readouterr().out
    served.unlink()
    assert main(["models", "fetch", "known"]) == 0
    assert served.is_file()
    assert "7.0 kB of 7.0 kB" in capsys.readouterr().err
    assert main(["models", "list"]) == 0
    told = capsys.readouterr().out
    assert re.search(r"^known .* here$", told, re.M)
    assert str(served.parent) in told


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2), ("", 2)])
def test_on_a_terminal_the_licence_is_asked_for(answer, code, served, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert main(["models", "fetch", "known"]) == code
    assert "non-commercial research only" in sys.stderr.getvalue()
    assert served.is_file() == (code == 0)


def test_what_need_not_or_cannot_be_fetched(capsys):
    assert main(["models", "fetch", "default"]) == 0
    assert "comes with vidrestore" in capsys.readouterr().out
    assert main(["models", "fetch", "gpen-bfr-521"]) == 2
    assert "did you mean gpen-bfr-512?" in capsys.readouterr().err


@pytest.mark.parametrize("half", [False, True])
def test_a_checkpoint_is_converted_and_says_where_it_is_from(half, weights, tmp_path, capsys):
    state = {f"module.{name}": value.float() for name, value in load_file(weights).items()}
    source, out = tmp_path / "model.pth", tmp_path / "model.safetensors"
    torch.save({"g_ema": state, "args": {"lr": 1}}, source)
    words = ["models", "convert", str(source), str(out), *["--half"] * half]
    assert main(words) == 0
    with safe_open(out, "pt") as file:
        texts = file.metadata()
    assert texts["source_sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert texts["source"] == "model.pth"
    read = read_checkpoint(out)
    wanted = torch.float16 if half else torch.float32
    assert {value.dtype for value in read.state.values()} == {wanted}
    assert torch.equal(
        read.state["generator.input.input"].float(), state["module.generator.input.input"]
    )
    assert main(words) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert main([*words, "--overwrite"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "model.pth",
        "model.safetensors",
        "small.safetensors",
    ]


def test_what_cannot_be_converted_is_told(weights, tmp_path, capsys):
    torch.save({"w": torch.zeros(2)}, tmp_path / "other.pth")
    for source, out, told in (
        (tmp_path / "other.pth", "out.safetensors", "final_linear.0.weight is missing"),
        (weights, "out.pth", ".safetensors"),
        (weights, "none/out.safetensors", "cannot write"),
        (tmp_path / "none.pth", "out.safetensors", "cannot read"),
    ):
        assert main(["models", "convert", str(source), str(tmp_path / out)]) == 2
        err = capsys.readouterr().err
        assert told in err
        assert err.count("\n") == 1
    before = weights.read_bytes()
    assert main(["models", "convert", str(weights), str(weights), "--overwrite"]) == 2
    assert weights.read_bytes() == before
    assert not (tmp_path / "out.safetensors").exists()
