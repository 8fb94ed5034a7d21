"""Lines of subtitles: those that show nothing, and those that do not say how long."""

from __future__ import annotations

from fractions import Fraction

import av
from av.stream import Stream

from vidrestore.video.copy.window import Window
from vidrestore.video.facts.media import MediaInfo

# A line of unknown length stays for so many seconds, if the film does.
_LINE = Fraction(5)


def is_silence(packet: av.Packet[Stream], codec: str) -> bool:
    """Whether this is MP4's empty line between two subtitles, which its muxer writes itself."""
    return packet.size == 2 and codec == "mov_text" and bytes(packet) == b"\0\0"


def shown_for(packet: av.Packet[Stream], media: MediaInfo, window: Window) -> int:
    """How long a subtitle lasts that does not say so: MP4 drops a last one of no duration."""
    base, end = packet.time_base, media.duration
    left = _LINE if end is None else end + media.start - window.shift
    if end is not None:
        left = min(_LINE, left - (packet.pts or 0) * base)
    return max(1, round(left / base))
