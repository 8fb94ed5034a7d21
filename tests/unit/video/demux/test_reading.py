"""A stretch of the disk that cannot be read is passed over where FFmpeg can find its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from tests import witness
from tests.fuzzing.fuzz_seeds import SEEDS
from tests.made_files import synthetic
from tests.unit.video.conftest import passed_through
from vidrestore.video import VideoSource
from vidrestore.video.demux.files import open_input


class BadDisk:
    """An open file whose packets between two bytes cannot be read; for the rest it is itself."""

    def __init__(self, container: Any, begin: int, end: int) -> None:
        self._container = container
        self._begin, self._end = begin, end

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)

    def demux(self, *streams: Any) -> Iterator[av.Packet[Any]]:
        for packet in self._container.demux(*streams):
            if packet.pos is not None and self._begin <= packet.pos < self._end:
                raise av.error.OSError(5, "Input/output error")
            yield packet


@pytest.fixture
def bad_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, float], None]:
    """Lets what lies between two parts of a file be unreadable for the decoder."""

    def arrange(begin: float, end: float) -> None:
        def opened(path: Any, config: Any = None) -> Any:
            container = open_input(path, config)
            return BadDisk(container, int(begin * container.size), int(end * container.size))

        for reader in ("decode.decoder", "copy.streams"):
            monkeypatch.setattr(f"vidrestore.video.{reader}.open_input", opened)

    return arrange


@pytest.mark.parametrize("name", ["mp4", "mkv", "avi", "ts", "y4m"])
def test_what_cannot_be_read_is_passed_over(
    clip: synthetic.ClipMaker, bad_disk: Callable[[float, float], None], name: str
) -> None:
    whole = clip(replace(SEEDS[name], count=60, seconds=2.4))
    truth = [seen.pts for seen in witness.frames(whole)]
    bad_disk(0.5, 0.52)
    source = VideoSource(whole)
    times = [frame.pts * frame.time_base for frame in source]
    assert set(times) <= set(truth)
    assert times[0] == truth[0]
    assert times[-1] == truth[-1]
    assert len(times) > len(truth) // 2
    assert source.decoded.damage.count("unread") >= 1
    if len(times) < len(truth):
        missing = [e for e in source.damage if e["kind"] == "missing"]
        counts = [int(str(e["count"])) for e in missing if e["stream"] == source.info.restored]
        assert sum(counts) == len(truth) - len(times)


@pytest.mark.parametrize("name", ["mp4", "mkv", "avi"])
def test_sound_goes_on_behind_it_and_comes_once(
    clip: synthetic.ClipMaker,
    tmp_path: Path,
    bad_disk: Callable[[float, float], None],
    name: str,
) -> None:
    lines = tuple((40 * n, 40 * n + 30, f"line {n}") for n in range(60))
    whole = clip(replace(SEEDS[name], count=60, seconds=2.4, lines=lines))
    truth = witness.packets(whole, "0:a:0")
    bad_disk(0.5, 0.52)
    out = tmp_path / ("out.mp4" if name == "mp4" else "out.mkv")
    passed_through(whole, out)
    copied = witness.packets(out, "0:a:0")
    assert len(truth) // 2 < len(copied) < len(truth)
    times = [seen.pts for seen in truth]
    for seen in copied:
        nearest = min(times, key=lambda time: abs(time - seen.pts))
        assert abs(nearest - seen.pts) <= Fraction(1, 500)
        times.remove(nearest)
    assert abs(copied[-1].pts - truth[-1].pts) <= Fraction(1, 500)


def test_a_file_that_cannot_be_read_on_is_kept_so_far(
    clip: synthetic.ClipMaker, bad_disk: Callable[[float, float], None]
) -> None:
    whole = clip(replace(SEEDS["mkv"], count=60, seconds=2.4))
    truth = [seen.pts for seen in witness.frames(whole)]
    bad_disk(0.5, 1)
    source = VideoSource(whole)
    times = [frame.pts * frame.time_base for frame in source]
    assert times == truth[: len(times)]
    (stopped,) = [e for e in source.damage if e["kind"] == "stopped"]
    assert stopped["count"] == 1
    assert any("could not be read to its end" in line for line in source.warnings)
    assert truth[-1] - times[-1] > Fraction(1, 25)
