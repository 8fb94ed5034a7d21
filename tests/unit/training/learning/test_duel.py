from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from training.learning.duel import Duel, DuelRecipe
from training.learning.loop import save
from training.networks.adaptive import AdaptiveRecipe
from training.networks.plain import PlainGpen
from vidrestore.picture.template import template
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape

CPU = torch.device("cpu")
SIDE = 64
RECIPE = DuelRecipe(
    GpenShape((8, 8, 8, 8, 8), style_width=8, mapping_depth=1),
    width=0.02,
    batch=2,
    warm_up=1,
    penalty_interval=2,
    adaptive=AdaptiveRecipe(target=-2.0, reach=8, interval=1),
)


def duel(
    recipe: DuelRecipe = RECIPE,
    precision: torch.dtype = torch.float32,
    form: type[Gpen | PlainGpen] = Gpen,
) -> Duel:
    torch.manual_seed(7)
    return Duel(recipe, CPU, precision, form(recipe.shape))


def batch(seed: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    truth = torch.randint(0, 256, (2, 3, SIDE, SIDE), generator=generator).to(torch.uint8)
    source = torch.nn.functional.avg_pool2d(truth.float(), 3, 1, 1).to(torch.uint8)
    marks = torch.from_numpy(template("gpen", SIDE)).float().expand(2, -1, -1)
    return {"source": source, "truth": truth, "landmarks": marks}


def everything(one: Duel) -> list[torch.Tensor]:
    networks = (one.network, one.average, one.discriminator)
    return [parameter for network in networks for parameter in network.parameters()]


@pytest.mark.parametrize("form", [Gpen, PlainGpen])
def test_a_resumed_duel_takes_the_same_next_steps(
    form: type[Gpen | PlainGpen], tmp_path: Path
) -> None:
    one = duel(form=form)
    one.step(batch(1))
    save(one.state(), tmp_path / "last.pt")
    other = duel(form=form)
    other.resume(torch.load(tmp_path / "last.pt", weights_only=True))
    assert other.samples == 2
    for seed in (2, 3):
        mine, theirs = one.step(batch(seed)), other.step(batch(seed))
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    assert one.adaptive.probability == other.adaptive.probability > 0
    for mine_, theirs_ in zip(everything(one), everything(other), strict=True):
        assert torch.equal(mine_, theirs_)


def test_both_sides_learn_and_the_average_follows() -> None:
    one = duel()
    before = [parameter.clone() for parameter in everything(one)]
    one.step(batch(1))
    count = len(list(one.network.parameters()))
    changed = [not torch.equal(a, b) for a, b in zip(before, everything(one), strict=True)]
    assert sum(changed[:count]) > count // 2
    assert all(changed[2 * count :])


def test_what_is_exported_is_the_average_as_a_gpen() -> None:
    one = duel(form=PlainGpen)
    one.step(batch(1))
    exported = Gpen(RECIPE.shape)
    exported.load_state_dict(one.state()["average"])
    x = torch.rand(1, 3, SIDE, SIDE) * 2 - 1
    with torch.inference_mode():
        torch.testing.assert_close(exported(x), one.average(x), rtol=0, atol=2e-4)


def test_each_step_gives_what_is_to_be_watched() -> None:
    one = duel()
    terms = [one.step(batch(seed)) for seed in (1, 2, 3)]
    watched = {"total", "source", "perceptual", "adversarial", "true", "restored", "probability"}
    for number, row in enumerate(terms):
        assert watched <= row.keys()
        assert ("penalty" in row) is (number % 2 == 0)
        assert all(term.isfinite() and not term.requires_grad for term in row.values())


def test_the_discriminator_learns_to_tell() -> None:
    one = duel(replace(RECIPE, rate=0.0, discriminator_rate=1e-2))
    rows = [one.step(batch(seed % 4)) for seed in range(24)]
    gaps = [float(row["true"] - row["restored"]) for row in rows]
    assert sum(gaps[-4:]) > sum(gaps[:4]) + 0.5


@pytest.mark.parametrize("conditional", [True, False])
def test_bfloat16_takes_about_the_same_step(conditional: bool) -> None:
    recipe = replace(RECIPE, conditional=conditional)
    exact, rough = duel(recipe), duel(recipe, torch.bfloat16)
    exact.adaptive.probability = rough.adaptive.probability = 0.5
    mine, theirs = exact.step(batch(1)), rough.step(batch(1))
    for name in ("total", "perceptual", "adversarial"):
        torch.testing.assert_close(mine[name], theirs[name], rtol=0.05, atol=0.01)
    assert all(parameter.dtype == torch.float32 for parameter in everything(rough))
