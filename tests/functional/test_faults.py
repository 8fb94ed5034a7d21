"""Jobs that are stopped, starved and killed at seeded moments leave a whole result or none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.faults import FAULTS

pytest.importorskip("fcntl", reason="no locks on this system")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="jobs run in forked processes")
@pytest.mark.timeout(1200)
def test_a_disturbed_job_leaves_a_whole_result_or_none(tmp_path):
    counts = tmp_path / "counts.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.faults"),
            *("--count", "1", "--seed", "2026", "--json", str(counts)),
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(counts.read_text())
    assert set(told) == set(FAULTS)
    assert all(set(each) <= {"whole", "nothing"} for each in told.values())
