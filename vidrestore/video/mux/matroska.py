"""How Matroska and WebM tell players to show a track, where PyAV cannot tell FFmpeg's muxer.

The muxer takes the width of pixels, 3D and spherical projections from fields of its stream that
PyAV does not set. They are written into the header once the file is whole; the room for them is
asked for beforehand, by a longer title (RFC 9559, sections 5.1.4.1.28 and 5.1.4.1.18).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from av.stream import Stream

from vidrestore.video.containers import ebml
from vidrestore.video.facts.media import Picture

_TRACKS = 0x1654AE6B
_ENTRY, _NAME, _VIDEO = 0xAE, 0x536E, 0xE0
_WIDTH, _HEIGHT = 0xB0, 0xBA
_SHOWN_WIDTH, _SHOWN_HEIGHT, _SHOWN_UNIT = 0x54B0, 0x54BA, 0x54B2
_STEREO, _PROJECTION = 0x53B8, 0x7670

# Modes of two views in one picture, side by side (or in columns) and one above the other.
_ACROSS, _DOWN = frozenset({1, 4, 5, 8, 9, 11}), frozenset({2, 3, 4, 5, 6, 7})

# Bytes that width, height and their lengths need at most, with some to spare.
_ROOM = 64
_FILLER = " "
# Players may open a window of the size that is stated: no ratio is worth one that is larger.
_LARGEST = 1 << 14

# So much is looked at for a header; attachments come behind the tracks.
_MOST_HEADER = 64 << 20


def concerns(picture: Picture) -> bool:
    """Whether a stream has anything to tell that must be written afterwards."""
    return picture.sample_aspect != 1 or picture.spatial is not None


def reserve(stream: Stream, picture: Picture) -> str:
    """Make room in a stream's header, whose tags must have been set; gives the real title."""
    spatial = picture.spatial
    need = _ROOM + (0 if spatial is None else len(spatial.projection))
    key = next((key for key in stream.metadata if key.lower() == "title"), "title")
    title = stream.metadata.get(key, "")
    stream.metadata[key] = title + _FILLER * need
    return title


def amend(path: Path, pictures: Mapping[int, Picture], titles: Mapping[int, str]) -> None:
    """Write how tracks are shown into a finished file.

    Args:
        path: of the file.
        pictures: of the tracks, by their place among all tracks, from 0.
        titles: of the same tracks as they should be; empty for none.

    Raises:
        OSError: if the file cannot be written.
        ValueError: if it is not what FFmpeg's muxer writes.
    """
    with path.open("r+b") as file:
        data = file.read(_MOST_HEADER)
        begin, end = ebml.within_segment(data, _TRACKS, "tracks")
        content = bytearray(data[begin:end])
        entries = [index for index in ebml.children(bytes(content)) if index[0] == _ENTRY]
        for index, picture in pictures.items():
            _, first, last = entries[index]
            changed = _entry(bytes(content[first:last]), picture, titles[index])
            content[first:last] = ebml.filled(changed, last - first)
        file.seek(begin)
        file.write(ebml.summed(bytes(content)))


def _entry(content: bytes, picture: Picture, title: str) -> bytes:
    parts = []
    for number, value in ebml.elements(content):
        if number == _VIDEO:
            parts.append((number, _video(value, picture)))
        elif number == _NAME:
            # The longer title was the room for all this.
            parts += [(number, title.encode())] if title else []
        elif number != ebml.VOID:
            parts.append((number, value))
    return ebml.master(parts)


def _video(content: bytes, picture: Picture) -> bytes:
    spatial = picture.spatial
    replaced = {_SHOWN_WIDTH, _SHOWN_HEIGHT, _SHOWN_UNIT}
    if spatial is not None:
        replaced |= {_STEREO} | ({_PROJECTION} if spatial.projection else set())
    parts = ebml.elements(content)
    numbers = {number: int.from_bytes(value) for number, value in parts if len(value) <= 8}
    mode = numbers.get(_STEREO, 0) if spatial is None else spatial.stereo
    width, height = shown_size(numbers[_WIDTH], numbers[_HEIGHT], picture.sample_aspect, mode)
    kept = ebml.master(part for part in parts if part[0] not in replaced)
    kept += ebml.unsigned(_SHOWN_WIDTH, width) + ebml.unsigned(_SHOWN_HEIGHT, height)
    if spatial is not None:
        kept += ebml.unsigned(_STEREO, mode) if mode else b""
        kept += ebml.element(_PROJECTION, spatial.projection) if spatial.projection else b""
    return kept


def shown_size(width: int, height: int, aspect: Fraction, stereo: int = 0) -> tuple[int, int]:
    """Columns and rows of one view as shown: of all that have the exact ratio the nearest in size.

    Where the ratio has no simple numbers, rows stay and columns are rounded.
    """
    rows = Fraction(height, 2 if stereo in _DOWN else 1)
    columns = width * aspect / (2 if stereo in _ACROSS else 1)
    ratio = columns / rows
    if max(ratio.as_integer_ratio()) > _LARGEST:
        return round(columns), round(rows)
    times = max(1, round(rows / ratio.denominator))
    return ratio.numerator * times, ratio.denominator * times
