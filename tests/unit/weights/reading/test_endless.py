"""What a weight file asks for in work is bounded before it is done; a hang fails by the timeout."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from tests.made_files.hostile import endless
from vidrestore.errors import ModelError
from vidrestore.restore.describe import facts
from vidrestore.restore.gpen.checkpoint import read_checkpoint
from vidrestore.weights.reading.stored import Storage, StoredTensor, Unreadable, sizes
from vidrestore.weights.state import read_state


@pytest.mark.parametrize("name", endless.FILES)
def test_a_file_that_asks_for_endless_work_is_told_or_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "in.pth"
    path.write_bytes(endless.FILES[name]())
    try:
        told = [f"{what} {value}" for what, value in facts(path)]
    except ModelError as error:
        told = [str(error)]
    assert len(told) < 120
    with pytest.raises(ModelError) as caught:
        read_checkpoint(path)
    told.append(str(caught.value))
    try:
        # An honest tensor beside odd notes is no state dict of a parser, but it is one.
        assert set(read_state(path, "paste.parsing")) <= {"w", "w" * 100_000}
    except ModelError as error:
        told.append(str(error))
    for line in told:
        assert len(line) < 1000
        assert not any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Cs"} for c in line)


def test_loops_are_refused_by_name(tmp_path: Path) -> None:
    for name, kind in (("a graph that loops", "Loop"), ("a graph that loops inside", "Scan")):
        (tmp_path / "in.onnx").write_bytes(endless.FILES[name]())
        with pytest.raises(ModelError, match=f"has a {kind}"):
            list(facts(tmp_path / "in.onnx"))


def test_sizes_are_bounded_before_they_are_multiplied() -> None:
    assert sizes([3, 0, 5]) == (3, 0, 5)
    for odd in ([1] * 17, [1 << 48], [-1], [True], ["1"], [1.0], [[]]):
        with pytest.raises(Unreadable):
            sizes(odd)
    with pytest.raises(Unreadable):
        Storage("0", "float32", 1 << 48)
    with pytest.raises(Unreadable):
        StoredTensor(Storage("0", "float32", 1), (1,), 0, (1, 1))
