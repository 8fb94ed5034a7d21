"""EBML, the notation of Matroska and WebM (RFC 8794): elements of a number, a size and content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zlib import crc32

Element = tuple[int, bytes]

VOID, CRC = 0xEC, 0xBF
SEGMENT, CLUSTER = 0x18538067, 0x1F43B675


def head(data: bytes, at: int) -> tuple[int, int | None, int]:
    """An element's number, its size (None if it does not say) and where its content begins.

    Raises:
        ValueError: if there is none.
    """
    number, at = _coded(data, at, keep=True)
    begin = at
    size, at = _coded(data, at, keep=False)
    unknown = size == (1 << 7 * (at - begin)) - 1
    return number, None if unknown else size, at


def _coded(data: bytes, at: int, *, keep: bool) -> tuple[int, int]:
    """A number of variable length, with or without the bit that tells how long it is."""
    if at >= len(data) or not data[at]:
        raise ValueError("no EBML element")
    width = 9 - data[at].bit_length()
    if at + width > len(data):
        raise ValueError("an EBML element that is cut off")
    value = int.from_bytes(data[at : at + width])
    return (value if keep else value & ((1 << 7 * width) - 1)), at + width


def children(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Number, begin and end of the content of each element of a master's content.

    Raises:
        ValueError: if the content is something else.
    """
    at = 0
    while at < len(data):
        number, size, at = head(data, at)
        if size is None or at + size > len(data):
            raise ValueError("an EBML element that is cut off")
        yield number, at, at + size
        at += size


def within_segment(data: bytes, wanted: int, name: str) -> tuple[int, int]:
    """Where the content of a top-level element lies that a Matroska file has before its clusters.

    Args:
        data: the file's beginning.
        wanted: the element's number.
        name: of it, for the error.

    Raises:
        ValueError: it is not there.
    """
    at = 0
    while at < len(data):
        number, size, begin = head(data, at)
        if number == wanted and size is not None and begin + size <= len(data):
            return begin, begin + size
        if number == CLUSTER or (size is None and number != SEGMENT):
            break
        at = begin if number == SEGMENT else begin + (size or 0)
    raise ValueError(f"it has no {name} where they should be")


def elements(data: bytes) -> list[Element]:
    """The elements of a master's content.

    Raises:
        ValueError: if the content is something else.
    """
    return [(number, data[begin:end]) for number, begin, end in children(data)]


def element(number: int, content: bytes) -> bytes:
    """An element as it is written."""
    size = len(content)
    width = next(n for n in range(1, 9) if size < (1 << 7 * n) - 1)
    coded = (size | 1 << 7 * width).to_bytes(width)
    return number.to_bytes((number.bit_length() + 7) // 8) + coded + content


def unsigned(number: int, value: int) -> bytes:
    """An element that holds a whole number."""
    return element(number, value.to_bytes(max(1, (value.bit_length() + 7) // 8)))


def master(parts: Iterable[Element]) -> bytes:
    """The content of a master that holds these elements."""
    return b"".join(element(number, content) for number, content in parts)


def filled(content: bytes, size: int) -> bytes:
    """A master's content brought to a size by an element that means nothing.

    Raises:
        ValueError: if there is no room for one.
    """
    rest = size - len(content)
    if rest == 0:
        return content
    for width in range(1, 9):
        length = rest - 1 - width
        if 0 <= length < (1 << 7 * width) - 1:
            return (
                content + bytes([VOID]) + (length | 1 << 7 * width).to_bytes(width) + bytes(length)
            )
    raise ValueError(f"{rest} bytes are no room for an EBML element")


def summed(content: bytes) -> bytes:
    """A master's content with the checksum that it begins with, if it does, made true again."""
    number, size, at = head(content, 0)
    if number != CRC or size != 4:
        return content
    rest = content[at + size :]
    return content[:at] + crc32(rest).to_bytes(4, "little") + rest
