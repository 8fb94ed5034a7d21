"""What a job leaves when it is stopped, starved or killed at random moments.

    python -m tests.fuzzing.faults [--count N] [--seed N] [--only NAME]... [--json FILE]

Each case restores a small clip in a forked process, with a detector and a restorer that cost
nothing, and does something to it at a moment that the seed draws. Allowed: a whole result; or none
under its final name, at most the hidden part, one last line of words and the exit code that the
case asks for. The next run to the same place must work and leave nothing but the result.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import synchronize
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

import av
from rich.console import Console
from rich.table import Table

from tests import witness
from tests.fuzzing.fuzz import fake_restore, warm
from tests.made_files import synthetic
from vidrestore.report import write_json

FRAMES = 8
LINES = 100_000  # of subtitles
# Of an untouched run, over which moments are drawn.
PATIENCE = 240.0
TRACEBACK = 71


@dataclass(frozen=True)
class Fault:
    """One way in which a job is disturbed.

    Attributes:
        codes: exit codes that are right when the result is not there; those of a process that a
            signal ended are negative.
        inside: what happens in the job's own process before it begins.
        outside: what happens to it at the drawn moment.
        subtitles: whether the clip has a great many lines of them; tried once in five.
    """

    codes: frozenset[int] = frozenset()
    inside: Callable[[Random], None] | None = None
    outside: Callable[[int], None] | None = None
    subtitles: bool = False


def _send(number: int) -> Callable[[int], None]:
    def send(process: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(process, number)

    return send


def _stop_and_go(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGSTOP)
        time.sleep(0.3)
        os.kill(process, signal.SIGCONT)


def _full_disk(random: Random) -> None:
    """Files may grow to some bytes: the same call fails as on a full disk."""
    most = random.randrange(1, 60_000)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def _little_memory(random: Random) -> None:
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    most = mapped + random.randrange(0, 300 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _refusing(refused: Callable[[str], bool], error: OSError) -> Callable[[Random], None]:
    """Every file whose name is refused cannot be opened for writing."""

    def inside(_: Random) -> None:
        def hook(event: str, arguments: tuple[object, ...]) -> None:
            if event == "open" and isinstance(arguments[0], str):
                flags = arguments[2] if isinstance(arguments[2], int) else 0
                if flags & (os.O_WRONLY | os.O_RDWR) and refused(arguments[0]):
                    raise error

        sys.addaudithook(hook)

    return inside


FAULTS = {
    "stopped and continued": Fault(outside=_stop_and_go),
    "interrupted": Fault(frozenset({130}), outside=_send(signal.SIGINT)),
    # A signal that comes before the job has begun ends the process as any other.
    "terminated": Fault(frozenset({130, -signal.SIGTERM}), outside=_send(signal.SIGTERM)),
    "terminal closed": Fault(frozenset({130, -signal.SIGHUP}), outside=_send(signal.SIGHUP)),
    "processor time spent": Fault(frozenset({130, -signal.SIGXCPU}), outside=_send(signal.SIGXCPU)),
    "killed": Fault(frozenset({-signal.SIGKILL}), outside=_send(signal.SIGKILL)),
    "disk full": Fault(frozenset({2, 4}), inside=_full_disk),
    "memory limited": Fault(frozenset({2, 4}), inside=_little_memory),
    "no /dev/shm": Fault(
        inside=_refusing(lambda name: name.startswith("/dev/shm"), PermissionError(13, "denied"))
    ),
    "read-only current folder": Fault(
        inside=_refusing(
            lambda name: not os.path.isabs(name),  # noqa: PTH117
            OSError(30, "Read-only file system"),
        )
    ),
    "many subtitles": Fault(subtitles=True),
}


def job(
    words: Sequence[str], folder: Path, fault: Fault, random: Random, begun: synchronize.Event
) -> None:
    """Restore, in a process of its own; ends it with the command's exit code."""
    # A shell starts what runs in its background with these ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(folder / name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC), number)
    try:
        begun.set()
        if fault.inside is not None:
            fault.inside(random)
        code = fake_restore(words)
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        traceback.print_exc()
        code = TRACEBACK
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)


class Trials:
    """Runs cases on two clips and says what came of each."""

    def __init__(self, folder: Path, lines: int) -> None:
        self._folder, self._lines = folder, lines
        self._fork = multiprocessing.get_context("fork")
        clip = synthetic.Clip("in.mkv", FRAMES, 96, 80, audio=("aac",), seconds=FRAMES / 25)
        self._clip = synthetic.make(folder, clip)
        warm(folder)
        begun = time.monotonic()
        self._run(Fault(), Random(0), folder / "first.mkv")
        self.usual = time.monotonic() - begun

    @cached_property
    def _long(self) -> Path:
        """The clip with subtitles."""
        path = self._folder / "lines.mkv"
        lines = (f"{n}\n{_time(n)} --> {_time(n + 1)}\nline {n}\n" for n in range(self._lines))
        path.with_suffix(".srt").write_text("\n".join(lines))
        witness.run("-i", self._clip, "-i", path.with_suffix(".srt"), "-c", "copy", path)
        return path

    def _run(self, fault: Fault, random: Random, out: Path) -> int | None:
        """The exit code of one run; None if it hangs."""
        source = self._long if fault.subtitles else self._clip
        words = ["restore", str(source), str(out), "--encoder.speed", "ultrafast", "--quiet"]
        begun = self._fork.Event()
        process = self._fork.Process(target=job, args=(words, self._folder, fault, random, begun))
        process.start()
        assert process.pid is not None
        if fault.outside is not None:
            begun.wait(PATIENCE)  # a loaded machine may take long to come to the job itself
            process.join(random.random() * getattr(self, "usual", 1.0))
            fault.outside(process.pid)
        process.join(PATIENCE)
        return _ended(process)

    def case(self, fault: Fault, seed: int) -> str:
        """What became of one case: "whole", "nothing", or what is wrong."""
        room = Path(tempfile.mkdtemp(dir=self._folder))
        out = room / "out.mkv"
        code = self._run(fault, Random(seed), out)
        said = (self._folder / "stderr").read_text(errors="replace").splitlines()
        left = {entry.name for entry in room.iterdir()}
        if code is None:
            return "BUG hangs"
        there, hidden = (
            "out.mkv" in left,
            {".out.mkv.part.mkv"} if code == -signal.SIGKILL else set(),
        )
        if there and code in {0, *fault.codes}:
            # A signal may come when the work is done.
            end = "whole" if left <= {"out.mkv"} | hidden and _frames(out) == FRAMES else "BUG half"
        elif there or code == 0:
            end = f"BUG exit code {code} and {sorted(left)}"
        elif code not in fault.codes:
            end = f"BUG exit code {code}: {' | '.join(said[-3:])[:300]}"
        elif left - hidden:
            end = f"BUG left behind {sorted(left)}"
        else:
            end = "nothing"
        # The next run works, and clears what is left.
        if self._run(Fault(), Random(0), room / "out.mkv") != (2 if there else 0):
            return "BUG the next run fails"
        if {entry.name for entry in room.iterdir()} - ({*left} if there else set()) - {"out.mkv"}:
            return "BUG the next run leaves something"
        return end


def _ended(process: BaseProcess) -> int | None:
    code = process.exitcode
    if code is None:
        process.kill()
        process.join()
    return code


def _time(number: int) -> str:
    milliseconds = number * 15
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d},{rest:03d}"


def _frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def main(argv: Sequence[str] | None = None) -> int:
    """Run, print what came of the cases; 1 if there was a bug."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=25, help="cases of each fault")
    parser.add_argument("--seed", type=int, default=0, help="number of the first case")
    parser.add_argument("--only", action="append", choices=sorted(FAULTS), help="faults")
    parser.add_argument("--lines", type=int, default=LINES, help="of many subtitles")
    parser.add_argument("--json", type=Path, help="keep the counts here, as JSON")
    given = parser.parse_args(argv)
    counts: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory(prefix="faults-") as scratch:
        trials = Trials(Path(scratch), given.lines)
        for name in given.only or FAULTS:
            count = -(-given.count // 5) if FAULTS[name].subtitles else given.count
            seeds = range(given.seed, given.seed + count)
            counts[name] = Counter(trials.case(FAULTS[name], seed) for seed in seeds)
            print(f"{name}: {dict(counts[name])}", flush=True)
    grid = Table("fault", "cases", "whole result", "nothing under its name", "bugs")
    for name, each in counts.items():
        bugs = sum(count for end, count in each.items() if end.startswith("BUG"))
        cells = (each.total(), each["whole"], each["nothing"], bugs)
        grid.add_row(name, *(str(cell) for cell in cells))
    Console().print(grid)
    if given.json is not None:
        write_json(counts, given.json)
    return 1 if any(end.startswith("BUG") for each in counts.values() for end in each) else 0


if __name__ == "__main__":
    sys.exit(main())
