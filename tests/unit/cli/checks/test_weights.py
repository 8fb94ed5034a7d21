from __future__ import annotations

import hashlib
import importlib

import pytest

from vidrestore.cli.checks.weights import bundled_weights, fetched_weights
from vidrestore.weights import installed
from vidrestore.weights.catalogue import CATALOGUE, Model

CONTENT = b"weights"
MODEL = Model("some", "some.onnx", hashlib.sha256(CONTENT).hexdigest(), 64, "gpen", "free")


def by_subject(found):
    return {finding.subject: finding for finding in found}


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("VIDRESTORE_WEIGHTS", str(tmp_path))
    monkeypatch.setitem(CATALOGUE, MODEL.name, MODEL)
    return tmp_path


def test_damaged_bundled_weights_are_a_problem(monkeypatch, tmp_path):
    (tmp_path / "weights").write_bytes(b"damaged")
    monkeypatch.setattr(installed.InstalledFile, "located", lambda self: tmp_path / "weights")
    found = by_subject(bundled_weights())
    for subject in ("weights centerface", "weights onet", "weights landmarks"):
        assert found[subject].problem
        assert "SHA-256" in found[subject].text
    assert not found["weights default"].problem


def test_without_fetched_weights_their_folder_is_told(folder):
    (finding,) = fetched_weights()
    assert finding == ("weights fetched", f"none in {folder}", False)


def test_fetched_weights_are_proven_by_their_hash(folder):
    (folder / MODEL.file).write_bytes(CONTENT)
    (finding,) = fetched_weights()
    text = f"{folder / MODEL.file}, SHA-256 as expected"
    assert finding == ("weights some", text, False)
    (folder / MODEL.file).write_bytes(b"other")
    (finding,) = fetched_weights()
    assert finding.problem
    assert "damaged" in finding.text
    assert "vidrestore models fetch some" in finding.text


def test_a_download_that_broke_off_is_told(folder):
    (folder / "some.onnx.part").write_bytes(bytes(12_300))
    (finding,) = fetched_weights()
    assert not finding.problem
    assert "12.3 kB of about 500 MB" in finding.text
    assert "models fetch some goes on" in finding.text


@pytest.mark.parametrize("missing", ["pooch", "vidrestore.weights.reading.weight_file"])
def test_without_a_package_they_are_not_looked_for(missing, folder, monkeypatch):
    real = importlib.import_module

    def refuse(name):
        if name == missing:
            raise ImportError("gone")
        return real(name)

    monkeypatch.setattr(importlib, "import_module", refuse)
    (finding,) = fetched_weights()
    assert finding.subject == "weights fetched"
    assert "(gone)" in finding.text
