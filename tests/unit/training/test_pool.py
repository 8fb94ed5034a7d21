from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from training import pool, train
from training.pool import Pool, PoolBatches, Stint
from training.samples.dataset import TrainingPairs
from training.samples.portraits import Portrait


def make(portraits: Path, out: Path, count: int) -> None:
    command = ["--portraits", str(portraits), "--out", str(out), "--count", str(count)]
    pool.main([*command, "--seed", "5"])


def test_a_pool_holds_the_samples_by_number(
    portraits_folder: Path, portraits: list[Portrait], tmp_path: Path
) -> None:
    make(portraits_folder, tmp_path, 3)
    made, pairs = Pool(tmp_path), TrainingPairs(portraits, 3, 5, 512)
    assert len(made) == 3
    for number in range(3):
        assert made.pixels[number] == float(pairs[number]["pixel"])
        for place, name in enumerate(("source", "truth", "own")):
            expected = pairs[number][name].permute(1, 2, 0).numpy()  # type: ignore[literal-required]
            np.testing.assert_array_equal(made.pictures[number, place], expected)


def test_a_pool_goes_on_where_it_stopped(portraits_folder: Path, tmp_path: Path) -> None:
    make(portraits_folder, tmp_path / "whole", 2)
    stopped = Pool(tmp_path / "stopped", 2)
    stopped.pictures[0] = Pool(tmp_path / "whole").pictures[0]
    stopped.note(1)
    make(portraits_folder, tmp_path / "stopped", 2)
    one, other = (Pool(tmp_path / name).pictures for name in ("whole", "stopped"))
    np.testing.assert_array_equal(one, other)


def test_a_pool_that_does_not_fit_is_refused_before_any_work(
    portraits_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = SimpleNamespace(free=2 * 3 * 512 * 512 * 3)
    monkeypatch.setattr("training.pool.shutil.disk_usage", lambda _: two)
    with pytest.raises(SystemExit, match=r"3 samples take 0.0 GB, and 0.0 GB are free there"):
        make(portraits_folder, tmp_path, 3)
    assert len(Pool(tmp_path)) == 0
    make(portraits_folder, tmp_path / "fewer", 2)


@pytest.fixture
def numbered(tmp_path: Path) -> Pool:
    """Samples whose source is their number, and whose truth tells the column."""
    made = Pool(tmp_path / "numbered", 4)
    made.pictures[:, 0] = np.arange(4)[:, None, None, None]
    made.pictures[:, 1] = np.arange(512)[None, None, :, None] // 2
    made.note(3)
    return made


def test_patches_are_cut_from_source_and_truth_alike(numbered: Pool) -> None:
    stint = Stint(1, 32, 64, 3, 4)
    drawn = numbered.draw(stint, len(numbered), np.random.default_rng(0))
    assert drawn["source"].shape == drawn["truth"].shape == (64, 3, 32, 32)
    assert set(drawn["source"].flatten().tolist()) == {0, 1, 2}, "what is not made is not drawn"
    steps = drawn["truth"][:, 0, 0].int().diff(dim=1)
    assert (steps == steps[:, :1]).all()
    assert set(steps.flatten().tolist()) == {1, -1}, "some are mirrored"


def test_batches_follow_from_seed_and_step(numbered: Pool) -> None:
    stints = (Stint(2, 32, 5, 3, 4), Stint(3, 256, 1))
    one, other = (PoolBatches(numbered, stints, seed) for seed in (1, 2))
    assert len(one) == 3
    assert torch.equal(one[1]["truth"], one[1]["truth"])
    assert not torch.equal(one[1]["truth"], one[0]["truth"])
    assert not torch.equal(one[1]["truth"], other[1]["truth"])
    assert one[2]["source"].shape == (1, 3, 256, 256)
    with pytest.raises(IndexError):
        one[3]


@pytest.mark.parametrize("text", ["side=65,lowest=3", "side=1024", "side=64,lowest=0"])
def test_a_patch_that_cannot_be_halved_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no octave"):
        Stint.parse(f"until=10,{text}").check(256)


@pytest.mark.parametrize("size", [128, 256, 512])
def test_stints_by_default_fit_a_network_of_any_size(size: int) -> None:
    words = ["--portraits", "p", "--run", "r", "--pool", "p", "--size", str(size)]
    recipe = train.recipe_of(train.parse(words))
    assert recipe.stints[-1].side == recipe.shape.size == size
    other = ["--stint", f"until=9,side={2 * size}"]
    with pytest.raises(ValueError, match="no octave"):
        train.recipe_of(train.parse([*words, *other]))


def test_a_stint_is_read() -> None:
    stint = Stint.parse("until=10,count=4,side=64,lowest=2,margin=6,floor=3e-4")
    assert stint == Stint(10, 64, 4, 2, 6, floor=3e-4)
    assert stint.inner(torch.zeros(1, 3, 64, 64)).shape == (1, 3, 52, 52)
    assert Stint.parse("until=10,energy=0.5") == Stint(10, energy=0.5)
    with pytest.raises(ValueError, match="whole crops"):
        Stint.parse("until=10,side=64,lowest=2,energy=0.5").check(256)
    with pytest.raises(ValueError, match="no 'sides'"):
        Stint.parse("until=10,sides=64")
