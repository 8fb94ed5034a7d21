"""AVI's index puts packets back where they belong, if it counts as the packets do."""

from __future__ import annotations

from types import SimpleNamespace as Thing
from typing import Any

from vidrestore.video.containers.indexed import IndexedTimes


def _index(*times: int, size: int = 100) -> Any:
    entries = [Thing(pos=1000 * n, timestamp=time, size=size) for n, time in enumerate(times)]
    return IndexedTimes(Thing(streams=[Thing(index=0, index_entries=entries)]))  # type: ignore[arg-type]


def _settled(index: Any, *found: tuple[int, int], size: int = 100, duration: int = 1) -> list[int]:
    """Times of packets of the given places (by number) and counted times."""
    packets = [
        Thing(stream_index=0, pos=1000 * n + 8, dts=dts, pts=dts, size=size, duration=duration)
        for n, dts in found
    ]
    for packet in packets:
        index.settle(packet)
    assert all(packet.pts == packet.dts for packet in packets)
    return [packet.dts for packet in packets]


def test_what_follows_a_lost_chunk_is_put_back():
    index = _index(0, 1, 2, 3, 4, 5)
    assert _settled(index, (0, 0), (1, 1), (4, 2), (5, 3)) == [0, 1, 4, 5]


def test_what_the_index_does_not_know_stays_beside_its_neighbour():
    index = _index(0, 1, 2, 3, 4)
    assert _settled(index, (0, 0), (1, 1), (4, 2), (9, 3)) == [0, 1, 4, 5]


def test_sound_is_counted_in_bytes():
    index = _index(0, 4096, 8192, 12_288, size=4096)
    found = (0, 0), (1, 1024), (3, 2048)
    assert _settled(index, *found, size=4096, duration=1024) == [0, 1024, 3072]


def test_an_index_that_counts_otherwise_moves_nothing():
    index = _index(0, 2, 4, 6)
    assert _settled(index, (0, 0), (1, 1), (2, 2), (3, 3)) == [0, 1, 2, 3]


def test_sound_of_unknown_length_is_left_as_it_was_counted():
    index = _index(0, 4096, 8192, size=4096)
    assert _settled(index, (0, 0), (1, 1), (2, 2), size=4096, duration=0) == [0, 1, 2]
