from __future__ import annotations

import pytest

from vidrestore.runtime.whole_file import whole_file


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_has_its_name_once_it_is_whole(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with whole_file(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["a.bin"]


def test_after_an_error_there_is_what_was_there(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), whole_file(path) as file:
        file.writelines([b"half", None])  # type: ignore[list-item] - what goes wrong
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_the_longest_names_work(tmp_path):
    path = tmp_path / ("\N{SNOWMAN}" * 85)
    with whole_file(path) as file:
        file.write(b"new")
    assert names(tmp_path) == [path.name]
