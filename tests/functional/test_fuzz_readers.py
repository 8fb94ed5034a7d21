"""200 broken files for each reader: every one is told or refused, in forked processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

READERS = {"pickle", "safetensors", "onnx", "preset", "tags", "playlist"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="cases need processes of their own")
def test_broken_files_are_told_or_refused(tmp_path):
    counts = tmp_path / "counts.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.fuzzing.fuzz_readers"),
            *("--count", "200", "--seed", "2026", "--json", str(counts)),
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(counts.read_text())
    assert set(told) == READERS
    for each in told.values():
        assert sum(each.values()) == 200
        assert each["refused"] > 0
