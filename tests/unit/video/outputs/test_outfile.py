"""A file appears under its name whole, or not at all."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from vidrestore.errors import OutputError
from vidrestore.video.outputs.outfile import PendingFile, container_of


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.mkv"
    path.write_text("source")
    return path


def test_publish(tmp_path: Path, source: Path) -> None:
    pending = PendingFile(tmp_path / "out.mkv", source, overwrite=False)
    assert pending.temporary.parent == tmp_path
    assert pending.temporary.name == ".out.mkv.part.mkv"
    pending.temporary.write_text("whole")
    assert not (tmp_path / "out.mkv").exists()
    pending.publish()
    assert (tmp_path / "out.mkv").read_text() == "whole"
    pending.discard()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.mkv", "source.mkv"]


def test_a_link_keeps_pointing(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "elsewhere.mkv"
    target.write_text("old")
    link = tmp_path / "out.mkv"
    link.symlink_to(target)
    pending = PendingFile(link, source, overwrite=True)
    pending.temporary.write_text("new")
    pending.publish()
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_long_names_have_room(tmp_path: Path, source: Path) -> None:
    name = "ä" * 120 + ".mkv"
    pending = PendingFile(tmp_path / name, source, overwrite=False)
    pending.publish()
    assert (tmp_path / name).exists()


def test_file_systems_without_hard_links(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    pending = PendingFile(tmp_path / "out.mkv", source, overwrite=False)
    pending.publish()
    assert (tmp_path / "out.mkv").exists()
    second = PendingFile(tmp_path / "two.mkv", source, overwrite=False)
    (tmp_path / "two.mkv").write_text("taken")
    with pytest.raises(OutputError, match="exists"):
        second.publish()
    assert (tmp_path / "two.mkv").read_text() == "taken"


def test_special_files_are_refused(source: Path, tmp_path: Path) -> None:
    link = tmp_path / "null.mkv"
    link.symlink_to("/dev/null")
    with pytest.raises(OutputError, match="not a regular file"):
        PendingFile(link, source, overwrite=True)


def _refuse(*_: object, **__: object) -> None:
    raise OSError(30, "Read-only file system")


def test_a_folder_that_turned_read_only(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be removed is named, once; a job that gives up says the same."""
    for give_up in (PendingFile.publish, PendingFile.discard):
        pending = PendingFile(tmp_path / "out.mkv", source, overwrite=False)
        with monkeypatch.context() as patched:
            patched.setattr("os.link", _refuse)
            patched.setattr(Path, "replace", _refuse)
            patched.setattr(Path, "unlink", _refuse)
            with pytest.raises(OutputError, match=r"part\.mkv.*read-only.*by hand"):
                give_up(pending)
            pending.discard()
        assert not (tmp_path / "out.mkv").exists()


def test_a_folder_that_cannot_be_synced(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = PendingFile(tmp_path / "out.mkv", source, overwrite=False)
    opened = os.open

    def refusing(path: Path, flags: int) -> int:
        if Path(path).is_dir():
            raise OSError(22, "Invalid argument")
        return opened(path, flags)

    monkeypatch.setattr("os.open", refusing)
    pending.publish()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.mkv", "source.mkv"]


def test_one_writer_at_a_time(tmp_path: Path, source: Path) -> None:
    pending = PendingFile(tmp_path / "out.mkv", source, overwrite=True)
    pending.temporary.write_text("first")
    with pytest.raises(OutputError, match="another run"):
        PendingFile(tmp_path / "out.mkv", source, overwrite=True)
    assert pending.temporary.read_text() == "first"
    pending.publish()
    PendingFile(tmp_path / "out.mkv", source, overwrite=True).discard()
    assert (tmp_path / "out.mkv").read_text() == "first"


def test_killed_while_the_file_had_both_names(tmp_path: Path, source: Path) -> None:
    """The result is whole; only the name that it had before is still there."""
    part, target = tmp_path / ".out.mkv.part.mkv", tmp_path / "out.mkv"
    target.write_text("whole")
    os.link(target, part)
    PendingFile(target, source, overwrite=True).discard()
    assert target.read_text() == "whole"
    assert not part.exists()


def test_a_link_in_the_way_is_not_followed(tmp_path: Path, source: Path) -> None:
    (tmp_path / ".out.mkv.part.mkv").symlink_to(source)
    with pytest.raises(OutputError, match="cannot write in"):
        PendingFile(tmp_path / "out.mkv", source, overwrite=True)
    assert source.read_text() == "source"


def test_file_systems_without_locks(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", refuse)
    files = [PendingFile(tmp_path / "out.mkv", source, overwrite=True) for _ in range(2)]
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"source.mkv", files[0].temporary.name, files[1].temporary.name}
    for number, pending in enumerate(files):
        pending.temporary.write_text(str(number))
        pending.publish()
    assert (tmp_path / "out.mkv").read_text() == "1"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("film", "film: its name has no ending, which says what to write; choose .avi, .m4v"),
        ("film.gif", "cannot write files that end in '.gif'; choose .avi, .m4v"),
        ("film.gif", "or of a photo that of a picture, such as .jpg"),
        ("here", "here is a folder; name a file in it"),
        ("film.jpg", "pictures are numbered; name them film_%03d.png"),
    ],
)
def test_a_name_that_asks_for_no_video_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("here").mkdir()
    with pytest.raises(OutputError, match=re.escape(said)):
        container_of(Path(name))
