"""A divided job that is killed, starved or loses its power goes on to the same result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("fcntl", reason="no locks on this system")

from tests.fuzzing.resumed import TROUBLES  # after the system is known to have what it needs

SEED = 2026
# Those that come by chance, five times each; where processes must be begun anew each time, which
# takes seconds, twice; a look at the others. `make faults` has 25 of each.
COUNTS = {"killed": 5, "a worker killed": 2, "all killed": 2, "power lost": 5}


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="jobs run in forked processes")


def run(*words):
    command = [sys.executable, "-m", "tests.fuzzing.resumed", "--seed", str(SEED), *words]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_one_two_and_three_processes_give_the_same():
    assert "processes give the same: True ([1, 2, 3])" in run("--count", "0")


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_disturbed_job_goes_on_to_the_same_result(trouble, tmp_path):
    counts, file = COUNTS.get(trouble, 1), tmp_path / "counts.json"
    run("--only", trouble, "--count", str(counts), "--json", str(file))
    told = json.loads(file.read_text())
    assert list(told) == [trouble]
    assert sum(told[trouble].values()) == counts
