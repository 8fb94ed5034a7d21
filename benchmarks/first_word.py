"""How long a user waits: for help, for a first word, for the first restored frame, for the end.

Each is a new process, as typed in a terminal; the least of several runs is what an idle machine
with a warm disk takes, which is what these figures are for.

    python -m benchmarks.first_word [--runs 3] [--video samples/clip.mkv]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLE = Path(__file__).parents[1] / "samples" / "clip.mkv"
COMMAND = (sys.executable, "-m", "vidrestore")
# What a user may wait for each, seconds, on an idle machine with a warm disk.
WANTED = {"help": 0.5, "first word": 0.5, "loading": 1.0, "first frame": 5.0}


def help_seconds() -> float:
    """Until ``--help`` is done."""
    begun = time.perf_counter()
    subprocess.run([*COMMAND, "restore", "--help"], check=True, capture_output=True)
    return time.perf_counter() - begun


def job_seconds(video: Path, output: Path) -> dict[str, float]:
    """Until each of the steps of a job that its events tell of."""
    begun, found = time.perf_counter(), {}
    words = ["restore", str(video), str(output), "--overwrite", "--progress", "json"]
    with subprocess.Popen([*COMMAND, *words], stderr=subprocess.PIPE, text=True) as job:
        assert job.stderr is not None
        for line in job.stderr:
            now = time.perf_counter() - begun
            if not line.startswith("{"):
                continue
            event = json.loads(line)
            if event["event"] == "begin":
                found.setdefault("first word", now)
            elif event["phase"] == "loading":
                found.setdefault("loading", now)
            elif event["phase"] == "working" and event["frames_done"]:
                found.setdefault("first frame", now)
    if job.returncode:
        raise SystemExit(f"the job ended with exit code {job.returncode}")
    return found | {"end": time.perf_counter() - begun}


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3, help="the least of so many counts")
    parser.add_argument("--video", type=Path, default=SAMPLE)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "o.mkv"
        runs = [
            {"help": help_seconds()} | job_seconds(asked.video, output) for _ in range(asked.runs)
        ]
    print("| until | seconds | wanted |\n|---|---|---|")
    for name in runs[0]:
        least = min(run[name] for run in runs)
        print(f"| {name} | {least:.2f} | {WANTED.get(name, '')} |")


if __name__ == "__main__":
    main()
