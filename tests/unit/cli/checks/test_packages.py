from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from types import SimpleNamespace

import pytest

from vidrestore.cli.checks import packages as package_checks
from vidrestore.cli.checks.packages import extras, packages
from vidrestore.errors import ModelError

ASKED = [
    "numpy>=2",
    "pydantic>=99.1",
    "no-such-package>=1",
    'onnxruntime>=1.20; extra == "onnx"',
    "spandrel>=0.4.1; extra == 'spandrel'",
    "spandrel-extra-arches>=0.2; extra == 'spandrel'",
]


def by_subject(found):
    return {finding.subject: finding for finding in found}


@pytest.fixture
def machine(monkeypatch):
    """A machine whose packages the test lists: versions by name, and errors of importing."""
    versions: dict[str, str] = {}
    errors: dict[str, Exception] = {}

    def version(name):
        if name not in versions:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions[name]

    def load(name):
        if name in errors:
            raise errors[name]
        return SimpleNamespace(
            __version__=versions[name], get_available_providers=lambda: ["Fast", "Slow"]
        )

    monkeypatch.setattr(importlib.metadata, "requires", lambda name: ASKED)
    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: object() if name in versions else None
    )
    monkeypatch.setattr(importlib, "import_module", load)
    monkeypatch.setattr(package_checks, "import_with_torchvision", load)
    return SimpleNamespace(versions=versions, errors=errors)


def test_packages_that_are_missing_or_old(machine):
    machine.versions.update(numpy="2.4.6", pydantic="2.14.3")
    found = by_subject(packages())
    assert set(found) == {"numpy", "pydantic", "no-such-package"}
    assert (found["numpy"].text, found["numpy"].problem) == ("2.4.6", False)
    assert found["pydantic"].problem
    assert "99.1 or newer is needed" in found["pydantic"].text
    assert "pip install no-such-package" in found["no-such-package"].text


def test_what_this_installation_asks_for_is_read_whole():
    wanted = {package.name: package for package in package_checks._wanted()}
    assert wanted["torch"].extra == ""
    assert wanted["torch"].least != ""
    for name, extra in (
        ("onnxruntime", "onnx"),
        ("spandrel", "spandrel"),
        ("spandrel-extra-arches", "spandrel"),
    ):
        assert (wanted[name].extra, wanted[name].least != "") == (extra, True)


def test_without_metadata_it_goes_on(machine, monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", missing)
    (finding,) = packages()
    assert "not installed" in finding.text
    assert not any(finding.problem for finding in extras())


def test_extras_that_are_not_there_are_no_problem_and_how_to_get_them_is_told(machine):
    found = by_subject(extras())
    assert set(found) == {"extra onnx", "extra spandrel"}
    for name in ("onnx", "spandrel"):
        assert not found[f"extra {name}"].problem
        assert f"pip install '.[{name}]'" in found[f"extra {name}"].text


def test_extras_that_are_there_tell_versions_and_providers(machine):
    machine.versions.update(onnxruntime="1.32.0", spandrel="0.4.2", spandrel_extra_arches="0.2.0")
    machine.versions["spandrel-extra-arches"] = "0.2.0"
    found = by_subject(extras())
    assert found["extra onnx"] == ("extra onnx", "onnxruntime 1.32.0 with Fast, Slow", False)
    text = "spandrel 0.4.2, spandrel-extra-arches 0.2.0"
    assert found["extra spandrel"] == ("extra spandrel", text, False)


def test_half_of_an_extra_tells_what_the_other_half_is_for(machine):
    machine.versions["spandrel"] = "0.4.2"
    (finding,) = [each for each in extras() if each.subject == "extra spandrel"]
    assert not finding.problem
    assert "without spandrel-extra-arches, which CodeFormer files need" in finding.text


def test_extras_that_are_old_or_broken_are_problems(machine):
    machine.versions.update(onnxruntime="1.9.2", spandrel="0.4.2")
    machine.versions["spandrel-extra-arches"] = "0.1"
    machine.errors["spandrel"] = ModelError("cannot import spandrel (no nms): reinstall spandrel")
    found = by_subject(extras())
    assert found["extra onnx"].problem
    assert found["extra onnx"].text == "onnxruntime 1.9.2; 1.20 or newer is needed"
    assert found["extra spandrel"].problem
    assert "(no nms): reinstall spandrel" in found["extra spandrel"].text
    assert "spandrel-extra-arches 0.1; 0.2 or newer is needed" in found["extra spandrel"].text
    machine.errors["onnxruntime"] = ImportError("libcudart.so.13: cannot open\nmore")
    (broken,) = [each for each in extras() if each.subject == "extra onnx"]
    assert broken.problem
    assert "libcudart.so.13: cannot open); install onnxruntime again" in broken.text


@pytest.mark.parametrize(
    ("older", "newer"), [("2.9", "2.13.0+cpu"), ("5", "5.0.0.93"), ("2.0rc1", "2.0.1")]
)
def test_versions_compare_as_versions_do(older, newer):
    assert package_checks._is_old(older, newer)
    assert not package_checks._is_old(newer, older)
    assert not package_checks._is_old("somebody's own", newer)
