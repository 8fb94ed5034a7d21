"""A night, simulated: many small files of all kinds, a tenth of them broken, and much trouble.

``python -m tests.fuzzing.night --files 300 --seed 1`` runs a longer one than the suite does.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path

from tests import witness
from tests.made_files.synthetic import Clip, make
from vidrestore.batch import State, files_of
from vidrestore.runtime import child_process

# One second each.
KINDS = (
    Clip("a.mkv", count=25),
    Clip("b.mp4", count=25, audio=("aac",), seconds=1.0),
    Clip("c.avi", count=25, codec="mjpeg", pix_fmt="yuvj420p", options={}, audio=("pcm_s16le",)),
    Clip("d.ts", count=25, audio=("mp2",), seconds=1.0),
    Clip("e.mov", 10, pix_fmt="yuv422p10le", codec="prores_ks", options={}, rate=Fraction(10)),
    Clip("f.mkv", count=12, rate=Fraction(12), codec="ffv1", options={}, pix_fmt="gray"),
    Clip("g.mp4", count=30, rate=Fraction(30000, 1001), rotation=90),
    Clip("h.mkv", count=25, audio=("flac",), seconds=1.0, subtitle="subrip", font=True),
)
BROKEN = ("empty", "no video", "cut off", "crash", "hang", "bug")
ONCE = ("kill", "kill", "full")
OPTIONS = ("--jobs", "2", "--pause", "0.2", "--patience", "12", "--free", "0.001")
LOSSLESS = ("--encoder.codec", "ffv1", "--output.audio", "fit")


@dataclass
class Night:
    """A folder of files, and what is to become of them.

    Attributes:
        folder: of all.
        good: names of files that can be restored.
        bad: what is wrong with the others.
    """

    folder: Path
    good: list[Path] = field(default_factory=list)
    bad: dict[Path, str] = field(default_factory=dict)

    @property
    def source(self) -> Path:
        return self.folder / "in"

    @property
    def output(self) -> Path:
        return self.folder / "out"

    def words(self) -> list[str]:
        marks = str(self.folder / "marks")
        both = (str(self.source), str(self.output))
        return [
            *child_process.command("tests.stand_ins.quick_batch", marks, *both),
            *(*OPTIONS, *LOSSLESS),
        ]


def made(folder: Path, files: int, drawn: random.Random) -> Night:
    """Files in folders; a tenth broken, each in another way."""
    night = Night(folder)
    (folder / "marks").mkdir()
    kinds = [make(folder, clip) for clip in KINDS]
    broken = max(len(BROKEN), files // 10)
    for number in range(files):
        kind = kinds[number % len(kinds)]
        what = BROKEN[number % len(BROKEN)] if number < broken else "tape"
        if what == "tape" and (once := number - broken) < len(ONCE):
            what = ONCE[once]
        inside = Path(drawn.choice(["", "one", "one/two", "ä"]))
        path = night.source / inside / f"{number:03d} {what}{kind.suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if what == "empty":
            path.write_bytes(b"")
        elif what == "no video":
            path.write_bytes(b"these are words\n" * 50)
        elif what == "cut off":
            path.write_bytes(kind.read_bytes()[:40])
        else:
            shutil.copy(kind, path)
        if what in BROKEN:
            night.bad[path] = what
        else:
            night.good.append(path)
    for kind in kinds:
        kind.unlink()
    return night


def live(night: Night, drawn: random.Random, kills: int) -> None:
    """Run, be killed now and then after so many words, and run to the end; two at once at last."""
    for _ in range(kills):
        run = subprocess.Popen(night.words(), stdout=subprocess.PIPE, text=True)
        assert run.stdout is not None
        for _, _ in zip(range(drawn.randint(4, 12)), run.stdout, strict=False):
            pass
        run.kill()
        run.wait()
        run.stdout.close()
    runs = [subprocess.Popen(night.words(), stdout=subprocess.DEVNULL) for _ in range(2)]
    codes = {run.wait() for run in runs}
    assert codes == {3}, codes


def problems(night: Night) -> Iterator[str]:
    """What is not as it should be after the night."""
    rows = {row.source: row for row in files_of(night.output)}
    if set(rows) != {*night.good, *night.bad}:
        yield "not every file is known"
    expected = set()
    first: dict[str, Path] = {}
    pictures: dict[str, object] = {}
    for path in night.good:
        row = rows[path]
        if row.state != State.DONE:
            yield f"{path.name} is {row.state}: {row.reason} {row.error}"
            continue
        result = night.output / row.output
        expected |= {result, night.output / row.done["report"]}
        key = hashlib.sha256(path.read_bytes()).hexdigest()
        seen = [(frame.pts, frame.digest) for frame in witness.frames(result)]
        # Files of a kind are the same, and so must their results be.
        if pictures.setdefault(key, seen) != seen:
            yield f"{path.name} has other pictures than the others of its kind"
        if [digest for _, digest in seen] != _digests(first.setdefault(key, path)):
            yield f"{path.name} has other pictures than its source"
    for path, what in night.bad.items():
        row = rows[path]
        if row.state not in (State.FAILED, State.ASIDE) or not row.error:
            yield f"{path.name} ({what}) is {row.state}: {row.error}"
        if (what in ("crash", "hang")) != (row.state == State.ASIDE):
            yield f"{path.name} ({what}) is {row.state}: {row.error}"
    expected.add(night.output / "manifest-sha256.txt")
    for line in (night.output / "manifest-sha256.txt").read_text().splitlines():
        digest, name = line.split("  ", 1)
        if hashlib.sha256((night.output / name).read_bytes()).hexdigest() != digest:
            yield f"{name} is not what the manifest says"
    there = {path for path in night.output.rglob("*") if path.is_file()}
    own = {path for path in there if ".vidrestore" in path.parts}
    if stray := {path for path in there - expected - own if "reports" not in path.parts}:
        yield f"left behind: {sorted(stray)}"
    if {path.name for path in own} - {"batch.sqlite", "batch.sqlite-shm", "batch.sqlite-wal"}:
        yield f"left behind: {sorted(own)}"


@cache
def _digests(source: Path) -> list[str]:
    return [frame.digest for frame in witness.frames(source)]


def again(night: Night) -> str:
    """Run once more; what it says."""
    done = subprocess.run(night.words(), capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    return done.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    drawn = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        night = made(Path(folder), given.files, drawn)
        live(night, drawn, given.kills)
        found = list(problems(night))
        print(again(night))
    for line in found:
        print(line)
    print(f"{given.files} files, {given.kills} kills: {len(found)} problems")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main())
