from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from vidrestore.report import Report, Run

PAGE = Path(__file__).parents[3] / "docs" / "report.md"


def test_every_field_of_a_report_is_explained():
    page = PAGE.read_text(encoding="utf-8")
    names = [field.name for kind in (Report, Run) for field in fields(kind)]
    assert [name for name in (*names, *Report.DERIVED) if f"`{name}`" not in page] == []
