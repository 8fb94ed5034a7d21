"""AVI's times: FFmpeg counts the chunks that it finds, the file's index counts them all."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import Any

import av
import av.container
from av.stream import Stream

# The head of a chunk, before its data: four letters and a length.
_HEAD = 8


class IndexedTimes:
    """Puts packets behind a damaged stretch where the index says that they belong.

    AVI gives no times. Where damage hides chunks, everything behind them would come too early,
    picture and sound each by another time.

    Args:
        container: an open AVI file of which nothing has been read yet.
    """

    def __init__(self, container: av.container.InputContainer) -> None:
        self._indexes = {stream.index: _Index(stream) for stream in container.streams}
        self._late: dict[int, int] = {}
        self._trusted: dict[int, bool] = {}

    def settle(self, packet: av.Packet[Any]) -> None:
        """Correct a packet's times; call it for each packet once, in the order of the file."""
        index = self._indexes.get(packet.stream_index)
        if index is None or packet.dts is None or not packet.size:
            return
        declared = index.time(packet)
        if declared is not None and packet.dts > 0:
            # An index that counts otherwise from the beginning is of no use.
            trusted = self._trusted.setdefault(packet.stream_index, declared == packet.dts)
            declared = declared if trusted else None
        if declared is not None:
            # An index that has fewer than were counted has lost some itself.
            self._late[packet.stream_index] = max(0, declared - packet.dts)
        late = self._late.get(packet.stream_index, 0)
        if late:
            packet.dts += late
            packet.pts = None if packet.pts is None else packet.pts + late


class _Index:
    """Where each chunk of a stream begins, and how many units come before it."""

    def __init__(self, stream: Stream) -> None:
        entries = sorted((entry.pos, entry.timestamp) for entry in stream.index_entries)
        self._offsets = array("q", (offset for offset, _ in entries))
        self._times = array("q", (time for _, time in entries))
        sizes = [entry.size for _, entry in zip(range(2), stream.index_entries, strict=False)]
        # Sound of a constant rate is counted in bytes, everything else in chunks.
        self._bytes = len(entries) > 1 and sizes[0] > 1 and self._times[1] == sizes[0]

    def time(self, packet: av.Packet[Any]) -> int | None:
        """When the packet is due, in its stream's units; None if the index does not know it."""
        if packet.pos is None:
            return None
        offset = packet.pos - _HEAD
        at = bisect_left(self._offsets, offset)
        if at == len(self._offsets) or self._offsets[at] != offset:
            return None
        if not self._bytes:
            return self._times[at]
        unit = packet.size // packet.duration if packet.duration else 0
        return self._times[at] // unit if unit else None
