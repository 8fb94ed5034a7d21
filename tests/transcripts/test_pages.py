"""The program says what was looked through; ``python -m tests.transcripts`` writes it anew."""

from __future__ import annotations

import pytest

from tests.transcripts.calls import CALLS, COLUMNS, PAGES, page
from vidrestore.cli import main


@pytest.mark.parametrize("name", CALLS)
def test_a_page_says_what_it_said(name, tmp_path):
    kept = (PAGES / f"{name}.txt").read_text(encoding="utf-8")
    assert page(name, tmp_path) == kept, (
        "run python -m tests.transcripts and look at the difference"
    )


@pytest.mark.parametrize("name", [name for name in CALLS if name.startswith("help")])
def test_help_fits_the_screen(name):
    lines = (PAGES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= COLUMNS


def test_help_of_every_option_fits_too(monkeypatch, capsys):
    # What it says is docs/options.md's, which a test compares.
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    assert main(["restore", "--help-all"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= COLUMNS


def test_every_page_is_compared():
    assert {path.stem for path in PAGES.glob("*.txt")} == set(CALLS)


def test_the_common_options_fit_one_screen():
    assert len((PAGES / "help_restore.txt").read_text(encoding="utf-8").splitlines()) <= 60
