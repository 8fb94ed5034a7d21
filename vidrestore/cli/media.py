"""Container and streams, as lines for a reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def described_media(media: Mapping[str, object]) -> Iterator[str]:
    """A line per fact of the container; a line per stream."""
    for name, value in media.items():
        if isinstance(value, Mapping):
            yield f"  {name:<10} {_facts(value)}"
        elif isinstance(value, list | tuple):
            for entry in value:
                facts = _facts(entry) if isinstance(entry, Mapping) else str(entry)
                yield f"  {name.removesuffix('s'):<10} {facts}"
        elif value not in (None, ""):
            yield f"  {name:<10} {value}"


def _facts(values: Mapping[str, object]) -> str:
    """The facts that are known, on one line."""
    known = ((key, value) for key, value in values.items() if value not in (None, "", {}, [], ()))
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in known)
