"""What readers do with broken files: weights, presets, tags and playlists, thousands of each.

    python -m tests.fuzzing.fuzz_readers [--count N] [--seed N] [--only NAME]... [--keep FOLDER]
                                      [--json FILE]

Allowed are an answer and one line of our own errors. Any other exception, a crash, a case of more
than ten seconds of processor time and one that takes more than two gigabytes are bugs: their files
are kept in FOLDER and the exit code is 1. Cases run in forked processes with those limits.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import pickle
import resource
import signal
import sys
import tempfile
import traceback
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import av
import torch
from safetensors.torch import save

from tests.fuzzing.mutations import mutated
from tests.made_files import synthetic
from tests.made_files.hostile import endless, pickles
from tests.made_files.hostile.onnx_graphs import onnx_graph
from vidrestore.cli.display.media import described_media
from vidrestore.config import Config
from vidrestore.config.messages import sections
from vidrestore.errors import VidrestoreError
from vidrestore.report import write_json
from vidrestore.restore.describe import facts
from vidrestore.text.escaping import escaped
from vidrestore.video import probe
from vidrestore.video.demux.playlist import check_playlist
from vidrestore.weights.state import read_state

SECONDS = 10
BYTES = 2 << 30
BATCH = 100
_UNFIT = {"Cc", "Cf", "Zl", "Zp", "Cs"}


class TooSlowError(Exception):
    """A case took more than its time."""


@dataclass(frozen=True)
class Target:
    """One reader: files to break, and what reads them.

    Attributes:
        ending: of the files' names.
        make: gives the content of one case by its number.
        read: reads a file; gives lines for a terminal.
    """

    ending: str
    make: Callable[[int], bytes]
    read: Callable[[Path], list[str]]


def _weights(path: Path) -> list[str]:
    told = [f"{what} {value}" for what, value in facts(path)]
    try:
        read_state(path, "paste.parsing")
    except VidrestoreError as error:
        told.append(str(error))
    return told


def _preset(path: Path) -> list[str]:
    return [str(Config.preset(path))]


def _tags(path: Path) -> list[str]:
    return list(described_media(probe(path).as_dict()))


def _playlist(path: Path) -> list[str]:
    return [str(check_playlist(path, allowed=True))]


def _broken(seeds: Sequence[bytes], number: int) -> bytes:
    random = Random(number)
    data = random.choice(seeds)
    try:
        return mutated(data, random.choice(seeds), number)[1]
    except ValueError:  # a first mutation left too little for a second
        return data[: number % len(data)]


def _torch_files(folder: Path) -> list[bytes]:
    state = {"module.a.weight": torch.zeros(3, 4), "b": torch.ones(2, dtype=torch.float16)}
    kept = []
    for number, whole in enumerate(
        (state, {"g_ema": state, "steps": {1: 2}, "names": ["a", None]})
    ):
        for zipped in (True, False):
            file = folder / f"{number}{zipped}"
            torch.save(whole, file, _use_new_zipfile_serialization=zipped)
            kept.append(file.read_bytes())
    return kept + [pickle.dumps({"a": [1, (2, "x")]}, protocol) for protocol in range(6)]


def _steps(random: Random) -> bytes:
    """A pickle of random steps, which breaking a real one hardly ever reaches."""
    parts = [
        lambda: pickles.text("".join(chr(random.choice((65, 10, 27, 0x202E))) for _ in range(5))),
        lambda: pickles.number(random.choice((0, -1, 1 << 62, 1 << random.randrange(2000)))),
        lambda: pickles.named("torch._utils", "_rebuild_tensor_v2"),
        lambda: pickles.storage(random.choice("01"), random.choice((1, 1 << 40, -5))),
        lambda: pickles.put(random.randrange(8)),
        lambda: pickles.get(random.randrange(8)),
        lambda: bytes([random.choice(b"(}].N2\x86\x85\x87usa0teR\x81Q\x8f\x90]l1b")]),
    ]
    return pickles.whole(b"".join(random.choice(parts)() for _ in range(random.randrange(1, 200))))


def _options(random: Random) -> bytes:
    """A preset of random options and values."""
    values = ["1", "-1", "1e999", "true", '"a"', '"../x"', '"\\u001b\\n"', "[1]", "{a = 1}", "nan"]
    values += ["0x" + "f" * 900, "1979-05-27", '"sha256:' + "0" * 64 + '"', '"' + "x" * 900 + '"']
    lines = []
    known = sections(Config)
    for _ in range(random.randrange(1, 8)):
        section = random.choice([*known, "nothing", '"\\u202e"'])
        names = [*known[section].model_fields] if section in known else ["a"]
        name = random.choice([*names, '"x\\n"', "a.b.c"])
        lines.append(f"{section}.{name} = {random.choice(values)}")
    return "\n".join(lines).encode()


def _named_files(random: Random) -> bytes:
    """A playlist of random lines."""
    parts = ["#EXTM3U", "ffconcat version 1.0", "#EXTINF:1,", "a.ts", "../a.ts", "/etc/passwd"]
    parts += ["file a.ts", "file 'x y'", "file:///a", "#EXT-X-ENDLIST", '#EXT-X-KEY:URI="a"', "\0"]
    parts += ["in.m3u8", "\x1b[2J\u202e", "option x y", "~/a", "a" * 300, "http://127.0.0.1/a"]
    first = random.choice(parts[:2])
    return "\n".join([first, *random.choices(parts, k=random.randrange(12))]).encode()


def targets(folder: Path) -> dict[str, Target]:
    """Every reader by name."""
    zips = _torch_files(folder)
    tensors = [save({"a": torch.zeros(3), "b": torch.ones(2, 2)}, {"note": "x"})]
    graphs = [onnx_graph(), onnx_graph(fidelity=True), endless.FILES["a graph that loops"]()]
    presets = [file.read_bytes() for file in sorted(Path("configs").glob("*.toml"))]
    tags = {"title": "a\x1b[2J\nb\u202e", "artist": "x" * 300, "comment": "\x07"}
    films = [
        synthetic.make(folder, synthetic.Clip(name, 2, 32, 32, metadata=tags, chapters=chapters))
        for name, chapters in (("a.mkv", ((0.0, 0.04, "One\x1b"),)), ("a.mov", ()), ("a.mp4", ()))
    ]
    seen = [film.read_bytes() for film in films]
    lists = [b"#EXTM3U\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n", b"ffconcat version 1.0\nfile a.ts\n"]

    def half(seeds: Sequence[bytes], other: Callable[[Random], bytes]) -> Callable[[int], bytes]:
        return lambda number: other(Random(number)) if number % 2 else _broken(seeds, number)

    return {
        "pickle": Target(".pth", half(zips, lambda r: endless.saved(_steps(r))), _weights),
        "safetensors": Target(".safetensors", lambda n: _broken(tensors, n), _weights),
        "onnx": Target(".onnx", lambda n: _broken(graphs, n), _weights),
        "preset": Target(".toml", half(presets, _options), _preset),
        "tags": Target(".mkv", lambda n: _broken(seen, n), _tags),
        "playlist": Target(".m3u8", half(lists, _named_files), _playlist),
    }


def attempt(target: Target, path: Path) -> str:
    """What became of one file, in a word; anything but an answer or a refusal is raised."""
    with _limited():
        try:
            told, end = target.read(path), "told"
        except VidrestoreError as error:
            told, end = [str(error)], "refused"
    for line in map(escaped, told):
        assert not any(unicodedata.category(letter) in _UNFIT for letter in line)
    return end


@contextmanager
def _limited() -> Iterator[None]:
    def slow(*_: object) -> None:
        raise TooSlowError(f"more than {SECONDS} s")

    signal.signal(signal.SIGPROF, slow)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _batch(target: Target, numbers: range, folder: Path) -> None:
    """Cases one after the other, in a process of their own; what became of them goes to a file."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + BYTES, mapped + BYTES))
    most = round(sum(os.times()[:2])) + SECONDS * len(numbers)
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    av.logging.set_level(None)
    path = folder / f"in{target.ending}"
    with (folder / "ends").open("w", buffering=1) as ends:
        for number in numbers:
            path.write_bytes(target.make(number))
            try:
                end = attempt(target, path)
            except BaseException as error:
                end = f"BUG {type(error).__name__}"
                (folder / f"{number}.txt").write_text(traceback.format_exc(), errors="replace")
                (folder / f"{number}{target.ending}").write_bytes(path.read_bytes())
            ends.write(f"{end}\n")
    os._exit(0)


def run(name: str, target: Target, numbers: range, keep: Path | None) -> Counter[str]:
    """All cases of one reader, in batches."""
    counts: Counter[str] = Counter()
    fork = multiprocessing.get_context("fork")
    for start in range(numbers.start, numbers.stop, BATCH):
        batch = range(start, min(start + BATCH, numbers.stop))
        with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
            folder = Path(scratch)
            process = fork.Process(target=_batch, args=(target, batch, folder))
            process.start()
            process.join()
            ends = (folder / "ends").read_text().split("\n")[:-1]
            counts.update(ends)
            if len(ends) < len(batch):
                counts[f"BUG ended by {process.exitcode}"] += 1
                number = batch[len(ends)]
                (folder / f"{number}{target.ending}").write_bytes(target.make(number))
            for file in folder.glob("[0-9]*"):
                print(f"{name} {file.name}", flush=True)
                if file.suffix == ".txt":
                    print(file.read_text(), flush=True)
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{name}-{file.name}").write_bytes(file.read_bytes())
    return counts


def main(argv: Sequence[str] | None = None) -> int:
    """Run, print what became of the cases; 1 if there was a bug."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000, help="cases of each reader")
    parser.add_argument("--seed", type=int, default=0, help="number of the first case")
    parser.add_argument("--only", action="append", help="readers")
    parser.add_argument("--keep", type=Path, help="folder for the files that showed a bug")
    parser.add_argument("--json", type=Path, help="keep the counts here, as JSON")
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        known = targets(Path(scratch))
        counts = {}
        for name in given.only or known:
            numbers = range(given.seed, given.seed + given.count)
            counts[name] = run(name, known[name], numbers, given.keep)
            print(f"{name}: {dict(counts[name])}", flush=True)
    if given.json is not None:
        write_json(counts, given.json)
    return 1 if any(end.startswith("BUG") for each in counts.values() for end in each) else 0


if __name__ == "__main__":
    sys.exit(main())
