from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from vidrestore.errors import ExitCode, OutputError, exit_code
from vidrestore.video.outputs.free_space import check_room

HOUR = 25 * 3600
HD = 1920 * 1080


@pytest.fixture(autouse=True)
def nearly_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with a megabyte free."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**6))


def film(folder: Path, size: int) -> Path:
    path = folder / "in.mkv"
    with path.open("wb") as file:
        file.truncate(size)
    return path


def test_an_hour_does_not_fit_into_a_megabyte(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"1\.0 MB free, .* 50\.0 MB at the very least") as caught:
        check_room(tmp_path / "new", film(tmp_path, 10**9), HOUR, HD)
    assert exit_code(caught.value) == ExitCode.MAY_PASS


def test_pictures_are_counted(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="make room"):
        check_room(tmp_path, tmp_path / "in_%05d.png", HOUR, HD)


@pytest.mark.parametrize(
    ("size", "frames"),
    [
        pytest.param(10**9, 100, id="a short piece of a long film"),
        pytest.param(10**6, 10**12, id="a header that lies"),
        pytest.param(10**9, None, id="a length that nobody knows"),
    ],
)
def test_what_might_fit_is_tried(tmp_path: Path, size: int, frames: int | None) -> None:
    check_room(tmp_path, film(tmp_path, size), frames, HD)


def test_a_file_system_that_tells_nothing_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(shutil, "disk_usage", refuse)
    check_room(tmp_path, film(tmp_path, 10**9), HOUR, HD)
