"""A file attached to Matroska whose content is known only when all else is written.

The muxer writes attachments with the header; room is taken there, and filled once the file is whole
(RFC 9559, section 5.1.6).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from av.container import OutputContainer

from vidrestore.video.containers import ebml

_ATTACHMENTS = 0x1941A469
_FILE, _NAME, _DATA = 0x61A7, 0x466E, 0x465C
_FILLER: Final = b" "
# Of a file's header, which holds all attachments of the source, too.
_MOST_HEADER: Final = 1 << 30


def reserve(output: OutputContainer, name: str, mimetype: str, room: int) -> None:
    """Take room; before the header is written."""
    output.add_attachment(name, mimetype, _FILLER * room)


def fill(path: Path, name: str, content: bytes) -> None:
    """Put content into the last attachment of a name; what is left of its room becomes void.

    Args:
        path: a finished file.
        name: of the attachment.
        content: not longer than its room.

    Raises:
        OSError: if the file cannot be written.
        ValueError: if there is no such room.
    """
    with path.open("r+b") as file:
        data = file.read(min(_MOST_HEADER, path.stat().st_size))
        begin, end = ebml.within_segment(data, _ATTACHMENTS, "attachments")
        whole = bytearray(data[begin:end])
        del data
        wanted = name.encode()
        for number, first, last in reversed(list(ebml.children(bytes(whole)))):
            parts = ebml.elements(bytes(whole[first:last])) if number == _FILE else []
            if (_NAME, wanted) in parts:
                kept = [(n, content if n == _DATA else value) for n, value in parts]
                whole[first:last] = ebml.filled(ebml.master(kept), last - first)
                file.seek(begin)
                file.write(ebml.summed(bytes(whole)))
                return
    raise ValueError(f"it has no attachment {name}")
