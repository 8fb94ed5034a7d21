from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from training import adversarial, export
from training.learning.trainer import Recipe, Trainer
from training.networks.plain import PlainGpen
from training.pool import Pool, Stint
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape

CPU = torch.device("cpu")
SHAPE = GpenShape((8, 8, 8, 8, 8), style_width=8, mapping_depth=1)


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pool")
    made = Pool(folder, 3)
    coarse = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), np.uint8)
    truth = coarse.repeat(8, 1).repeat(8, 2)
    made.pictures[:, 1] = truth
    made.pictures[:, 0] = truth // 2 + 64
    made.note(3)
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    typical = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    start = Trainer(Recipe(SHAPE, (Stint(1, 64),)), CPU, torch.float32, typical).average.fold()
    path = tmp_path_factory.mktemp("start") / "start.safetensors"
    write_checkpoint(start, path, torch.float32)
    return path


def train(portraits: Path, pool: Path, start: Path, run: Path, steps: int) -> dict[str, object]:
    command = ["--portraits", portraits, "--pool", pool, "--start", start, "--run", run]
    command += ["--steps", steps, "--decay-from", 1000, "--alone", 1, "--batch", 1, "--width", 2]
    command += ["--log-every", 1, "--validate", 1, "--device", "cpu", "--precision", "float32"]
    adversarial.main([str(word) for word in command])
    state = torch.load(run / "last.pt", weights_only=True)
    networks = ("network", "plain", "discriminator")  # "average" is "plain" and an unused style
    return {f"{n}.{key}": value for n in networks for key, value in state[n].items()}


def test_a_run_that_stopped_ends_as_one_that_did_not(
    portraits_folder: Path, pool: Path, weights: Path, tmp_path: Path
) -> None:
    train(portraits_folder, pool, weights, tmp_path / "stopped", 2)
    stopped = train(portraits_folder, pool, weights, tmp_path / "stopped", 3)
    whole = train(portraits_folder, pool, weights, tmp_path / "whole", 3)
    assert stopped.keys() == whole.keys()
    assert [name for name in whole if not torch.equal(stopped[name], whole[name])] == []
    rows = [json.loads(x) for x in (tmp_path / "stopped" / "log.jsonl").read_text().splitlines()]
    assert [row["samples"] for row in rows if "total" in row] == [1, 2, 3]
    assert (tmp_path / "stopped" / "sheet.png").exists()

    # What it learned goes the way of every run: to weights, and on from its checkpoint.
    out = tmp_path / "model.safetensors"
    export.main([str(tmp_path / "stopped" / "last.pt"), str(out)])
    assert read_checkpoint(out).shape == read_checkpoint(weights).shape
    train(portraits_folder, pool, tmp_path / "stopped" / "last.pt", tmp_path / "next", 1)


def test_every_number_of_the_recipe_is_on_the_command_line() -> None:
    command = "--portraits p --run r --pool q --start s --adversarial 0.5 --low 3 --steps 100"
    args = adversarial.parse([*command.split(), "--warm-up", "7", "--seed", "5"])
    recipe = adversarial.recipe_of(args, SHAPE)
    assert (recipe.adversarial, recipe.low, recipe.warm_up, recipe.seed) == (0.5, 3, 7, 5)
    assert (recipe.steps, recipe.decay_from) == (100, 60)
    told = {*adversarial._ASKED, "shape", "seed", "decay_from"}
    assert told == set(asdict(recipe))


def test_every_start_comes_in_plain_form(pool: Path, weights: Path, tmp_path: Path) -> None:
    known = read_checkpoint(weights).build()
    x = torch.rand(1, 3, 64, 64) * 2 - 1
    plain = adversarial.load_start(weights, Pool(pool), 1)
    state = {"shape": asdict(known.shape), "average": known.state_dict()}
    torch.save({**state, "plain": plain.state_dict()}, tmp_path / "plain.pt")
    torch.save(state, tmp_path / "folded.pt")
    for path in (weights, tmp_path / "plain.pt", tmp_path / "folded.pt"):
        start = adversarial.load_start(path, Pool(pool), 1)
        assert isinstance(start, PlainGpen)
        assert any(parameter.requires_grad for parameter in start.parameters())
        with torch.inference_mode():
            torch.testing.assert_close(start(x), known(x), rtol=0, atol=1e-3)
    again = adversarial.load_start(tmp_path / "plain.pt", Pool(pool), 2)
    assert all(map(torch.equal, again.state_dict().values(), plain.state_dict().values()))


def test_a_network_that_was_never_plain_is_refused(pool: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    write_checkpoint(Gpen(SHAPE), tmp_path / "other.safetensors", torch.float32)
    with pytest.raises(ValueError, match="never a plain network"):
        adversarial.load_start(tmp_path / "other.safetensors", Pool(pool), 1)
