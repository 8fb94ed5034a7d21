"""Words inside a PNG file (ISO/IEC 15948, tEXt), beside its picture."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

# Signature, and the header's chunk, which comes first.
_HEAD = 8 + 25


def with_text(png: bytes, texts: Mapping[str, str]) -> bytes:
    """A PNG with more words in it.

    Args:
        png: a whole file.
        texts: by keyword, of 79 characters at most, all of Latin-1.
    """
    chunks = b"".join(
        _chunk(b"tEXt", f"{keyword}\0{text}".encode("latin-1")) for keyword, text in texts.items()
    )
    return png[:_HEAD] + chunks + png[_HEAD:]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
