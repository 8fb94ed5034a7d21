"""A second run to the same result is refused; what a killed run left is of no harm to the next."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fuzzing.fuzz import fake_restore
from tests.made_files.synthetic import Clip, make

pytest.importorskip("fcntl", reason="no locks on this system")

ROOT = Path(__file__).parents[2]

# Two results that have a first frame each, and get no other: all that a job holds of them.
STANDING = """
import sys, threading
from pathlib import Path
from vidrestore.config import EncoderConfig, InputConfig, OutputConfig
from vidrestore.video import VideoSource, open_sink

sinks = []
for out in sys.argv[2:]:
    frames = VideoSource(Path(sys.argv[1]), config=InputConfig())
    sinks.append(open_sink(frames, Path(out), EncoderConfig(), OutputConfig(), overwrite=False))
    sinks[-1].push(next(iter(frames)))
print("at work", flush=True)
threading.Event().wait()
"""


def test_two_runs_and_a_killed_one(tmp_path, capfd):
    clip, scan = make(tmp_path, Clip(audio=("aac",))), tmp_path / "scan"
    scan.mkdir()
    outs = [str(tmp_path / "out.mkv"), str(scan / "f_%d.png")]
    parts = [tmp_path / ".out.mkv.part.mkv", scan / ".f_%d.png.part"]
    with (
        subprocess.Popen(
            [sys.executable, "-c", STANDING, str(clip), *outs],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        ) as other,
        ExitStack() as closing,
    ):
        closing.callback(other.kill)  # what fails here must not wait for it
        assert other.stdout is not None
        assert other.stdout.readline() == "at work\n"
        for out in outs:
            assert fake_restore(["restore", str(clip), out, "--quiet"]) == 4
            (line,) = capfd.readouterr().err.splitlines()
            assert line.startswith(f"vidrestore: {out} is being written by another run")
        assert all(part.exists() for part in parts)
        other.kill()
    assert set(tmp_path.iterdir()) == {clip, scan, parts[0]}
    assert list(scan.iterdir()) == [parts[1]]

    for out in outs:
        assert fake_restore(["restore", str(clip), out, "--quiet"]) == 0
    assert set(tmp_path.iterdir()) == {clip, tmp_path / "out.mkv", scan}
    assert set(scan.iterdir()) == {scan / f"f_{n}.png" for n in range(1, 13)}
