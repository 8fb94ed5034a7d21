"""What opening a file may cost is bounded, and told."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pytest

from tests import witness
from tests.made_files import synthetic
from vidrestore.config import InputConfig
from vidrestore.errors import InputError
from vidrestore.video import probe
from vidrestore.video.demux import opening
from vidrestore.video.demux.opening import STRICT_PIXELS, most_pixels

STRICT = InputConfig(budget="strict")


def element(number: str, body: bytes) -> bytes:
    """One element of EBML."""
    return bytes.fromhex(number) + struct.pack(">Q", len(body) | 1 << 56) + body


def tagged(base: Path, count: int) -> bytes:
    """A Matroska file with that many different tags before its pictures."""
    content = base.read_bytes()
    at = content.find(bytes.fromhex("18538067"))
    width = 9 - content[at + 4].bit_length()
    tags = b"".join(
        element("67c8", element("45a3", b"T%d" % n) + element("4487", b"b")) for n in range(count)
    )
    head = content[:at] + bytes.fromhex("1853806701ffffffffffffff")
    named = element("1254c367", element("7373", element("63c0", b"") + tags))
    return head + named + content[at + 4 + width :]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.make(tmp_path_factory.mktemp("base"), synthetic.Clip("in.mkv", 3, 64, 48))


def test_a_header_of_endless_work_is_refused_and_an_honest_one_is_read(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "in.mkv"
    file.write_bytes(tagged(base, 300))
    assert len(probe(file).metadata) >= 300
    monkeypatch.setattr(opening, "HEADER_SECONDS", 0.3)
    file.write_bytes(tagged(base, 60_000))
    with pytest.raises(InputError, match="of work before its first frame"):
        probe(file)


def test_the_strict_budget_opens_in_a_process_of_its_own(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert probe(base, STRICT).limits.budget == "strict"
    (tmp_path / "a.mkv").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"a\.mkv is not a video"):
        probe(tmp_path / "a.mkv", STRICT)
    monkeypatch.setattr(opening, "STRICT_SECONDS", 0)
    with pytest.raises(InputError, match=r"input\.budget strict allows"):
        probe(base, STRICT)


def test_pictures_that_take_gigabytes_are_refused_where_the_budget_is_strict(
    tmp_path: Path,
) -> None:
    picture = tmp_path / "large.png"
    flat = ("-f", "lavfi", "-i", "color=gray:s=8192x4100", "-pix_fmt", "gray")
    witness.run(*flat, "-frames:v", "1", "-compression_level", "1", picture)
    assert probe(picture).picture.height == 4100
    with pytest.raises(InputError, match=r"large\.png"):
        probe(picture, STRICT)
    assert most_pixels(STRICT) == STRICT_PIXELS
    assert most_pixels(InputConfig(max_pixels=100, budget="strict")) == 100
    assert most_pixels(InputConfig()) == InputConfig().max_pixels


@pytest.mark.skipif(not hasattr(time, "pthread_getcpuclockid"), reason="clocks of threads")
def test_work_is_measured_by_the_processor_and_not_by_the_clock() -> None:
    assert opening._within(lambda: time.sleep(0.5), 0.2)
