from __future__ import annotations

import re
from pathlib import Path

import pytest

from vidrestore.errors import ModelError
from vidrestore.restore.gpen.checkpoint import read_checkpoint
from vidrestore.weights.catalogue import (
    CATALOGUE,
    bundled_file,
    find_model,
)
from vidrestore.weights.fetch import fetch
from vidrestore.weights.folder import FOLDER_VARIABLE, weights_folder


def test_hashes_are_hashes() -> None:
    for model in CATALOGUE.values():
        assert model.sha256 is None or re.fullmatch(r"[0-9a-f]{64}", model.sha256)
    hashes = [model.sha256 for model in CATALOGUE.values() if model.sha256]
    assert len(set(hashes)) == len(hashes)


def test_bundled_weights_are_those_of_the_catalogue_and_small() -> None:
    bundled = [model for model in CATALOGUE.values() if model.bundled]
    assert [model.name for model in bundled] == ["default"]
    for model in bundled:
        path = bundled_file(model)
        assert path.stat().st_size <= 20e6
        assert read_checkpoint(path, model.sha256).shape.size == model.size


def test_a_name_a_file_and_neither(tmp_path: Path) -> None:
    assert find_model("default")[1] is CATALOGUE["default"]
    own = tmp_path / "own.pth"
    own.touch()
    assert find_model(str(own)) == (own, None)
    with pytest.raises(ModelError, match="no model 'defualt'"):
        find_model("defualt")


def test_a_model_is_found_once_it_was_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with pytest.raises(ModelError, match="models fetch gpen-bfr-512"):
        find_model("gpen-bfr-512")
    model = CATALOGUE["gpen-bfr-512"]
    (tmp_path / model.file).touch()
    assert find_model("gpen-bfr-512") == (tmp_path / model.file, model)


def test_what_is_not_fetched_is_put_there_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    model = CATALOGUE["gpen-colorization-1024"]
    with pytest.raises(ModelError, match=r"download GPEN-Colorization-1024.pth .* put it into"):
        find_model(model.name)
    with pytest.raises(ModelError, match="cannot be fetched"):
        fetch(model)
    (tmp_path / model.file).touch()
    assert find_model(model.name) == (tmp_path / model.file, model)


def test_the_folder_of_weights_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    assert weights_folder().name == "weights"
    assert "vidrestore" in weights_folder().parts
