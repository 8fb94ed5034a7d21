"""Which of the repository's folders may know which; the package has contracts of its own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def imported(file: Path) -> set[str]:
    """The first words of everything that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize(
    ("folder", "others"),
    [
        ("vidrestore", {"tests", "benchmarks", "training", "samples"}),
        ("samples", {"tests", "benchmarks", "training"}),
        ("training", {"tests", "benchmarks"}),
        ("benchmarks", {"tests"}),
    ],
)
def test_nothing_imports_what_is_built_on_it(folder, others):
    assert {
        str(file.relative_to(ROOT)): found
        for file in (ROOT / folder).rglob("*.py")
        if (found := imported(file) & others)
    } == {}


def test_tests_import_benchmarks_and_training_to_test_them_alone():
    tested = [ROOT / "tests" / "unit" / name for name in ("benchmarks", "training", "samples")]
    assert {
        str(file.relative_to(ROOT)): found
        for file in (ROOT / "tests").rglob("*.py")
        if not any(file.is_relative_to(folder) for folder in tested)
        if (found := imported(file) & {"benchmarks", "training"})
    } == {}
