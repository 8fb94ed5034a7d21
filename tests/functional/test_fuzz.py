"""A few dozen broken files: each is restored or refused in one line, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz_seeds import SEEDS
from tests.mutations import mutated

ROOT = Path(__file__).parents[2]


def test_the_same_seed_breaks_a_file_the_same_way():
    data = bytes(range(256)) * 8
    for seed in range(60):
        name, broken = mutated(data, data[::-1], seed)
        assert (name, broken) == mutated(data, data[::-1], seed)
        assert broken
    assert len({mutated(data, data[::-1], seed)[0].split()[0] for seed in range(12)}) == 12


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each file needs a process of its own")
def test_broken_files_are_restored_or_refused(tmp_path):
    counts = tmp_path / "counts.json"
    words = ["--count", "3", "--seed", "2026", "--json", str(counts)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.fuzz", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(counts.read_text())
    assert sum(sum(each.values()) for each in told.values()) == 3 * len(SEEDS)
