"""Closed captions (ATSC A/53 Part 4: CTA-608 and 708), which lie in the pictures themselves."""

from __future__ import annotations

import av

from vidrestore.datatypes import Frame
from vidrestore.errors import OutputError
from vidrestore.video.pixels.graph import FilterChain
from vidrestore.video.pixels.sidedata import SideDataReader

_SIDE_DATA = "A53_CC"
# A word is a byte of flags and two of data, whose highest bits are parity in CTA-608.
_WORD, _VALID, _DATA = 3, 4, 0x7F


def captioned(picture: av.VideoFrame, attached: SideDataReader) -> bool:
    """Whether a picture carries captions, and not just the padding that keeps their place."""
    raw = attached.read(picture, _SIDE_DATA) or b""
    return any(
        flags & _VALID and (first | second) & _DATA
        for flags, first, second in zip(raw[::_WORD], raw[1::_WORD], raw[2::_WORD], strict=False)
    )


def silent(picture: av.VideoFrame, attached: SideDataReader) -> av.VideoFrame:
    """The same picture without captions: shown once more, it must not say them twice."""
    if attached.read(picture, _SIDE_DATA) is None:
        return picture
    chain = FilterChain(picture, [("sidedata", f"mode=delete:type={_SIDE_DATA}")])
    (without,) = chain.push(picture)
    return without


class Loss:
    """The captions that a result cannot hold.

    Args:
        why: who cannot hold them, and what could; None if they are kept.
        expected: whether the source is known to carry any.
        strict: whether the job is refused rather than losing them.

    Attributes:
        count: frames whose captions were lost.

    Raises:
        OutputError: if it is refused.
    """

    def __init__(self, why: str | None, *, expected: bool, strict: bool) -> None:
        self._why, self._expected, self._strict = why, expected, strict
        self.count = 0
        self._attached = SideDataReader()
        if expected:
            self._check()

    def observe(self, frame: Frame) -> None:
        """Take a frame that is written into account.

        Raises:
            OutputError: if its captions would be lost and must not be.
        """
        picture = frame.handle
        if self._why is None or not isinstance(picture, av.VideoFrame):
            return
        if captioned(picture, self._attached):
            self._check()
            self.count += 1

    def _check(self) -> None:
        if self._strict and self._why is not None:
            raise OutputError(
                f"closed captions would be lost: {self._why}; or run without output.strict"
            )

    @property
    def warnings(self) -> list[str]:
        """What was lost, in one line; empty if nothing was."""
        if self._why is None or not (self.count or self._expected):
            return []
        where = f" in {self.count} frames" if self.count else ""
        return [f"the closed captions{where} are lost: {self._why}"]
