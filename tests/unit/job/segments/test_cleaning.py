"""What abandoned jobs left is removed, and nothing else with it."""

from __future__ import annotations

import pytest

from vidrestore import OutputError
from vidrestore.job.segments.cleaning import find_left, remove_left


def test_a_folder_that_holds_anything_else_is_left_as_it_is(tmp_path):
    folder = tmp_path / "film.mkv.part"
    folder.mkdir()
    for name in ("plan.json", "00000.packets", "letter.txt"):
        (folder / name).write_bytes(b"x")
    [left] = find_left(tmp_path)
    with pytest.raises(OutputError, match=r"letter\.txt.*move that folder away"):
        remove_left(left)
    assert len(list(folder.iterdir())) == 3
    (folder / "letter.txt").unlink()
    remove_left(left)
    assert not folder.exists()
