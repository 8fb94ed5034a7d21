"""What broken files do: thousands of mutations of small valid files, each in a process of its own.

    python -m tests.fuzzing.fuzz [--count N] [--seed N] [--only NAME]... [--keep FOLDER]

Every file is restored as the command line would, with a detector and a restorer that cost nothing,
by a copy of this process in which everything is imported and no thread has run.
Allowed are a whole result and one line with exit code 2. A crash of the process, a traceback, a
hang, words of FFmpeg on stderr, a file left behind and a result that cannot be read are bugs:
their files are kept in FOLDER and the exit code is 1.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from io import StringIO
from itertools import pairwise
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic
from unittest.mock import patch

import av
from rich.console import Console
from rich.table import Table

from tests.fuzzing.fuzz_seeds import SEEDS
from tests.fuzzing.mutations import mutated
from tests.made_files import synthetic
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from vidrestore import build
from vidrestore.cli import main as vidrestore
from vidrestore.cli.failures import exit_code
from vidrestore.cli.restore import restore
from vidrestore.config import Config
from vidrestore.detect import hybrid
from vidrestore.errors import VidrestoreError
from vidrestore.report import write_json

# Far above what a file of half a second takes on a loaded machine.
HANG_SECONDS = 30.0
# What one process may take beyond what the program itself maps.
MEMORY = 4 << 30
FINE = ("restored", "restored, damage told", "refused")
BAD_RESULT, TRACEBACK = 70, 71


@dataclass
class Case:
    """One broken file and what became of it."""

    name: str
    number: int
    mutation: str
    file: Path
    process: BaseProcess | None = None
    begun: float = field(default_factory=monotonic)

    @property
    def folder(self) -> Path:
        """Where it runs."""
        return self.file.parent


def attempt(file: Path) -> None:
    """Restore one file; ends the process with the code that tells how it went."""
    folder = file.parent
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(folder / name, os.O_CREAT | os.O_WRONLY | os.O_APPEND), number)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    # Text subtitles are copied as they are, so what comes from MP4 must go there.
    out = folder / ("out.mp4" if file.suffix == ".mp4" else "out.mkv")
    report = folder / "report.json"
    try:
        code = _parsed(file, out, report)
        if code == 0 and not _good(out, report):
            code = BAD_RESULT
    except BaseException:
        traceback.print_exc()
        code = TRACEBACK
    sys.stderr.flush()
    os._exit(code)


def _parsed(file: Path, out: Path, report: Path) -> int:
    """The command behind the parser, which takes longer than the work itself."""
    options = {"encoder.speed": "ultrafast", "detect.detector": "centerface"}
    with _fakes():
        try:
            return restore(str(file), str(out), report=str(report), quiet=True, **options)
        except VidrestoreError as error:
            return exit_code(error)


def fake_restore(words: Sequence[str]) -> int:
    """Call the command line with a detector and a restorer that cost nothing."""
    with _fakes():
        return vidrestore(words)


@contextmanager
def _fakes() -> Iterator[None]:
    with (
        patch.object(hybrid, "default_detector", lambda _: FakeDetector()),
        patch.object(
            build, "build_engine", lambda config: build.given_engine(FakeRestorer(), config)
        ),
    ):
        yield


def warm(folder: Path) -> None:
    """Import what every case needs, so that its process need not; no thread runs."""
    build.build_finding(Config(), build.build_finder(Config(), FakeDetector()))
    nothing = folder / "nothing"
    with redirect_stderr(StringIO()):
        code = _parsed(nothing, nothing.with_suffix(".mkv"), nothing.with_suffix(".json"))
    assert code == 2, "a missing file must be refused"
    # What is alive now stays: a collection in a child would copy all pages of it.
    gc.collect()
    gc.freeze()


def _good(out: Path, report: Path) -> bool:
    """Whether the result holds as many frames as the report says, each later than the last."""
    told = json.loads(report.read_text())
    with av.open(str(out)) as container:
        times = [frame.pts for frame in container.decode(video=0)]
    rising = all(a is not None and b is not None and a < b for a, b in pairwise(times))
    return rising and len(times) == told["frames_out"]


def outcome(case: Case) -> str:
    """How the process ended, in a few words."""
    assert case.process is not None
    code = case.process.exitcode
    said = (case.folder / "stderr").read_text(errors="replace").splitlines()
    left = {path.stem for path in case.folder.iterdir()} - {"in", "stdout", "stderr"}
    if code is None or code < 0:
        return "HANG" if code is None else f"CRASH (signal {-code})"
    if code in {BAD_RESULT, TRACEBACK}:
        return "BAD RESULT" if code == BAD_RESULT else "TRACEBACK"
    foreign = any(not line.startswith("vidrestore: ") for line in said)
    if foreign or code not in {0, 2} or (code == 2 and len(said) != 1):
        return f"EXIT {code}, {len(said)} lines"
    if left != ({"out", "report"} if code == 0 else set()):
        return "LEFT BEHIND"
    if code == 2:
        return "refused"
    warned = json.loads((case.folder / "report.json").read_text())["warnings"]
    return "restored, damage told" if warned else "restored"


class Runner:
    """Runs cases side by side and counts what comes of them."""

    def __init__(self, folder: Path, keep: Path | None, jobs: int, patience: float) -> None:
        self.counts: dict[str, Counter[str]] = {}
        self.bugs: list[str] = []
        self._fork = multiprocessing.get_context("fork")
        self._folder, self._keep, self._jobs, self._patience = folder, keep, jobs, patience
        self._running: list[Case] = []

    def start(self, name: str, number: int, mutation: str, data: bytes, ending: str) -> None:
        """Begin one case, waiting for a free place."""
        while len(self._running) >= self._jobs:
            self._reap()
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        case = Case(name, number, mutation, folder / f"in{ending}")
        case.file.write_bytes(data)
        case.process = self._fork.Process(target=attempt, args=(case.file,))
        case.process.start()
        self._running.append(case)

    def finish(self) -> None:
        """Wait for the last ones."""
        while self._running:
            self._reap()

    def _reap(self) -> None:
        oldest = min(case.begun for case in self._running)
        sentinels = [case.process.sentinel for case in self._running if case.process]
        wait(sentinels, timeout=max(0.0, oldest + self._patience - monotonic()))
        still = []
        for case in self._running:
            assert case.process is not None
            if case.process.is_alive() and monotonic() < case.begun + self._patience:
                still.append(case)
            else:
                self._count(case)
        self._running = still

    def _count(self, case: Case) -> None:
        assert case.process is not None
        found = outcome(case)
        case.process.kill()
        case.process.join()
        self.counts.setdefault(case.name, Counter())[found] += 1
        if found not in FINE:
            self.bugs.append(f"{found}: {case.name} {case.number} ({case.mutation})")
            print(self.bugs[-1], flush=True)
            if self._keep is not None:
                self._keep.mkdir(parents=True, exist_ok=True)
                stem = f"{case.name}-{case.number}".replace(" ", "-")
                (self._keep / f"{stem}{case.file.suffix}").write_bytes(case.file.read_bytes())
                said = (case.folder / "stderr").read_bytes()
                (self._keep / f"{stem}.txt").write_bytes(f"{self.bugs[-1]}\n".encode() + said)
        for path in case.folder.iterdir():
            path.unlink()
        case.folder.rmdir()


def table(counts: dict[str, Counter[str]]) -> Table:
    """Outcomes by container."""
    kinds = list(FINE) + sorted({kind for each in counts.values() for kind in each} - set(FINE))
    grid = Table("container", *kinds, title="what became of broken files")
    for name, each in counts.items():
        grid.add_row(name, *(str(each[kind]) for kind in kinds))
    total = sum(counts.values(), Counter[str]())
    grid.add_row("all", *(str(total[kind]) for kind in kinds), style="bold")
    return grid


def main(argv: Sequence[str] | None = None) -> int:
    """Run, print the table; 1 if there was a bug."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000, help="mutations of each file")
    parser.add_argument("--seed", type=int, default=0, help="number of the first mutation")
    parser.add_argument("--only", action="append", choices=sorted(SEEDS), help="files to break")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at a time")
    parser.add_argument("--patience", type=float, default=HANG_SECONDS, help="of a hang, seconds")
    parser.add_argument("--keep", type=Path, help="folder for the files that showed a bug")
    parser.add_argument("--json", type=Path, help="keep the counts here, as JSON")
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        folder = Path(scratch)
        files = {name: synthetic.make(folder, clip) for name, clip in SEEDS.items()}
        names = given.only or list(SEEDS)
        warm(folder)
        runner = Runner(folder, given.keep, given.jobs or 1, given.patience)
        read = {name: path.read_bytes() for name, path in files.items()}
        others = list(read.values())
        for number in range(given.seed, given.seed + given.count):
            for name in names:
                # Half of the joints are with a file of the same container.
                other = read[name] if number % 2 else others[number // 2 % len(others)]
                mutation, broken = mutated(read[name], other, number)
                runner.start(name, number, mutation, broken, files[name].suffix)
            if given.json is not None:
                write_json(runner.counts, given.json)
        runner.finish()
    console = Console()
    console.print(table(runner.counts))
    if given.json is not None:
        write_json(runner.counts, given.json)
    return 1 if runner.bugs else 0


if __name__ == "__main__":
    sys.exit(main())
