"""Walking over protocol buffers (the encoding of protobuf.dev) without knowing their messages.

Nothing is trusted: a number has ten bytes at most, a field ends within its message, and there are
only so many of them.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator

from vidrestore.weights.reading.stored import Unreadable

_MOST_FIELDS = 400_000
_LONGEST_TEXT = 200


class Wire:
    """A buffer of messages; each is a range of its bytes.

    Args:
        content: the bytes.
    """

    def __init__(self, content: mmap.mmap | bytes) -> None:
        self._content = content
        self._fields = 0

    def text(self, start: int, end: int) -> str:
        """The text in a range, cut where it is very long."""
        return self._content[start : min(end, start + _LONGEST_TEXT)].decode("utf-8", "replace")

    def bytes(self, start: int, end: int) -> bytes:
        """What a range holds."""
        return self._content[start:end]

    def packed(self, offset: int, end: int) -> Iterator[int]:
        """The numbers of a packed field."""
        while offset < end:
            value, offset = self._number(offset, end)
            yield value

    def messages(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """The fields that have a length: (field, end, start)."""
        for number, wire, value, at in self.walk(start, end):
            if wire == 2:
                yield number, value, at

    def walk(self, offset: int, end: int) -> Iterator[tuple[int, int, int, int]]:
        """Every field: (field, wire type, value or end, start)."""
        while offset < end:
            self._fields += 1
            if self._fields > _MOST_FIELDS:
                raise Unreadable("its ONNX graph has too many parts")
            key, offset = self._number(offset, end)
            number, wire = key >> 3, key & 7
            if wire == 0:
                value, offset = self._number(offset, end)
                yield number, wire, value, offset
                continue
            if wire == 2:
                length, offset = self._number(offset, end)
            elif wire in (1, 5):
                length = 8 if wire == 1 else 4
            else:
                raise Unreadable("its ONNX graph is damaged")
            if offset + length > end:
                raise Unreadable("its ONNX graph is cut off")
            yield number, wire, offset + length, offset
            offset += length

    def _number(self, offset: int, end: int) -> tuple[int, int]:
        """A base-128 number of up to ten bytes, and where it ends."""
        value = 0
        for shift in range(0, 70, 7):
            if offset >= end:
                raise Unreadable("its ONNX graph is cut off")
            byte = self._content[offset]
            offset += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, offset
        raise Unreadable("its ONNX graph is damaged")
