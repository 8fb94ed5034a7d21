"""Which files of a folder ``vidrestore verify`` takes for reports."""

from __future__ import annotations

import pytest

from vidrestore.cli import main
from vidrestore.report.verified import Check, Verified


@pytest.fixture
def looked_at(api, tmp_path, monkeypatch):
    """Paths of the reports that were looked at, below the folder."""
    found = []

    def verify_report(report, **_):
        found.append(report.as_posix())
        return Verified(str(report), (Check("report", True, "whole"),))

    api.verify_report = verify_report
    monkeypatch.chdir(tmp_path)
    return found


def written(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")


def test_what_jobs_keep_for_themselves_and_what_is_hidden_are_no_reports(looked_at, tmp_path):
    written(tmp_path, "out/new.mp4.part/plan.json", "out/new.mp4.part/00000.json")
    written(tmp_path, "out/a/b.mkv.part/deep/x.json", "out/.vidrestore/y.json", "out/summary.json")
    written(tmp_path, "out/a.mkv.json", "out/films.part two/b.json")
    assert main(["verify", "out"]) == 0
    assert looked_at == ["out/a.mkv.json", "out/films.part two/b.json"]


def test_a_folder_is_looked_into_wherever_it_lies(looked_at, tmp_path):
    written(tmp_path, ".hidden/x.part/reports/a.json")
    assert main(["verify", ".hidden/x.part/reports"]) == 0
    assert looked_at == [".hidden/x.part/reports/a.json"]


def test_an_unfinished_job_has_no_report(looked_at, tmp_path, capsys):
    written(tmp_path, "new.mp4.part/plan.json")
    assert main(["verify", "new.mp4.part"]) == 2
    assert "holds no reports" in capsys.readouterr().err
    assert looked_at == []
