"""How long a user waits: for help, for a first word, for the first restored frame.

Each is a new process, as typed in a terminal; the least of several runs is what an idle machine
with a warm disk takes, which is what these figures are for. Beside the clock's seconds stand those
of the processor until then, in all threads, which other work on a busy machine disturbs far less.

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
from typing import NamedTuple

import psutil

SAMPLE = Path(__file__).parents[1] / "samples" / "clip.mkv"
COMMAND = (sys.executable, "-m", "vidrestore")
# What a user may wait for each, seconds, on an idle machine with a warm disk.
WANTED = {"help": 0.5, "first word": 0.5, "loading": 1.0, "first frame": 5.0}


class Waited(NamedTuple):
    """Seconds since a process was begun: by the clock, and of the processor."""

    clock: float
    processor: float


class Job:
    """A process in the making.

    Args:
        words: of the call.
    """

    def __init__(self, *words: str) -> None:
        self._begun = time.perf_counter()
        self.process = subprocess.Popen([*COMMAND, *words], stderr=subprocess.PIPE, text=True)
        self._watched = psutil.Process(self.process.pid)
        self._last = 0.0

    def waited(self) -> Waited:
        """Until now; of a process that has ended, as far as it was seen."""
        clock = time.perf_counter() - self._begun
        try:
            times = self._watched.cpu_times()
            self._last = times.user + times.system
        except psutil.NoSuchProcess:
            pass
        return Waited(clock, self._last)


def help_waited() -> Waited:
    """Until ``--help`` is done; the processor's seconds are those of all children together."""
    before = psutil.Process().cpu_times()
    begun = time.perf_counter()
    subprocess.run([*COMMAND, "restore", "--help"], check=True, capture_output=True)
    clock, after = time.perf_counter() - begun, psutil.Process().cpu_times()
    used = after.children_user + after.children_system
    return Waited(clock, used - before.children_user - before.children_system)


def job_waited(video: Path, output: Path) -> dict[str, Waited]:
    """Until each of the steps of a job that its events report; it is ended after its first frame.

    The whole video is asked for: stages look ahead, and a shorter piece would end their waiting.
    """
    found: dict[str, Waited] = {}
    job = Job("restore", str(video), str(output), "--overwrite", "--progress", "json")
    with job.process as process:
        assert process.stderr is not None
        for line in process.stderr:
            now = job.waited()
            if not line.startswith("{"):
                continue
            event = json.loads(line)
            if event["event"] == "begin":
                found.setdefault("first word", now)
            elif event["phase"] == "loading":
                found.setdefault("loading", now)
            elif event["phase"] == "working" and event["frames_done"]:
                found["first frame"] = now
                process.kill()
                break
    if "first frame" not in found:
        raise SystemExit(f"the job ended with exit code {process.returncode}, without a frame")
    return found


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3, help="the least of so many counts")
    parser.add_argument("--video", type=Path, default=SAMPLE)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "o.mkv"
        runs = [
            {"help": help_waited()} | job_waited(asked.video, output) for _ in range(asked.runs)
        ]
    print("| until | seconds | of the processor | wanted |\n|---|---|---|---|")
    for name in runs[0]:
        clock = min(run[name].clock for run in runs)
        processor = min(run[name].processor for run in runs)
        print(f"| {name} | {clock:.2f} | {processor:.2f} | {WANTED.get(name, '')} |")


if __name__ == "__main__":
    main()
