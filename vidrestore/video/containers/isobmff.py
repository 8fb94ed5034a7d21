"""Boxes of MP4 and MOV (ISO/IEC 14496-12) that PyAV cannot have FFmpeg's muxer write.

The muxer writes its "moov" behind everything else, so it can grow once the file is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

Box = tuple[bytes, int, int]
Change = Callable[[bytes], bytes]

_SPATIAL = (b"st3d", b"sv3d")
# Bytes of a sample description's video entry before its own boxes.
_ENTRY = 8 + 78


def boxes(data: bytes, begin: int = 0, end: int | None = None) -> Iterator[Box]:
    """Kind, begin and end of the boxes that lie one behind the other; both with the head.

    What is cut off ends at the end.
    """
    end = len(data) if end is None else end
    while begin + 8 <= end:
        size, kind = int.from_bytes(data[begin : begin + 4]), data[begin + 4 : begin + 8]
        if size == 1:
            size = int.from_bytes(data[begin + 8 : begin + 16])
        size = size or end - begin
        if size < 8:
            return
        yield kind, begin, min(end, begin + size)
        begin += size


def box(kind: bytes, content: bytes) -> bytes:
    """A box as it is written."""
    return (8 + len(content)).to_bytes(4) + kind + content


def spatial_boxes(data: bytes) -> bytes:
    """The marks of 3D and of a sphere of the only track of a file's header."""
    found = [
        data[begin:end]
        for entry in _video_entries(data)
        for kind, begin, end in boxes(data, entry[1] + _ENTRY, entry[2])
        if kind in _SPATIAL
    ]
    return b"".join(found)


def _video_entries(data: bytes) -> Iterator[Box]:
    """The first sample description of each track."""
    ranges = [(0, len(data))]
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"):
        ranges = [
            (begin + 8, end)
            for first, last in ranges
            for found, begin, end in boxes(data, first, last)
            if found == kind
        ]
    for begin, end in ranges:
        yield from list(boxes(data, begin + 8, end))[:1]


def changed(content: bytes, way: Sequence[bytes], change: Change) -> bytes:
    """A box's content in which another box, ``way`` down from it, has changed content."""
    parts = []
    for kind, begin, end in boxes(content):
        inner = content[begin + 8 : end]
        if kind != way[0]:
            parts.append(content[begin:end])
        elif len(way) == 1:
            parts.append(box(kind, change(inner)))
        else:
            parts.append(box(kind, changed(inner, way[1:], change)))
    return b"".join(parts)


def amend(path: Path, change: Change) -> None:
    """Change the content of the "moov" of a finished file.

    Raises:
        OSError: if the file cannot be written.
        ValueError: if its "moov" is not the last box.
    """
    with path.open("r+b") as file:
        begin, content = _last_moov(file)
        whole = box(b"moov", change(content))
        file.seek(begin)
        file.write(whole)
        file.truncate()


def _last_moov(file: BinaryIO) -> tuple[int, bytes]:
    """Where it begins, and its content."""
    at, end = 0, file.seek(0, 2)
    while at < end:
        file.seek(at)
        head = file.read(16)
        size = int.from_bytes(head[:4])
        if size == 1:
            size = int.from_bytes(head[8:])
        if head[4:8] == b"moov" and at + size == end:
            file.seek(at + 8)
            return at, file.read()
        if size < 8:
            break
        at += size
    raise ValueError("its index is not at its end")


def with_marks(moov: bytes, marks: Mapping[int, bytes]) -> bytes:
    """A "moov" whose tracks, by their place, have more boxes in their sample description."""
    parts, index = [], 0
    for kind, begin, end in boxes(moov):
        part = moov[begin:end]
        if kind == b"trak":
            if index in marks:
                way = (b"mdia", b"minf", b"stbl", b"stsd")
                described = partial(_described, more=marks[index])
                part = box(kind, changed(part[8:], way, described))
            index += 1
        parts.append(part)
    return b"".join(parts)


def _described(stsd: bytes, more: bytes) -> bytes:
    """The content of a table of sample descriptions, its first one longer."""
    entries = list(boxes(stsd, 8))
    kind, begin, end = entries[0]
    return stsd[:8] + box(kind, stsd[begin + 8 : end] + more) + stsd[end:]


def with_tags(moov: bytes, tags: Mapping[str, str], *, quicktime: bool) -> bytes:
    """A "moov" with tags under names of any kind, as phones write them (handler "mdta").

    Args:
        moov: content of the box.
        tags: values by names.
        quicktime: whether it is MOV's, whose "meta" has no version.
    """
    whole = bytes(4)
    keys, values = [], []
    for number, (name, value) in enumerate(tags.items(), 1):
        key, text = name.encode(), value.encode()
        keys.append(box(b"mdta", key))
        # Kind 1 is UTF-8, in no particular language.
        values.append(box(number.to_bytes(4), box(b"data", b"\0\0\0\1" + bytes(4) + text)))
    handler = box(b"hdlr", whole + bytes(4) + b"mdta" + bytes(12) + b"\0")
    listed = box(b"keys", whole + len(keys).to_bytes(4) + b"".join(keys))
    content = handler + listed + box(b"ilst", b"".join(values))
    return moov + box(b"meta", content if quicktime else whole + content)
