"""Which files are found, and what their results are called."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from vidrestore import Config
from vidrestore.config import PHOTOS
from vidrestore.errors import ConfigError, InputError
from vidrestore.job.batch.files.naming import ending, safe
from vidrestore.job.batch.files.scanning import Scan
from vidrestore.job.batch.records.schema import BAGGED
from vidrestore.stills.kinds import _KINDS


def tree(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def found(source: Path, output: Path, **patterns: tuple[str, ...]) -> list[str]:
    return [one.inside.as_posix() for one in Scan(source, output, **patterns).found()]


def test_videos_of_all_folders_are_found_and_nothing_else(tmp_path):
    tree(tmp_path, "b.MP4", "a/c.avi", "a/notes.txt", ".trash/d.mkv", "a/.hidden.mkv")
    tree(tmp_path, "out/e.mkv", "f.mkv.part/00000.packets", "x/.y.part.mkv")
    assert found(tmp_path, tmp_path / "out") == ["a/c.avi", "b.MP4"]


def test_results_in_a_bag_are_no_sources(tmp_path):
    """Neither those of this OUT, nor those of another; somebody's bag is a folder of sources."""
    tree(tmp_path, "a.mkv", "out/a.mkv", "out.bag/data/a.mkv", "old.bag/data/a.mkv")
    tree(tmp_path, "old.bag/bagit.txt", "museum.bag/data/b.mkv", "museum.bag/bagit.txt")
    (tmp_path / "old.bag" / "bag-info.txt").write_text(f"External-Description: {BAGGED} 1.0\n")
    (tmp_path / "museum.bag" / "bag-info.txt").write_text("Source-Organization: a museum\n")
    assert found(tmp_path, tmp_path / "out") == ["a.mkv", "museum.bag/data/b.mkv"]


def test_photos_are_those_that_can_be_read():
    assert PHOTOS.keys() == {ending for kind in _KINDS for ending in kind.endings}


def test_patterns_choose_as_gitignore_does(tmp_path):
    tree(tmp_path, "keep/a.mkv", "drafts/b.mkv", "keep/c.bin", "keep/d.mkv")
    assert found(tmp_path, tmp_path / "o", exclude=("drafts/",)) == ["keep/a.mkv", "keep/d.mkv"]
    assert found(tmp_path, tmp_path / "o", include=("*.bin", "/drafts/*")) == [
        "drafts/b.mkv",
        "keep/c.bin",
    ]
    assert found(tmp_path, tmp_path / "o", include=("*.mkv", "!d.mkv")) == [
        "drafts/b.mkv",
        "keep/a.mkv",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_folders_behind_links_are_not_entered(tmp_path):
    tree(tmp_path, "a/b.mkv")
    (tmp_path / "a" / "round").symlink_to(tmp_path)
    assert found(tmp_path, tmp_path / "o") == ["a/b.mkv"]


def test_a_list_names_files_from_its_own_folder(tmp_path):
    tree(tmp_path, "a/b.mkv", "c.mkv")
    names = tmp_path / "a" / "list.txt"
    names.write_text("# tapes\nb.mkv\n../c.mkv\r\n\nb.mkv\nno.mkv\n")
    found = list(Scan(names, tmp_path / "o").found())
    assert [one.path for one in found] == [
        tmp_path / "a/b.mkv",
        tmp_path / "c.mkv",
        tmp_path / "a/no.mkv",
    ]
    assert [one.size for one in found] == [1, 1, -1]


def test_what_is_no_folder_and_no_list_is_refused(tmp_path):
    (tmp_path / "film.mkv").write_bytes(b"\x1aE\xdf\xa3\x00\x00")
    with pytest.raises(InputError, match="no list of files"):
        list(Scan(tmp_path / "film.mkv", tmp_path / "o").found())
    with pytest.raises(InputError, match="does not exist"):
        Scan(tmp_path / "nowhere", tmp_path / "o")
    with pytest.raises(ConfigError, match="--include"):
        Scan(tmp_path, tmp_path / "o", include=("!",))


def named(*names: str, end: str = ".mkv") -> list[str]:
    taken: set[str] = set()
    for name in names:
        made = safe(Path(name), end, lambda path: path.as_posix().lower() in taken)
        taken.add(made.as_posix().lower())
    return sorted(taken)


def test_results_have_names_of_their_own_that_every_system_takes():
    assert named("a:b?.avi") == ["a_b_.mkv"]
    assert named("con.avi", "x /y..avi") == ["con_.mkv", "x/y.mkv"]
    assert named(os.fsdecode(b"caf\xe9.avi")) == ["caf%e9.mkv"]
    assert named("shot_%05d.avi") == ["shot__05d.mkv"]
    (name,) = named("ü" * 300 + ".avi")
    assert len(name.encode()) <= 190


def test_a_name_that_is_taken_gets_its_sources_ending_then_a_number():
    taken: set[Path] = set()
    for name in ("b.avi", "b.mpg", "b.mpg", "b.mpg"):
        taken.add(safe(Path(name), ".mkv", taken.__contains__))
    assert taken == {Path("b.mkv"), Path("b.mpg.mkv"), Path("b.2.mkv"), Path("b.3.mkv")}


def test_a_result_is_what_its_source_is_where_that_holds_it():
    plain, archive = Config(), Config.preset("archive")
    assert ending(Path("a.MP4"), plain, "auto") == ".mp4"
    assert ending(Path("a.mpg"), plain, "auto") == ".mkv"
    assert ending(Path("a.JPG"), archive, "mkv") == ".jpg"
    assert ending(Path("a.mp4"), archive, "auto") == ".mkv"
    assert ending(Path("a.avi"), Config.preset("home-video"), "auto") == ".mp4"
    assert ending(Path("a.avi"), archive, "mov") == ".mov"
    prores = plain.with_options({"encoder.codec": "prores"})
    assert ending(Path("a.mp4"), prores, "auto") == ".mov"
