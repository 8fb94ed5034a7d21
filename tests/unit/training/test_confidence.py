from __future__ import annotations

import torch

from training.confidence import Results, gains, learn, with_untouched

SIZE = 64


def samples(count: int = 16) -> Results:
    """Dark noise hides the truth on the left; on the right the restorer adds bright blots."""
    draws = torch.Generator().manual_seed(0)
    truth = torch.full((count, 3, SIZE, SIZE), 120.0)
    source, restored = truth.clone(), truth.clone()
    noise = 30 * torch.randn(count, 1, SIZE, SIZE, generator=draws)
    source[..., : SIZE // 2] += noise[..., : SIZE // 2]
    restored[..., SIZE // 2 :] += 60 * (noise[..., SIZE // 2 :] > 30)
    clipped = (x.clamp(0, 255).round().to(torch.uint8) for x in (source, restored, truth))
    return Results(*clipped)


def test_it_learns_where_a_restorer_helps_and_where_it_harms() -> None:
    results = samples()
    network = learn(results, 120, seed=1, rate=2e-3)
    source, restored, truth = results.unit()
    trust = network(source, restored)
    helped, harmed = trust.share[..., 1:3].mean(), trust.share[..., 5:7].mean()
    assert helped > 0.8
    assert harmed < 0.2
    table = gains(network, results)
    for worn, all_of_it, mixed in zip(*table.values(), strict=True):
        assert mixed > max(worn, all_of_it) + 1.0
    assert len(table["source"]) == len(truth)


def test_a_batch_ends_with_a_truth_to_which_nothing_is_missing() -> None:
    before = samples(4)
    after = with_untouched(before)
    assert torch.equal(after.source[-1], before.truth[-1])
    assert torch.equal(after.restored[-1], before.truth[-1])
    for mine, theirs in zip(after, before, strict=True):
        assert torch.equal(mine[:-1], theirs[:-1])
