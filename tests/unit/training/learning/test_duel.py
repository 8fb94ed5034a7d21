from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from training.learning.duel import Duel, DuelRecipe
from training.learning.loop import save
from training.networks.plain import PlainGpen
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape

CPU = torch.device("cpu")
SIDE = 64
SHAPE = GpenShape((8, 8, 8, 8, 8), style_width=8, mapping_depth=1)
RECIPE = DuelRecipe(SHAPE, steps=100, alone=1, batch=2, warm_up=1, decay_from=100, width=4)
BOTH = replace(RECIPE, alone=0)
Forward = Callable[[torch.Tensor], torch.Tensor]


def duel(recipe: DuelRecipe = RECIPE, precision: torch.dtype = torch.float32) -> Duel:
    torch.manual_seed(7)
    start = PlainGpen(recipe.shape)
    with torch.no_grad():
        for weight in start.to_rgb:
            weight.normal_(0, 0.02)
    return Duel(recipe, CPU, precision, start)


def batch(seed: int, *, worn: bool = True) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    truth = torch.randint(0, 256, (2, 3, SIDE, SIDE), generator=generator).to(torch.uint8)
    soft = torch.nn.functional.avg_pool2d(truth.float(), 3, 1, 1).to(torch.uint8)
    return {"source": soft if worn else truth, "truth": truth}


def everything(one: Duel) -> list[torch.Tensor]:
    networks = (one.network, one.average, one.discriminator)
    return [parameter for network in networks for parameter in network.parameters()]


def watching(forward: Forward, reached: dict[float, torch.Tensor], name: float) -> Forward:
    """The same, keeping the gradient that reaches its result under that name."""

    def watched(x: torch.Tensor) -> torch.Tensor:
        y = forward(x)
        y.register_hook(lambda gradient: reached.__setitem__(name, gradient))
        return y

    return watched


@pytest.mark.parametrize("stopped", [1, 2])
def test_a_resumed_duel_takes_the_same_next_steps(stopped: int, tmp_path: Path) -> None:
    one, other = duel(), duel()
    for seed in range(stopped):
        one.step(batch(seed))
    save(one.state(), tmp_path / "last.pt")
    other.resume(torch.load(tmp_path / "last.pt", weights_only=True))
    assert other.samples == 2 * stopped
    for seed in (5, 6):
        mine, theirs = one.step(batch(seed)), other.step(batch(seed))
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    for mine_, theirs_ in zip(everything(one), everything(other), strict=True):
        assert torch.equal(mine_, theirs_)


def test_the_discriminator_learns_alone_first_then_both_do() -> None:
    one = duel()
    count = len(list(one.network.parameters()))
    assert one.rate() == 0
    for networks in (slice(2 * count, None), slice(None)):
        before = [parameter.clone() for parameter in everything(one)]
        one.step(batch(1))
        pairs = zip(before, everything(one), strict=True)
        changed = [not torch.equal(a, b) for a, b in pairs]
        assert all(changed[2 * count :])
        if networks.start:
            assert not any(changed[: networks.start])
        else:
            assert sum(changed[:count]) > count // 2
            assert sum(changed[count : 2 * count]) > count // 2
    assert one.rate() == RECIPE.rate


def test_rates_fall_to_a_fiftieth() -> None:
    one = duel(replace(RECIPE, decay_from=50))
    rates = []
    for one.steps in (50, 75, 100):
        rates.append(one.rate() / RECIPE.rate)
    assert rates == pytest.approx([1.0, 0.5, 0.02])


def knowing(adversarial: float = 10.0) -> Duel:
    """A duel whose discriminator has learned to tell, and whose restorer does nothing yet."""
    one = duel(replace(RECIPE, alone=20, discriminator_rate=1e-2, adversarial=adversarial))
    for network in (one.network, one.average):
        for weight in network.to_rgb:
            weight.data.zero_()
    for seed in range(20):
        one.step(batch(seed % 4))
    return one


def single(pictures: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: x[:1] for name, x in pictures.items()}


def test_the_adversarial_gradient_is_a_part_as_long_as_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reached: dict[float, torch.Tensor] = {}
    for strength in (0.0, 10.0):
        one = knowing(strength)
        forward = one.network.forward
        monkeypatch.setattr(one.network, "forward", watching(forward, reached, strength))
        share = float(one.step(single(batch(1)))["share"])
    added = reached[10.0] - reached[0.0]
    assert share > 1
    gray = added.mean(1, keepdim=True).expand_as(added)
    torch.testing.assert_close(added, gray, rtol=0, atol=1e-4 * float(gray.abs().max()))
    assert float(added.norm() / reached[0.0].norm()) == pytest.approx(share, rel=1e-4)


def test_mild_wear_and_what_cannot_be_told_are_left_in_peace() -> None:
    """By itself, however surely it is told; and where nothing is wrong there is nothing to tell."""
    worn, mild, untouched = single(batch(1)), single(batch(1)), single(batch(1, worn=False))
    mixed = mild["truth"].float() * 0.95 + mild["source"].float() * 0.05
    mild["source"] = mixed.to(torch.uint8)
    rows = [knowing().step(each) for each in (worn, mild)]
    shares = [float(row["share"] / row["certainty"]) / 10 for row in rows]
    assert shares[0] > 0.9
    assert shares[1] < 0.4
    assert rows[0]["certainty"] > rows[1]["certainty"]
    assert knowing().step(untouched)["certainty"] == 0


def test_each_step_gives_what_is_to_be_watched() -> None:
    one = duel()
    alone, both = one.step(batch(1)), one.step(batch(2))
    watched = {"total", "low", "gap", "gain", "true", "restored", "discriminator"}
    assert alone.keys() == watched
    assert both.keys() == watched | {"adversarial", "certainty", "share"}
    for row in (alone, both):
        assert all(term.isfinite() and not term.requires_grad for term in row.values())


def test_the_discriminator_learns_to_tell() -> None:
    one = duel(replace(RECIPE, alone=100, discriminator_rate=1e-2))
    rows = [one.step(batch(seed % 4)) for seed in range(24)]
    gaps = [float(row["true"] - row["restored"]) for row in rows]
    assert sum(gaps[-4:]) > sum(gaps[:4]) + 0.5


def test_a_restorer_draws_more_detail_where_it_is_asked_to_look_true() -> None:
    strength = []
    for adversarial in (0.0, 10.0):
        recipe = replace(
            RECIPE,
            alone=20,
            rate=2e-3,
            discriminator_rate=1e-2,
            energy=0.0,
            adversarial=adversarial,
        )
        one = duel(recipe)
        for seed in range(40):
            one.step(batch(seed % 4))
        source = batch(1)["source"].float() / 127.5 - 1
        with torch.inference_mode():
            strength.append(float(one.network(source).diff(dim=3).square().mean()))
    assert strength[1] > strength[0]


def test_what_is_exported_is_the_average_as_a_gpen() -> None:
    one = duel(BOTH)
    one.step(batch(1))
    exported = Gpen(SHAPE)
    exported.load_state_dict(one.state()["average"])
    x = torch.rand(1, 3, SIDE, SIDE) * 2 - 1
    with torch.inference_mode():
        torch.testing.assert_close(exported(x), one.average(x), rtol=0, atol=2e-4)


def test_bfloat16_takes_about_the_same_step() -> None:
    exact, rough = duel(BOTH), duel(BOTH, torch.bfloat16)
    mine, theirs = exact.step(batch(1)), rough.step(batch(1))
    for name in ("total", "adversarial", "discriminator"):
        torch.testing.assert_close(mine[name], theirs[name], rtol=0.05, atol=0.01)
    assert all(parameter.dtype == torch.float32 for parameter in everything(rough))
