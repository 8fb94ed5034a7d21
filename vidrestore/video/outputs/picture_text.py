"""Words inside a PNG or TIFF file, beside its picture."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

# Of PNG: the signature, and the header's chunk, which comes first.
_HEAD = 8 + 25
_DESCRIPTION, _ASCII, _ENTRY = 270, 2, 12


def png_with_text(png: bytes, texts: Mapping[str, str]) -> bytes:
    """A PNG with more words in it (ISO/IEC 15948, tEXt).

    Args:
        png: a whole file.
        texts: by keyword, of 79 characters at most; what is not Latin-1 becomes "?".
    """
    chunks = b"".join(
        _chunk(b"tEXt", f"{keyword}\0{text}".encode("latin-1", "replace"))
        for keyword, text in texts.items()
    )
    return png[:_HEAD] + chunks + png[_HEAD:]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def tiff_with_text(tiff: bytes, texts: Mapping[str, str]) -> bytes:
    """A TIFF of one page with more words in it, as its ImageDescription (TIFF 6.0, section 8).

    Its directory is written anew behind all else, with one more entry.

    Args:
        tiff: a whole file of less than 4 GB, without a description.
        texts: by keyword, a line each; what is not ASCII becomes "?".
    """
    order = "<" if tiff[:2] == b"II" else ">"
    (place,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, place)
    begin = place + 2
    entries = [tiff[begin + _ENTRY * n : begin + _ENTRY * (n + 1)] for n in range(count)]
    words = "\n".join(f"{keyword}: {text}" for keyword, text in texts.items()).encode(
        "ascii", "replace"
    )
    words += b"\0"
    padding = b"\0" * (len(tiff) % 2)  # what is pointed to lies at even places
    where = len(tiff) + len(padding)
    entries.append(struct.pack(f"{order}HHII", _DESCRIPTION, _ASCII, len(words), where))
    entries.sort(key=lambda entry: struct.unpack_from(f"{order}H", entry))
    directory = struct.pack(f"{order}H", len(entries)) + b"".join(entries) + bytes(4)
    odd = b"\0" * (len(words) % 2)
    head = tiff[:4] + struct.pack(f"{order}I", where + len(words) + len(odd))
    return head + tiff[8:] + padding + words + odd + directory
