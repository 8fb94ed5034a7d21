from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stand_ins import web
from vidrestore.errors import ModelError
from vidrestore.weights.catalogue import Model
from vidrestore.weights.fetch import accept, accepted, fetch

CONTENT = bytes(range(256)) * 1000
HASH = hashlib.sha256(CONTENT).hexdigest()
MODEL = Model("small", "small.onnx", HASH, 64, "gpen", "non-commercial", megabytes=1)
PART = "small.onnx.part"


@pytest.fixture
def server() -> Iterator[web.Server]:
    with web.web_server() as running:
        yield running


def names(folder: Path) -> list[str]:
    """What lies there, the empty files of locks aside."""
    listed = folder.iterdir() if folder.is_dir() else ()
    return sorted(path.name for path in listed if not path.name.endswith(".lock"))


def test_a_file_is_fetched_once_and_progress_is_told(server: web.Server, tmp_path: Path) -> None:
    server.answer = web.sends(CONTENT)
    told: list[tuple[int, int | None]] = []
    folder = tmp_path / "new" / "weights"
    for _ in range(2):
        path = fetch(
            MODEL, folder, release=server.address, progress=lambda *state: told.append(state)
        )
        assert path.read_bytes() == CONTENT
    assert server.ranges == [None]
    assert names(folder) == ["small.onnx"]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert told == sorted(told)


def test_a_cut_download_goes_on_where_it_broke_off(server: web.Server, tmp_path: Path) -> None:
    server.answer = web.cut(CONTENT, 70_000)
    with pytest.raises(ModelError, match="bytes are kept, run it again"):
        fetch(MODEL, tmp_path, release=server.address)
    assert names(tmp_path) == [PART]
    kept = (tmp_path / PART).stat().st_size
    assert 0 < kept <= 70_000
    server.answer = web.sends(CONTENT)
    assert fetch(MODEL, tmp_path, release=server.address).read_bytes() == CONTENT
    assert server.ranges == [None, f"bytes={kept}-"]
    assert names(tmp_path) == ["small.onnx"]


@pytest.mark.parametrize("part", [CONTENT[:1000], b"other", CONTENT, CONTENT + b"more"])
@pytest.mark.parametrize("ranges", [True, False])
def test_any_part_ends_in_the_whole_file_or_in_none(
    part: bytes, ranges: bool, server: web.Server, tmp_path: Path
) -> None:
    """A part of another file fails the hash once; the next attempt begins anew."""
    (tmp_path / PART).write_bytes(part)
    server.answer = web.sends(CONTENT, ranges=ranges)
    if part == b"other" and ranges:
        with pytest.raises(ModelError, match="not the published file"):
            fetch(MODEL, tmp_path, release=server.address)
        assert names(tmp_path) == []
    fetch(MODEL, tmp_path, release=server.address)
    assert (tmp_path / "small.onnx").read_bytes() == CONTENT
    assert names(tmp_path) == ["small.onnx"]


def test_a_slow_server_is_waited_for(server: web.Server, tmp_path: Path) -> None:
    server.answer = web.sends(CONTENT, step=997)
    assert fetch(MODEL, tmp_path, release=server.address).read_bytes() == CONTENT


BAD = {
    "other bytes": (web.sends(CONTENT[::-1]), "not the published file", []),
    "too little, told honestly": (web.sends(CONTENT[:-1]), "not the published file", []),
    "no such file": (web.missing, "answers 404", []),
    "a local file": (web.redirects("file:///etc/hostname"), "neither https nor http", []),
    "in circles": (web.redirects("/small.onnx"), "redirects", []),
    "too long": (web.sends(b"x" * 3_000_000), "more than 2000000 bytes", [PART]),
    "without end": (web.endless, "more than 2000000 bytes", [PART]),
    "silence": (web.stalled(CONTENT, 1000), "fell silent", [PART]),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_server_is_told_in_one_line_and_leaves_no_model(
    name: str, server: web.Server, tmp_path: Path
) -> None:
    server.answer, told, left = BAD[name]
    with pytest.raises(ModelError, match=told) as caught:
        fetch(MODEL, tmp_path, release=server.address, silence=0.2)
    assert len(str(caught.value).splitlines()) == 1
    assert names(tmp_path) == left
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= len(CONTENT)


def test_without_a_network_one_line_says_so(server: web.Server, tmp_path: Path) -> None:
    closed = server.address
    server.shutdown()
    server.server_close()
    with pytest.raises(ModelError, match="is there a network"):
        fetch(MODEL, tmp_path, release=closed)
    assert names(tmp_path) == []


def test_a_damaged_file_is_fetched_again(server: web.Server, tmp_path: Path) -> None:
    (tmp_path / "small.onnx").write_bytes(b"damaged")
    server.answer = web.sends(CONTENT)
    assert fetch(MODEL, tmp_path, release=server.address).read_bytes() == CONTENT


def test_a_link_is_never_written_through(server: web.Server, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("kept")
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / PART).symlink_to(precious)
    server.answer = web.sends(CONTENT)
    with pytest.raises(ModelError, match="cannot write"):
        fetch(MODEL, folder, release=server.address)
    (folder / PART).unlink()
    (folder / "small.onnx").symlink_to(precious)
    assert fetch(MODEL, folder, release=server.address).read_bytes() == CONTENT
    assert precious.read_text() == "kept"


def test_a_folder_that_cannot_be_made_is_told(server: web.Server, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="cannot write"):
        fetch(MODEL, tmp_path / "file" / "weights", release=server.address)
    with pytest.raises(ModelError, match="cannot write"):
        accept(MODEL, tmp_path / "file" / "weights")


def test_a_licence_is_accepted_once_for_all_models_under_it(tmp_path: Path) -> None:
    free = Model("free", "free.onnx", HASH, 64, "gpen", "Apache-2.0")
    other = Model("other", "other.onnx", HASH, 64, "gpen", "non-commercial")
    assert accepted(free, tmp_path)
    assert not accepted(MODEL, tmp_path)
    accept(MODEL, tmp_path)
    assert accepted(MODEL, tmp_path)
    assert accepted(other, tmp_path)
    (tmp_path / "licences.json").write_text("[damaged")
    assert not accepted(MODEL, tmp_path)
