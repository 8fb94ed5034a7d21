from __future__ import annotations

import pytest
import torch

from training.networks.adaptive import Adaptive, AdaptiveRecipe, augment

CPU = torch.device("cpu")


def pictures(count: int = 6, size: int = 32) -> torch.Tensor:
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(0)) * 2 - 1


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_nothing_is_altered_without_probability() -> None:
    (altered,) = augment((pictures(),), 0.0, seeded(1))
    assert torch.equal(altered, pictures())


def test_about_as_many_are_left_alone_as_should_be() -> None:
    x = pictures(200, 16)
    (altered,) = augment((x,), 0.1, seeded(1))
    alone = ((altered - x).abs().amax((1, 2, 3)) < 1e-4).float().mean()
    # Eight draws, half of the mirrorings without effect: 0.9^7 * 0.95.
    assert 0.3 < float(alone) < 0.6


def test_what_belongs_together_is_altered_alike() -> None:
    x = pictures()
    first, second = augment((x, x), 1.0, seeded(2))
    assert torch.equal(first, second)
    assert (first - x).abs().amax((1, 2, 3)).min() > 0.1
    assert not torch.allclose(*augment((x[:1].expand(2, -1, -1, -1),), 1.0, seeded(2))[0])


def test_a_draw_is_a_function_of_the_seed() -> None:
    one, again, other = (augment((pictures(),), 0.5, seeded(s))[0] for s in (3, 3, 4))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_autocast_does_not_coarsen_pictures() -> None:
    (exact,) = augment((pictures(),), 1.0, seeded(4))
    with torch.autocast("cpu", torch.bfloat16):
        (inside,) = augment((pictures(),), 1.0, seeded(4))
    assert torch.equal(exact, inside)


def test_gray_stays_gray_and_in_its_range() -> None:
    gray = pictures()[:, :1].expand(-1, 3, -1, -1)
    (altered,) = augment((gray,), 1.0, seeded(5))
    assert (altered - altered[:, :1]).abs().max() < 1e-5
    assert altered.abs().max() < 5


def test_gradients_pass() -> None:
    x = pictures().requires_grad_()
    augment((x,), 1.0, seeded(6))[0].square().sum().backward()
    assert x.grad is not None
    assert (x.grad.abs().amax((1, 2, 3)) > 0).all()


@pytest.mark.parametrize(("score", "rises"), [(2.0, True), (-2.0, False), (0.0, False)])
def test_probability_follows_certainty(score: float, rises: bool) -> None:
    adaptive = Adaptive(AdaptiveRecipe(reach=100, interval=2), 5, CPU)
    for _ in range(4):
        adaptive.observe(torch.full((5,), score))
    assert adaptive.probability == pytest.approx(0.2 if rises else 0.0)
    for _ in range(40):
        adaptive.observe(torch.full((5,), score))
    assert adaptive.probability == pytest.approx(0.85 if rises else 0.0)


def test_it_goes_on_where_it_stopped() -> None:
    one = Adaptive(AdaptiveRecipe(reach=100, interval=3), 5, CPU)
    other = Adaptive(AdaptiveRecipe(reach=100, interval=3), 5, CPU)
    for score in (1.0, 1.0, 1.0, 1.0, -1.0):
        one.observe(torch.tensor([score]))
    other.resume(one.state())
    for adaptive in (one, other):
        adaptive.observe(torch.tensor([1.0]))
    assert one.state() == other.state()
    assert one.certainty == pytest.approx(1 / 3)
