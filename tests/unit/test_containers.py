"""The container files, which no test can build here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LET_THROUGH = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", ["cpu", "cuda"])
def test_what_is_copied_is_there_and_let_through(name):
    text = (ROOT / "containers" / f"{name}.Containerfile").read_text()
    copied = [
        word for line in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE) for word in line.split()
    ]
    assert len(copied) > 5
    for word in copied:
        assert (ROOT / word).exists(), word
        assert word in LET_THROUGH
    assert re.search(r"^USER \d+$", text, re.MULTILINE)
