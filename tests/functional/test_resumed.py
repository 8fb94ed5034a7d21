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
# Moments of the job's own process, three each. Processes take seconds to begin, so that those are
# disturbed once here; `make faults` has 25 of each, and compares three processes, too.
COUNTS = {"killed": 5, "power lost": 5}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="jobs run in forked processes")


@pytest.mark.timeout(1800)
def test_a_disturbed_job_goes_on_to_the_same_result(tmp_path):
    """One and two processes give the same, too; the command fails if they do not."""
    counts = {name: COUNTS.get(name, 1) for name in TROUBLES}
    only = [word for name in counts for word in ("--only", f"{name}={counts[name]}")]
    file = tmp_path / "counts.json"
    words = ["-m", "tests.fuzzing.resumed", "--seed", str(SEED), *only, "--json", str(file)]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "processes give the same: True ([1, 2])" in done.stdout
    told = json.loads(file.read_text())
    assert {name: sum(ends.values()) for name, ends in told.items()} == counts
    for name in ("killed", "power lost"):
        assert told[name]["went on"] > 0
