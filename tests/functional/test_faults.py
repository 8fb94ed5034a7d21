"""Jobs that are stopped, starved and killed at seeded moments leave a whole result or none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("fcntl", reason="no locks on this system")

from tests.fuzzing.faults import FAULTS  # after the system is known to have what it needs

COUNT, SEED, LINES = 3, 2026, 10_000

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="jobs run in forked processes")


@pytest.fixture(scope="module")
def ends(tmp_path_factory):
    """How the cases of each fault ended; one process tries them all, as it takes long to begin."""
    counts = tmp_path_factory.mktemp("faults") / "counts.json"
    words = ["--count", str(COUNT), "--seed", str(SEED), "--lines", str(LINES)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzzing.faults", *words, "--json", str(counts)],
        cwd=Path(__file__).parents[2],
        # OpenMP ends a process that has no memory for a thread's stack, with a code of its own.
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert counts.exists(), done.stdout + done.stderr
    return json.loads(counts.read_text())


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_disturbed_job_leaves_a_whole_result_or_none(fault, ends):
    assert set(ends[fault]) <= {"whole", "nothing"}
    assert sum(ends[fault].values()) == (1 if FAULTS[fault].subtitles else COUNT)
