from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from training import export
from vidrestore.restore.detail import DetailNetwork, RefinementNetwork
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.gpen.confidence import Confidence
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape

SHAPE = GpenShape((4, 4, 4, 4, 4), style_width=4, mapping_depth=1)


def exported(folder: Path, *words: str) -> Path:
    torch.manual_seed(0)
    state = {"shape": asdict(SHAPE), "average": Gpen(SHAPE).state_dict()}
    torch.save(state, folder / "last.pt")
    out = folder / "out.safetensors"
    export.main([str(folder / "last.pt"), str(out), *words])
    return out


def test_a_run_is_written_alone(tmp_path: Path) -> None:
    written = read_checkpoint(exported(tmp_path, "--dtype", "float32"))
    assert not written.beside
    torch.manual_seed(0)
    for mine, theirs in zip(written.build().parameters(), Gpen(SHAPE).parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_the_mean_of_several_runs_lies_between_them(tmp_path: Path) -> None:
    others = []
    for seed in (2, 3):
        torch.manual_seed(seed)
        others.append(Gpen(SHAPE))
        state = {"shape": asdict(SHAPE), "average": others[-1].state_dict()}
        torch.save(state, tmp_path / f"{seed}.pt")
    words = ["--mean", str(tmp_path / "2.pt"), str(tmp_path / "3.pt")]
    written = read_checkpoint(exported(tmp_path, "--dtype", "float32", *words)).build()
    torch.manual_seed(0)
    every = [network.parameters() for network in (written, Gpen(SHAPE), *others)]
    for mean, one, two, three in zip(*every, strict=True):
        torch.testing.assert_close(mean, (one + two + three) / 3)
    with pytest.raises(ValueError, match="have no mean"):
        export.mean_of([*others, Gpen(GpenShape((4, 4, 4, 4), style_width=4, mapping_depth=1))])


def test_small_networks_of_another_file_come_along(tmp_path: Path) -> None:
    torch.manual_seed(1)
    small = (Confidence(), DetailNetwork(), RefinementNetwork())
    other = tmp_path / "other.safetensors"
    for several in (small, small[:1], small[2:]):
        write_checkpoint(Gpen(SHAPE), other, torch.float32, several)
        out = exported(tmp_path, "--dtype", "float32", "--beside", str(other))
        found = read_checkpoint(out).beside
        expected = {name: value for each in several for name, value in each.named().items()}
        assert found.keys() == expected.keys()
        assert all(torch.equal(found[name], expected[name]) for name in found)
