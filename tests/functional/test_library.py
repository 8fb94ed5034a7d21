"""The examples of docs/library.md, each run as it stands; networks of no cost stand in."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import numpy as np
import pytest

import vidrestore
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from vidrestore import build
from vidrestore.build import finding

PAGE = Path(__file__).parents[2] / "docs" / "library.md"
EXAMPLES = re.findall(r"^## ([^\n]+)$|^```python\n(.*?)^```", PAGE.read_text(), re.M | re.S)


def examples():
    """Each with the heading that it stands under."""
    heading = ""
    for title, code in EXAMPLES:
        heading = title or heading
        if code:
            yield pytest.param(code, id=heading)


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    """A folder with what the examples name."""
    (tmp_path / "clips").mkdir()
    for folder, name in ((tmp_path, "in.mkv"), (tmp_path / "clips", "one.mkv")):
        make(folder, Clip(name=name, count=4, width=96, height=96))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(finding, "build_detector", lambda *_: FakeDetector())
    monkeypatch.setattr(
        build, "build_engine", lambda config: build.given_engine(FakeRestorer(), config)
    )


@pytest.fixture(autouse=True)
def silence(monkeypatch):
    """The logging that an example asks for ends with it."""
    root, ours = logging.getLogger(), logging.getLogger("vidrestore")
    handlers, level = list(root.handlers), ours.level
    yield
    root.handlers[:] = handlers
    ours.setLevel(level)


def test_there_are_twenty_short_examples():
    codes = [code for _, code in EXAMPLES if code]
    assert len(codes) >= 20
    assert max(len(code.splitlines()) for code in codes) <= 16


def test_every_public_name_is_on_the_page():
    page = PAGE.read_text()
    assert [name for name in vidrestore.__all__ if f"`{name}`" not in page] == []


@pytest.mark.parametrize("code", examples())
def test_an_example_runs(code, tmp_path):
    shown = []
    images = [np.full((96, 96, 3), 90 + n, np.uint8) for n in range(4)]
    given = {
        "images": images,
        "show": lambda *what: shown.append(what),
        "sharpened": lambda crops: crops,
    }
    exec(compile(code, str(PAGE), "exec"), given)
    if "show(" in code:
        assert [len(faces) for _, faces in shown] == [1] * 4
    if '"out' in code or ".new" in code:
        assert list(tmp_path.rglob("*out*.mkv")) or list(tmp_path.rglob("*.new.mkv"))
    assert not (tmp_path / "new.mkv").exists()  # these were refused or stopped
