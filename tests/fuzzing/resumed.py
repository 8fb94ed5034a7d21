"""What becomes of a divided job that is killed, starved or loses its power, and is run again.

    python -m tests.fuzzing.resumed [--count N] [--seed N] [--only NAME[=N]]... [--json FILE]

Each case restores a small clip in segments, in a forked process, and does something to it at a
moment that the seed draws; then the same command runs again. Its packets, and its report but for
``Report.VARYING``, must be those of a run that nobody disturbed, and nothing but these two files
may be left.
"""

from __future__ import annotations

import argparse
import hashlib
import json
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
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from unittest.mock import patch

import av
from rich.console import Console
from rich.table import Table

from tests.fuzzing.forgetful_store import ForgetfulStore
from tests.fuzzing.fuzz import warm
from vidrestore.cli.app import main as vidrestore
from vidrestore.job import restoring, session
from vidrestore.job.segments import grid
from vidrestore.report import Report, write_json

SAMPLE = Path(__file__).parents[2] / "samples" / "clip.mkv"
WIDTH, HEIGHT = 112, 80
# As quick as can be: what takes long is not what is tried here.
OPTIONS = """
restore.model = "none"
job.segment = 0.48
encoder.speed = "ultrafast"
detect.every = 12
detect.max_side = 160
track.smoothing = 0
track.lookback = 0
film.deflicker = "off"
film.repair = "off"
temporal.reach = 1
temporal.rest = 1
paste.grain = 0
paste.occlusion = false
paste.colour = false
"""
FRAMES = slice(40, 76)  # of the sample; there is a cut among them
# Frames around a segment, so that a case takes no longer than it must.
AROUND = grid.Around(context=6, beside=2)
PATIENCE = 300.0
SEGMENTS = 3
POLL = 0.005
STORE_STEPS = 26  # of an undisturbed run, about: the power goes at one of them
BUG = 71


@dataclass(frozen=True)
class Trouble:
    """One way in which a job is disturbed.

    Attributes:
        jobs: processes that it has.
        outside: what happens to it at the drawn moment.
        inside: what happens in its own process before it begins.
        survives: whether the job must finish all the same.
    """

    jobs: int = 1
    outside: Callable[[int], None] | None = None
    inside: Callable[[ExitStack, Random], None] | None = None
    survives: bool = False


def _send(number: int, process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, number)


def _workers(process: int) -> list[int]:
    """The processes that a job has begun."""
    with suppress(OSError):
        told = Path(f"/proc/{process}/task").iterdir()
        return [int(n) for task in told for n in (task / "children").read_text().split()]
    return []


def _kill_one(process: int) -> None:
    for worker in _workers(process)[:1]:
        _send(signal.SIGKILL, worker)


def _kill_all(process: int) -> None:
    workers = _workers(process)
    _send(signal.SIGKILL, process)
    for worker in workers:
        _send(signal.SIGKILL, worker)


def _power(held: ExitStack, random: Random) -> None:
    moment = random.randrange(STORE_STEPS)
    make = partial(ForgetfulStore, moment=moment, random=random)
    held.enter_context(
        patch.object(session, "restore", partial(restoring.restore, make_store=make))
    )


def _full(_: ExitStack, random: Random) -> None:
    most = random.randrange(1, 60_000)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def _vanishing(_: ExitStack, random: Random) -> None:
    """From a moment on nothing in OUT.part can be opened, as where a mount has gone."""
    left = random.randrange(STORE_STEPS)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event == "open" and ".part" + os.sep in str(arguments[0]):
            left -= 1
            if left < 0:
                raise OSError(5, "Input/output error")

    sys.addaudithook(hook)


TROUBLES = {
    "killed": Trouble(outside=partial(_send, signal.SIGKILL)),
    "a worker killed": Trouble(jobs=2, outside=_kill_one, survives=True),
    "all killed": Trouble(jobs=2, outside=_kill_all),
    "power lost": Trouble(inside=_power),
    "disk full": Trouble(inside=_full),
    "mount vanished": Trouble(inside=_vanishing),
    "interrupted": Trouble(outside=partial(_send, signal.SIGINT)),
    "terminated": Trouble(outside=partial(_send, signal.SIGTERM)),
    "terminal closed": Trouble(outside=partial(_send, signal.SIGHUP)),
}


def small_clip(path: Path) -> Path:
    """Some of the sample, small: two people and a cut between them."""
    with av.open(str(SAMPLE)) as source, av.open(str(path), "w") as made:
        stream = made.add_stream("libx264", rate=25, options={"g": "25", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number, frame in enumerate(source.decode(video=0)):
            if FRAMES.start <= number < FRAMES.stop:
                small = frame.reformat(WIDTH, HEIGHT, "yuv420p")
                small.pts = number - FRAMES.start
                small.time_base = Fraction(1, 25)
                made.mux(stream.encode(small))
        made.mux(stream.encode(None))
    return path


@dataclass(frozen=True)
class Outcome:
    """What a result holds, but for what may differ."""

    packets: str
    report: str

    @classmethod
    def of(cls, out: Path) -> Outcome:
        """Of a result and the report beside it."""
        told = json.loads(out.with_suffix(".json").read_text())
        told = {key: value for key, value in told.items() if key not in Report.VARYING}
        told["output"] = out.name
        told["settings"].pop("output")
        found = hashlib.sha256()
        with av.open(str(out)) as container:
            for packet in container.demux(video=0):
                head = packet.pts, packet.dts, packet.duration, packet.is_keyframe
                found.update(repr(head).encode() + bytes(packet))
        return cls(found.hexdigest(), json.dumps(told, sort_keys=True))


def _finished(out: Path) -> list[Path]:
    """What is told of the segments of a job that are finished."""
    return list(out.with_name(f"{out.name}.part").glob("[0-9]*.json"))


def job(words: Sequence[str], log: Path, trouble: Trouble, random: Random) -> None:
    """Restore, in a process of its own; ends it with the command's exit code."""
    for number in (1, 2):
        os.dup2(os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC), number)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        with ExitStack() as held:
            held.enter_context(patch.object(grid.Around, "of", lambda _: AROUND))
            if trouble.inside is not None:
                trouble.inside(held, random)
            code = vidrestore(words)
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        traceback.print_exc()
        code = BUG
    os._exit(code)


class Trials:
    """Runs cases and says what came of each."""

    def __init__(self, folder: Path, processes: Sequence[int]) -> None:
        """Restore the clip undisturbed by each number of processes."""
        self._folder = folder
        self._fork = multiprocessing.get_context("fork")
        self._clip = small_clip(folder / "in.mkv")
        warm(folder)
        self._preset = folder / "preset.toml"
        self._preset.write_text(OPTIONS)
        self._usual = 0.0
        found = {}
        for jobs in processes:
            room = folder / f"undisturbed{jobs}"
            room.mkdir()
            begun = time.monotonic()
            code = self._run(Trouble(jobs), Random(0), room / "out.mkv")
            if code != 0:
                raise SystemExit(f"undisturbed, exit code {code}: {self._said}")
            self._usual = self._usual or time.monotonic() - begun
            found[jobs] = Outcome.of(room / "out.mkv")
        self.expected = next(iter(found.values()))
        self.alike = set(found.values()) == {self.expected}

    def _run(self, trouble: Trouble, random: Random, out: Path) -> int | None:
        words = ["restore", str(self._clip), str(out), "--preset", str(self._preset)]
        words += ["--report", str(out.with_suffix(".json")), "--jobs", str(trouble.jobs), "--quiet"]
        process = self._fork.Process(
            target=job, args=(words, self._folder / "log", trouble, random)
        )
        process.start()
        assert process.pid is not None
        if trouble.outside is not None:
            # A job's other processes are there as long as some segments are finished and some not.
            alone = trouble.jobs == 1
            self._await(process, out, random.randrange(0 if alone else 1, SEGMENTS))
            if alone:
                process.join(random.random() * self._usual / SEGMENTS)
            trouble.outside(process.pid)
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            process.join()
            return None
        return process.exitcode

    def _await(self, process: BaseProcess, out: Path, number: int) -> None:
        """Wait until so many segments are finished, or the job is."""
        while process.is_alive() and len(_finished(out)) < number:
            process.join(POLL)

    def case(self, trouble: Trouble, seed: int) -> str:
        """What became of one case: "done", "went on", "began anew", or what is wrong."""
        room = Path(tempfile.mkdtemp(dir=self._folder))
        out = room / "out.mkv"
        code = self._run(trouble, Random(seed), out)
        if code is None or code == BUG or (trouble.survives and code != 0):
            return f"BUG exit code {code}: {self._said}"
        if out.exists() and not out.with_suffix(".json").exists():
            return "done"  # disturbed between the result and its report
        kept = len(_finished(out))
        if code != 0 and (again := self._run(Trouble(), Random(0), out)) != 0:
            return f"BUG going on, exit code {again}: {self._said}"
        return self._wrong(room) or ("done" if code == 0 else "went on" if kept else "began anew")

    @property
    def _said(self) -> str:
        return (self._folder / "log").read_text(errors="replace").strip()[-300:]

    def _wrong(self, room: Path) -> str | None:
        """What is wrong with a finished job; None if nothing is."""
        if (left := {entry.name for entry in room.iterdir()}) != {"out.mkv", "out.json"}:
            return f"BUG left behind {sorted(left)}"
        return None if Outcome.of(room / "out.mkv") == self.expected else "BUG another result"


def _asked(text: str) -> tuple[str, int | None]:
    """A trouble by its name, and how often it is asked for."""
    name, _, count = text.partition("=")
    if name not in TROUBLES:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(TROUBLES)}")
    return name, int(count) if count else None


def main(argv: Sequence[str] | None = None) -> int:
    """Run, print what came of the cases; 1 if there was a bug."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=25, help="cases of each trouble")
    parser.add_argument("--seed", type=int, default=0, help="number of the first case")
    parser.add_argument("--only", action="append", type=_asked, help="a trouble, and how often")
    parser.add_argument("--json", type=Path, help="keep the counts here, as JSON")
    given = parser.parse_args(argv)
    counts: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory(prefix="resumed-") as scratch:
        chosen = dict(given.only or dict.fromkeys(TROUBLES))
        # A run that looks at nothing in particular looks at three processes, too.
        needed = {1, *(TROUBLES[name].jobs for name in chosen)}
        needed |= set() if given.only else {3}
        trials = Trials(Path(scratch), sorted(needed))
        print(f"processes give the same: {trials.alike} ({sorted(needed)})", flush=True)
        for name, count in chosen.items():
            seeds = range(given.seed, given.seed + (given.count if count is None else count))
            counts[name] = Counter(trials.case(TROUBLES[name], seed) for seed in seeds)
            print(f"{name}: {dict(counts[name])}", flush=True)
    grid_ = Table("trouble", "cases", "done at once", "went on", "began anew", "bugs")
    for name, each in counts.items():
        bugs = sum(count for end, count in each.items() if end.startswith("BUG"))
        cells = (each.total(), each["done"], each["went on"], each["began anew"], bugs)
        grid_.add_row(name, *(str(cell) for cell in cells))
    Console().print(grid_)
    if given.json is not None:
        write_json(counts, given.json)
    bug = any(end.startswith("BUG") for each in counts.values() for end in each)
    return 1 if bug or not trials.alike else 0


if __name__ == "__main__":
    sys.exit(main())
