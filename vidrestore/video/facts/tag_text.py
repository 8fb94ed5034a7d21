"""Tags of files from before UTF-8: AVI, old MOV and Matroska hold them in the code page of then."""

from __future__ import annotations

from collections.abc import MutableMapping

import av.container
from charset_normalizer import from_bytes

# Every byte has its place here, so nothing is lost where nothing can be known.
_WHOLE = "latin-1"
# Of fewer bytes statistics tell nothing.
_ENOUGH = 24


def mend(container: av.container.InputContainer) -> str:
    """Give all tags of an open file readable text; tells the encoding that was guessed.

    The file must have been opened with metadata_errors "surrogateescape". Empty if all is UTF-8.
    """
    holders: list[MutableMapping[str, str]] = [container.metadata]
    holders += [stream.metadata for stream in container.streams]
    raw = [
        value.encode("utf-8", "surrogateescape")
        for tags in holders
        for value in tags.values()
        if not _clean(value)
    ]
    if not raw:
        return ""
    encoding = _guessed(b"\n".join(raw))
    for tags in holders:
        for key, value in list(tags.items()):
            if not _clean(key):
                del tags[key]
            tags[text(key, encoding)] = text(value, encoding)
    return encoding


def text(value: str, encoding: str) -> str:
    """A tag in an encoding, if it is not UTF-8."""
    if _clean(value):
        return value
    data = value.encode("utf-8", "surrogateescape")
    try:
        return data.decode(encoding or _WHOLE)
    except UnicodeDecodeError:
        return data.decode(_WHOLE)


def _clean(value: str) -> bool:
    return not any("\udc80" <= letter <= "\udcff" for letter in value)


def _guessed(data: bytes) -> str:
    if len(data) < _ENOUGH:
        letters = [byte for byte in data if byte >= 0x80 or chr(byte).isalpha()]
        # Words of nothing but such letters are Cyrillic; Latin ones have a few among others.
        cyrillic = sum(byte >= 0xC0 for byte in letters) > 0.8 * len(letters)
        return "cp1251" if cyrillic else _WHOLE
    best = from_bytes(data).best()
    return _WHOLE if best is None else str(best.encoding)
