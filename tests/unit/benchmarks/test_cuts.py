from __future__ import annotations

import pytest

from benchmarks.cuts import KINDS, cases, found, main

SEED = 2024
ROUND = list(cases(2 * len(KINDS), SEED))


@pytest.mark.parametrize("case", ROUND[: len(KINDS)], ids=lambda case: case.name)
def test_cuts_of_sound_pictures_are_found_and_none_invented(case) -> None:
    assert found(case.clip) == case.cuts


@pytest.mark.parametrize("case", ROUND[len(KINDS) :], ids=lambda case: case.name)
def test_worn_film_invents_no_cut(case) -> None:
    assert set(found(case.clip)) <= set(case.cuts)


def test_what_is_missed_is_told_and_fails(monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setattr("benchmarks.cuts.found", lambda clip: ())
    assert main(["--cases", "1", "--json", str(tmp_path / "cuts.json")]) == 1
    assert "1 cuts: 1 missed, 0 invented" in capsys.readouterr().out
