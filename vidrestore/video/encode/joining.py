"""Packets of segments that were encoded one by one, as those of one stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

import av

from vidrestore.errors import OutputError
from vidrestore.video.encode import packet_file


def joined_packets(
    parts: Sequence[Callable[[], IO[bytes]]], result: int = 0
) -> Iterator[av.Packet[Any]]:
    """The packets of a result, of all parts, in decoding order.

    Each part begins with a keyframe and refers to nothing before it, so that its packets may follow
    those of the part before as they are; but for their decoding times: an encoder begins earlier
    than its first picture is shown, while the part before has not ended. They are given out anew:
    the times at which pictures are shown, in order, so much earlier as any picture is decoded
    before its turn.

    Args:
        parts: each opens the file of a part (``packet_file``).
        result: whose packets.

    Raises:
        OutputError: the parts overlap in time, or a file is damaged.
    """
    try:
        decoded, delay = _decoding_times(parts, result)
        number = 0
        for part in parts:
            with part() as file:
                for packet in packet_file.read(file, result):
                    packet.dts = decoded[number] if delay else packet.pts
                    number += 1
                    yield packet
    except ValueError as error:
        raise OutputError(f"what was kept of the job cannot be used: {error}") from error


def _decoding_times(parts: Sequence[Callable[[], IO[bytes]]], result: int) -> tuple[list[int], int]:
    """A time for each packet of all parts, and by how many packets any is early at most."""
    shown: list[int] = []
    delay = 0
    for part in parts:
        with part() as file:
            coded = list(packet_file.times(file, result))
        own = sorted(coded)
        if shown and own and own[0] <= shown[-1]:
            raise ValueError("a segment begins before the one in front of it ends")
        ranks = {pts: rank for rank, pts in enumerate(own)}
        delay = max([delay, *(turn - ranks[pts] for turn, pts in enumerate(coded))])
        shown += own
    if not delay:
        return shown, 0
    step = shown[1] - shown[0] if len(shown) > 1 else 1
    early = [shown[0] - step * number for number in range(delay, 0, -1)]
    return (early + shown)[: len(shown)], delay
