from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from training import adversarial, export
from training.networks.identity import start_as_identity
from training.networks.plain import PlainGpen
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    network = Gpen(GpenShape((4, 4, 4, 4, 4, 4, 6), style_width=4, mapping_depth=1))
    start_as_identity(network)
    path = tmp_path_factory.mktemp("start") / "start.safetensors"
    write_checkpoint(network, path, torch.float32)
    return path


def train(portraits: Path, start: Path, run: Path, samples: int) -> dict[str, torch.Tensor]:
    command = ["--portraits", str(portraits), "--start", str(start), "--run", str(run)]
    command += ["--samples", str(samples), "--decay-from", "1000"]
    command += ["--batch", "1", "--width", "0.02"]
    command += ["--log-every", "1", "--validate", "1", "--device", "cpu", "--workers", "0"]
    adversarial.main(command)
    state = torch.load(run / "last.pt", weights_only=True)
    networks = ("network", "average", "discriminator")
    return {f"{n}.{key}": value for n in networks for key, value in state[n].items()}


def test_a_run_that_stopped_ends_as_one_that_did_not(
    portraits_folder: Path, weights: Path, tmp_path: Path
) -> None:
    train(portraits_folder, weights, tmp_path / "stopped", 2)
    stopped = train(portraits_folder, weights, tmp_path / "stopped", 3)
    whole = train(portraits_folder, weights, tmp_path / "whole", 3)
    assert stopped.keys() == whole.keys()
    assert all(torch.equal(stopped[name], whole[name]) for name in whole)
    rows = [json.loads(x) for x in (tmp_path / "stopped" / "log.jsonl").read_text().splitlines()]
    assert [row["samples"] for row in rows if "total" in row] == [1, 2, 3]
    assert (tmp_path / "stopped" / "sheet.png").exists()

    # What it learned goes the way of every run: to weights, and on from its checkpoint.
    out = tmp_path / "model.safetensors"
    export.main([str(tmp_path / "stopped" / "last.pt"), str(out)])
    assert read_checkpoint(out).shape == read_checkpoint(weights).shape
    train(portraits_folder, tmp_path / "stopped" / "last.pt", tmp_path / "next", 1)


def test_every_setting_of_the_recipe_is_on_the_command_line() -> None:
    command = "--portraits p --run r --start s --no-conditional --adaptive-reach 7 --loss-low 3"
    args = adversarial.parse([*command.split(), "--penalty", "0.5", "--samples", "100"])
    recipe = adversarial.recipe_of(args, GpenShape((4, 4, 4), 4, 1))
    assert (recipe.conditional, recipe.adaptive.reach, recipe.weights.low) == (False, 7, 3)
    assert (recipe.penalty, recipe.samples, recipe.decay_from) == (0.5, 100, 70)


def test_a_plain_start_stays_plain(tmp_path: Path) -> None:
    network = PlainGpen(GpenShape((4, 4, 4, 8), 4, 1))
    state = {"shape": asdict(network.shape), "average": network.fold().state_dict()}
    torch.save({**state, "plain": network.state_dict()}, tmp_path / "plain.pt")
    torch.save(state, tmp_path / "folded.pt")
    start = adversarial.load_start(tmp_path / "plain.pt")
    assert isinstance(start, PlainGpen)
    assert all(map(torch.equal, start.state_dict().values(), network.state_dict().values()))
    assert any(parameter.requires_grad for parameter in start.parameters())
    assert isinstance(adversarial.load_start(tmp_path / "folded.pt"), Gpen)
