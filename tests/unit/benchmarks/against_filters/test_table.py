from __future__ import annotations

from benchmarks.against_filters.table import markdown, rows, shown


def figures(psnr: float, **others: float) -> dict[str, float]:
    return {"psnr": psnr, **others}


RESULTS = {
    "mild/rigid/a": {"input": figures(30), "ours": figures(29, gaze=0.1)},
    "mild/rigid/b": {"input": figures(32), "ours": figures(34)},
    "film/moving/c": {"input": figures(20), "ours": figures(21)},
    "film/moving/stopped": {"input": figures(5)},
}


def test_means_are_by_kind_and_group_and_losses_are_counted():
    found = {(row.kind, row.group, row.method): row for row in rows(RESULTS)}
    ours = found["mild", "rigid", "ours"]
    assert (ours.clips, ours.below, ours.means["psnr"]) == (2, 1, 31.5)
    assert ours.means["gaze"] == 0.1
    assert ours.cell("below input") == "1/2"
    assert found["film", "moving", "input"].clips == 1
    assert found["film", "moving", "input"].means["psnr"] == 20


def test_markdown_has_a_line_for_each_method_and_no_empty_column():
    text = markdown(rows(RESULTS))
    assert "| 2 rigid | mild | input | 31.00 |" in text
    assert "31.50 | 1/2 |" in text
    assert "vmaf" not in text
    assert shown(rows(RESULTS), ["psnr"]).row_count == 4
