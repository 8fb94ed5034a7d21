"""No room for the result: one line, exit code 2, nothing left behind."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.made_files.synthetic import Clip, make

# The system's limit on the size of a file stands in for a full disk: the same call fails.
RESTORE = """
import resource, sys
from tests.fuzzing.fuzz import fake_restore
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(fake_restore(sys.argv[2:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files")
def test_no_room(tmp_path):
    clip = make(tmp_path, Clip(count=20, width=160, height=120, audio=("aac",), seconds=0.8))
    out = tmp_path / "out.mkv"
    words = ["restore", str(clip), str(out), "--quiet", "--encoder.crf", "1"]
    done = subprocess.run(
        [sys.executable, "-c", RESTORE, "20000", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("vidrestore: cannot write")
    assert "too large" in line
    assert list(tmp_path.iterdir()) == [clip]
