"""Whether a file's pictures end where its header says that they do."""

from __future__ import annotations

from fractions import Fraction

import av
import av.container
from av.video.stream import VideoStream

from vidrestore.video.demux.choice import lengths_of
from vidrestore.video.facts.damage import Damage

# Seconds by which the last packet of all streams may end before the header says so.
_SLACK = Fraction(1, 5)


def compare_end(
    damage: Damage,
    container: av.container.InputContainer,
    stream: VideoStream,
    *,
    end: Fraction,
    read: Fraction,
    complete: bool,
) -> None:
    """Compare the end with what the header promises, the closer the more is known of it.

    Args:
        damage: notes where it comes too early.
        container: the file, read to its end.
        stream: the pictures'.
        end: when the last picture ended, seconds of the file's clock.
        read: when the last packet of all streams that were looked at ended.
        complete: whether these are all streams.
    """
    promised, reached = _promised(container, stream), end
    if "matroska" in container.format.name:  # its tags say how long each stream is
        lengths = lengths_of(container)
        own = lengths.pop(stream.index, None)
        if own is not None:
            damage.ended(end, _seconds(stream, stream.start_time or 0) + own)
        if damage.early is not None or (own is not None and None in lengths.values()):
            return
        # The whole file is as long as its longest stream.
        first = Fraction(container.start_time or 0, av.time_base)
        others = (first + length for length in lengths.values() if length is not None)
        reached = max(end, read, *others)
    damage.ended(reached, promised)
    if complete and damage.early is None:
        damage.ended(max(reached, read), promised, _SLACK)


def _promised(container: av.container.InputContainer, stream: VideoStream) -> Fraction | None:
    """When the pictures should end, seconds of the file's clock, if the header says so."""
    if stream.duration is not None:
        return _seconds(stream, (stream.start_time or 0) + stream.duration)
    if container.duration is None:
        return None
    return Fraction((container.start_time or 0) + container.duration, av.time_base)


def _seconds(stream: VideoStream, ticks: int) -> Fraction:
    return ticks * (stream.time_base or Fraction(1, 90_000))
