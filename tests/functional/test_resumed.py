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
# Those that come by chance, five times each; a look at the others.
COUNTS = {"killed": 5, "a worker killed": 5, "all killed": 5, "power lost": 5}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="jobs run in forked processes")
def test_a_disturbed_job_goes_on_to_the_same_result(tmp_path):
    """One, two and three processes give the same, too; the command fails if they do not."""
    for count in (5, 1):
        only = [name for name in TROUBLES if COUNTS.get(name, 1) == count]
        counts = tmp_path / f"{count}.json"
        words = ["--count", str(count), "--seed", str(SEED), "--json", str(counts)]
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzzing.resumed", *words]
            + [word for name in only for word in ("--only", name)],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        told = json.loads(counts.read_text())
        assert {name: sum(each.values()) for name, each in told.items()} == dict.fromkeys(
            only, count
        )
