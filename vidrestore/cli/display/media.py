"""Container and streams of an inspection, as lines for a reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from vidrestore.text.wording import clock, counted, size

_CHAPTERS_SHOWN = 200


def described_media(media: Mapping[str, Any]) -> Iterator[str]:
    """A line for the container, one per stream, one per chapter.

    Args:
        media: ``Inspection.media``, as vidrestore.video describes a file.
    """
    facts = [str(media["container"]), size(media["size"])]
    if media["duration"] is not None:
        facts.append(f"{clock(media['duration'])} long")
    if media["start"]:
        facts.append(f"clock starts at {clock(media['start'])}")
    yield line("container", facts)
    for stream in media["streams"]:
        name = f"{stream['kind']} {stream['index']}"
        yield line(name, _stream(stream, restored=stream["index"] == media["restored_stream"]))
    chapters = media["chapters"]
    for chapter in chapters[:_CHAPTERS_SHOWN]:
        span = f"{clock(chapter['start'])} to {clock(chapter['end'])}"
        yield line("chapter", [span, chapter["title"] or "untitled"])
    if len(chapters) > _CHAPTERS_SHOWN:
        yield line("chapter", [f"and {len(chapters) - _CHAPTERS_SHOWN} more"])


def line(name: str, facts: list[str]) -> str:
    """A name and what is known of it."""
    return f"  {name:<13} {', '.join(facts)}"


def scanned(picture: Mapping[str, Any]) -> list[str]:
    """How the frames were scanned; see ``VideoSource.description``."""
    scan = picture["scan"]
    kinds = {"telecined": "film with 3:2 pulldown"}
    facts = [kinds.get(scan["kind"], scan["kind"])]
    if scan["first_field"]:
        facts.append(f"{scan['first_field']} field first")
    facts.append("flagged as interlaced" if scan["flagged_interlaced"] else "flagged progressive")
    facts.append(
        f"of {counted(scan['pictures_measured'], 'picture')} {scan['look_interlaced']} look "
        f"interlaced and {scan['look_progressive']} progressive"
    )
    return facts


def coloured(picture: Mapping[str, Any]) -> list[str]:
    """Matrix and range that RGB is made with; see ``VideoSource.description``."""

    def basis(what: str) -> str:
        return "assumed, not tagged" if picture[f"{what}_assumed"] else "as tagged"

    facts = [f"{picture['range']} range ({basis('range')})"]
    if picture["matrix"] is not None:
        facts.insert(0, f"{picture['matrix']} ({basis('matrix')})")
    if picture["chroma_location"] is not None:
        facts.append(f"chroma {picture['chroma_location']} ({basis('chroma_location')})")
    return facts


def _stream(stream: Mapping[str, Any], *, restored: bool) -> list[str]:
    """What is known of a stream, most telling first."""
    facts = [stream["codec"] or "unknown codec"]
    if "width" in stream:
        facts.append(f"{stream['width']}x{stream['height']} {stream['pix_fmt']}")
        if stream["rate"] is not None:
            facts.append(f"{float(Fraction(stream['rate'])):.6g} frames/s")
        if Fraction(stream["sample_aspect"]) != 1:
            facts.append(f"pixels {stream['sample_aspect']} wide for their height")
        if stream["rotation"]:
            facts.append(f"turned by {stream['rotation']} degrees")
        facts += stream["colour"]["dynamic"]
        facts += ["ICC profile"] * stream["colour"]["profile"]
        hidden = stream["hidden"]
        facts += [f"{count} px hidden at the {side}" for side, count in hidden.items() if count]
        facts.append("interlaced" if stream["interlaced"] else "progressive")
    if "sample_rate" in stream:
        facts.append(f"{stream['sample_rate']} Hz {stream['layout']}")
    facts += [stream[key] for key in ("language", "title") if stream[key] not in (None, "", "und")]
    facts += [flag for flag in stream["disposition"] if flag != "default"]
    if restored:
        facts.append("the one to restore")
    return facts
