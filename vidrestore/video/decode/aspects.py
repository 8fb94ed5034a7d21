"""When pixels change their width on the way, as tapes and broadcasts do between 4:3 and 16:9."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction

import av
from av.video.stream import VideoStream

from vidrestore.video.pixels.graph import FilterChain

# Columns for a width of 1, and at most.
_UNIT, _WIDEST = 1000, 1 << 14


class Aspects:
    """The width of pixels over their height, picture by picture.

    What a container says holds for all pictures; only where it agrees with the first picture's own
    width, or says nothing, the others' count.

    Args:
        stream: that is being decoded.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self._declared = stream.sample_aspect_ratio or Fraction(1)
        self._known: list[Fraction] = []
        self._gauge: FilterChain | None = None
        self._gauged: tuple[object, ...] = ()
        self._times: list[int] = []
        self._widths: list[Fraction] = []

    def observe(self, pts: int, picture: av.VideoFrame) -> None:
        """A picture has left the decoder; they come in the order of their times."""
        aspect = self._stream.codec_context.sample_aspect_ratio or Fraction(1)
        if aspect not in self._known:
            self._known.append(aspect)
        if len(self._known) == 1 or self._known[0] != self._declared:
            return
        width = self._measured(picture)
        if width != (self._widths[-1] if self._widths else self._declared):
            self._times.append(pts)
            self._widths.append(width)

    def _measured(self, picture: av.VideoFrame) -> Fraction:
        """A picture's own; the decoder may have read on and tell of a later one.

        PyAV does not show it, but FFmpeg's scaler can be asked for a picture that is so wide.
        """
        alike = (
            *(picture.width, picture.height, picture.format.name),
            *(picture.colorspace, picture.color_range),
        )
        if self._gauge is None or alike != self._gauged:
            measuring = (
                f"w='max(1,min({_WIDEST},round(sar*{_UNIT})))':h=2:eval=frame:flags=neighbor"
            )
            self._gauge, self._gauged = FilterChain(picture, [("scale", measuring)]), alike
        (measured,) = self._gauge.push(picture)
        return min(self._known, key=lambda width: abs(width - Fraction(measured.width, _UNIT)))

    def at(self, pts: int) -> Fraction:
        """Of the picture at a time that was observed, or is between two such."""
        index = bisect_right(self._times, pts)
        return self._widths[index - 1] if index else self._declared
