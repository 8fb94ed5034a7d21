from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from training import device_train
from training.device_train import DevicePool
from training.learning.trainer import Recipe, Trainer
from training.pool import Pool, Stint
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.gpen.shape import GpenShape

CPU = torch.device("cpu")
SHAPE = GpenShape((8, 8, 8, 8, 8), style_width=8, mapping_depth=1)


def pool(folder: Path) -> Pool:
    made = Pool(folder, 3)
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (3, 1, 64, 64, 3), np.uint8)
    truth = coarse.repeat(8, 2).repeat(8, 3)
    made.pictures[:, 1] = truth[:, 0]
    made.pictures[:, 0] = truth[:, 0] // 2
    made.note(3)
    return made


def test_samples_are_reduced_by_area_and_mirrored_alike(tmp_path: Path) -> None:
    made = pool(tmp_path)
    samples = DevicePool.load(made, 64, 2, CPU)
    assert samples.pictures.shape == (2, 2, 3, 64, 64)
    expected = torch.from_numpy(made.pictures[0, 1, ::8, ::8].copy()).permute(2, 0, 1)
    assert torch.equal(samples.pictures[0, 1], expected)
    drawn = samples.draw(32, torch.Generator().manual_seed(0))
    assert drawn["source"].shape == (32, 3, 64, 64)
    assert torch.equal(drawn["truth"] // 2, drawn["source"])
    firsts = {tuple(x.flatten()[:5].tolist()) for x in drawn["truth"]}
    assert len(firsts) == 4, "two samples, as they are and mirrored"


def test_a_run_brings_back_the_plain_average_and_the_gpen(tmp_path: Path) -> None:
    pool(tmp_path / "pool")
    typical = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    start = Trainer(Recipe(SHAPE, (Stint(1, 64),)), CPU, torch.float32, typical).average.fold()
    write_checkpoint(start, tmp_path / "start.safetensors", torch.float32)
    command = ["--pool", tmp_path / "pool", "--start", tmp_path / "start.safetensors"]
    command += ["--out", tmp_path / "out", "--steps", 4, "--batch", 2, "--device", "cpu"]
    command += ["--grow", 9, "--seconds", 100]
    device_train.main([str(word) for word in command])
    rows = (tmp_path / "out" / "log.jsonl").read_text().splitlines()
    assert json.loads(rows[-1])["steps"] == 4
    assert read_checkpoint(tmp_path / "out" / "network.safetensors").shape.size == 128
    for file in (tmp_path / "out").glob("*.safetensors"):
        assert file.stat().st_size < 16e6


def test_time_that_is_over_ends_it(tmp_path: Path) -> None:
    pool(tmp_path / "pool")
    typical = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    start = Trainer(Recipe(SHAPE, (Stint(1, 64),)), CPU, torch.float32, typical).average.fold()
    write_checkpoint(start, tmp_path / "start.safetensors", torch.float32)
    command = ["--pool", tmp_path / "pool", "--start", tmp_path / "start.safetensors"]
    command += ["--out", tmp_path / "out", "--device", "cpu", "--seconds", 0]
    device_train.main([str(word) for word in command])
    again = read_checkpoint(tmp_path / "out" / "network.safetensors").build()
    x = torch.rand(1, 3, 64, 64) * 2 - 1
    with torch.inference_mode():
        torch.testing.assert_close(again(x), start(x), rtol=0, atol=2e-2)
