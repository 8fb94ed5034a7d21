"""Times of pictures whose container tells only when they are decoded: MP4 without "ctts"."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import chain, islice, pairwise

import av
from av.video.codeccontext import VideoCodecContext

# Pictures looked at before any is given a time: no codec reorders more.
_LOOKED_AT = 16


class DecodingTimes:
    """Gives pictures, which leave the decoder in the order of display, their times in that order.

    Only where the container's times are plainly those of decoding: they equal each other for all
    packets, and fall from one picture to the next.

    Args:
        decoder: that the packets go into.
    """

    def __init__(self, decoder: VideoCodecContext) -> None:
        self._decoder = decoder
        self.restart()

    def restart(self) -> None:
        """Packets come from another place."""
        self._times: list[int] = []
        self._alike = True

    def packet(self, pts: int | None, dts: int | None) -> None:
        """A packet of a picture went into the decoder."""
        self._alike = self._alike and pts is not None and pts == dts
        if self._alike and pts is not None:
            heappush(self._times, pts)
        elif self._times:
            self._times.clear()

    def settle(self, pictures: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
        """The same pictures."""
        first = next(pictures, None)
        if first is None:
            return
        held = [first]
        self._alike = self._alike and bool(self._decoder.has_b_frames)
        if self._alike:
            held += islice(pictures, _LOOKED_AT - 1)
        times = [picture.pts for picture in held]
        falling = any(a is None or b is None or b < a for a, b in pairwise(times))
        if not (self._alike and falling):
            self._alike = False
            self._times.clear()
        for picture in chain(held, pictures):
            if self._times:
                picture.pts = heappop(self._times)
            yield picture
