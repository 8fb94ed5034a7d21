from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from training import run
from training.learning.trainer import Recipe, Trainer
from training.pool import Stint
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.gpen.shape import GpenShape

CPU = torch.device("cpu")


@pytest.fixture
def words(portraits_folder: Path, tmp_path: Path) -> list[str]:
    """A run as small as can be: three samples, one step of each kind, nobody judged."""
    shape = GpenShape((8, 8, 8, 8, 8, 8, 8), style_width=8, mapping_depth=1)
    typical = torch.randint(0, 256, (2, 3, 256, 256), dtype=torch.uint8)
    begun = Trainer(Recipe(shape, (Stint(1),)), CPU, torch.float32, typical).average.fold()
    start = tmp_path / "start.safetensors"
    write_checkpoint(begun, start)
    command = ["--portraits", portraits_folder, "--start", start, "--out", tmp_path / "out"]
    command += [
        "--samples",
        9,
        "--first",
        2,
        "--windows",
        1,
        "--faces",
        1,
        "--trusted",
        9,
        "--trusting",
        2,
        "--refining",
        2,
    ]
    return [*map(str, command), "--judged", "1", "--device", "cpu"]


def test_a_run_leaves_a_model_and_goes_on_after_a_kill(words: list[str], tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-m", "training.run", *words])
    while not (tmp_path / "out" / "pool" / "made.json").exists():
        assert process.poll() is None
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    process.send_signal(signal.SIGTERM)
    process.wait()
    args = run.parse(words)
    maker = run.SampleMaker(args)
    try:
        maker.await_samples(9)
    finally:
        maker.stop()
    network = run.learn(args, maker.folder)
    before = network.stat().st_mtime_ns
    model = run.trust(args, maker.folder, network)
    assert read_checkpoint(model).build_confidence() is not None
    detail = read_checkpoint(model).build_detail()
    assert detail is not None
    assert detail.missing_network is not None
    assert detail.refinement_network is not None
    assert (run.learn(args, maker.folder), run.trust(args, maker.folder, network)) == (
        network,
        model,
    )
    assert network.stat().st_mtime_ns == before, "what is done is not done again"
    assert (tmp_path / "out" / "network" / "curve.png").exists()


def test_other_words_for_the_same_folder_are_refused(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "asked.json").write_text(json.dumps({"samples": "7"}))
    with pytest.raises(SystemExit, match="other words"):
        run.main(words)


def test_samples_that_nobody_makes_are_not_waited_for(words: list[str], tmp_path: Path) -> None:
    words[1] = str(tmp_path / "missing")
    maker = run.SampleMaker(run.parse(words))
    maker._process.wait()
    with pytest.raises(SystemExit, match="no samples"):
        maker.await_samples(2)
