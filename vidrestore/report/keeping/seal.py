"""A hash at a report's end, by which it is known later that nobody has changed it.

It keeps no secret: who changes a report on purpose can seal it anew. It tells slips, cut-off copies
and damage.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

_SEALED = re.compile(rb',\n  "digest": "([0-9a-f]{64})"\n\}\n\Z')
_END: Final = "\n}\n"


def sealed(text: str) -> str:
    """A JSON object as text, with the SHA-256 of all before it as its last entry."""
    body = text.removesuffix(_END)
    assert body != text, "an object of several lines"
    return f'{body},\n  "digest": "{_hash(encoded(body))}"{_END}'


def unbroken(content: bytes) -> bool:
    """Whether a file is as it was sealed, to the byte."""
    match = _SEALED.search(content)
    return match is not None and _hash(content[: match.start()]) == match[1].decode()


def encoded(text: str) -> bytes:
    """Text as a report's file holds it: lone surrogates of names become JSON's own escapes."""
    return text.encode("utf-8", "backslashreplace")


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
