"""A few dozen broken files: each is restored or refused in one line, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests import witness
from tests.fuzzing.fuzz import fake_restore
from tests.fuzzing.fuzz_seeds import SEEDS
from tests.fuzzing.mutations import mutated
from tests.made_files import synthetic

ROOT = Path(__file__).parents[2]
# Mutations that once showed a bug, and what is told of a stream that is left out.
FOUND = {
    ("mp4", 31): "audio stream 1 (unknown codec, deu)",
    ("webm", 95): "audio stream 1 (unknown codec, deu)",
    ("flv", 197): "audio stream 1 (unknown codec)",
    ("avi", 49): "",
}


def test_the_same_seed_breaks_a_file_the_same_way():
    data = bytes(range(256)) * 8
    for seed in range(60):
        name, broken = mutated(data, data[::-1], seed)
        assert (name, broken) == mutated(data, data[::-1], seed)
        assert broken
    assert len({mutated(data, data[::-1], seed)[0].split()[0] for seed in range(12)}) == 12


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each file needs a process of its own")
def test_broken_files_are_restored_or_refused(tmp_path):
    counts = tmp_path / "counts.json"
    words = ["--count", "2", "--seed", "2026", "--json", str(counts)]
    words += ["--patience", "240"]  # as a loaded machine may take
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzzing.fuzz", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(counts.read_text())
    assert sum(sum(each.values()) for each in told.values()) == 2 * len(SEEDS)


@pytest.mark.parametrize(("name", "number"), FOUND)
def test_what_once_showed_a_bug(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, number: int
) -> None:
    whole = synthetic.make(tmp_path, SEEDS[name])
    data = whole.read_bytes()
    broken, out = tmp_path / f"in{whole.suffix}", tmp_path / "out.mkv"
    broken.write_bytes(mutated(data, data, number)[1])
    words = ["--encoder.speed", "ultrafast", "--detect.detector", "centerface", "--quiet"]
    code = fake_restore(["restore", str(broken), str(out), *words])
    said = capfd.readouterr().err.splitlines()
    why = FOUND[name, number]
    assert code == 0
    assert any(why in line for line in said) or not why
    times = [seen.pts for seen in witness.frames(out)]
    assert times
    assert all(a < b for a, b in pairwise(times))
