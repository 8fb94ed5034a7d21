"""Reading a photo: its pages, one at a time, as frames with all that belongs to them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from PIL import Image as Pillow
from PIL.JpegImagePlugin import JpegImageFile, get_sampling
from PIL.TiffImagePlugin import TiffImageFile

from vidrestore.config import InputConfig
from vidrestore.datatypes import Frame, FrameFormat, PictureFacts
from vidrestore.stills import png
from vidrestore.stills.kinds import PNG, Kind
from vidrestore.stills.metadata import Metadata, metadata_of
from vidrestore.stills.opening import check_size, damage_noted, opened
from vidrestore.stills.orientation import SIDEWAYS, upright
from vidrestore.stills.samples import DeepFile, format_of, is_deep, is_premultiplied, planes_of

_ORIENTATION = 274
_UNCOMPRESSED = 1


@dataclass(frozen=True, slots=True)
class Stored:
    """How a page was compressed, so that the result can be alike.

    Attributes:
        exact: whether nothing was lost by it.
        tables: quantisation of a JPEG, 64 steps each, as the upright picture has it.
        sampling: its chroma: 0 is 4:4:4, 1 is 4:2:2, 2 is 4:2:0.
        progressive: whether it is a progressive JPEG.
        packed: whether a TIFF is compressed at all.
    """

    exact: bool = True
    tables: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    sampling: int = 0
    progressive: bool = False
    packed: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A picture of a photo's file.

    Attributes:
        frame: upright; its index and its time are the page's number.
        metadata: what belongs to it, true of the upright picture.
        stored: how it was compressed.
    """

    frame: Frame
    metadata: Metadata
    stored: Stored


class StillSource:
    """A photo's file, open for reading.

    Args:
        path: the file; never written to.
        config: limits.

    Attributes:
        path: as given.
        kind: of the file.
        pages: how many pictures it holds; more than 1 in TIFF alone.
        warnings: what could not be taken over, a line each.
        description: how it was stored, for the report.

    Raises:
        InputError: one line; it is missing, damaged, too large, or of a kind that is not known.
    """

    def __init__(self, path: str | Path, config: InputConfig) -> None:
        self.path = os.fspath(path)
        self._config = config
        self._image, self.kind, self.pages = opened(self.path, config)
        self._warnings: dict[str, None] = {}
        self._turns: dict[int, int] = {}
        self.description: PictureFacts = {
            "kind": "photo",
            "format": self.kind.name,
            "pages": self.pages,
        }

    @property
    def warnings(self) -> list[str]:
        """What could not be taken over so far, a line each."""
        return list(self._warnings)

    def page(self, number: int) -> Page:
        """Decode a page, 0 is the first.

        Raises:
            InputError: it is damaged, incomplete or too large.
        """
        path, image = self.path, self._image
        with damage_noted(path) as noted:
            image.seek(number)
        check_size(path, image, self._config)
        with damage_noted(path):
            deep = is_deep(image, path)
            if deep and isinstance(image, TiffImageFile):
                # Pillow turns pages when it loads them, and forgets how they lay.
                self._turns.setdefault(number, _plain(image.tag_v2.get(_ORIENTATION)))
            image.load()
            if deep:
                divided = is_premultiplied(image)
                planes, mode = self._deep.planes(number, premultiplied=divided)
                changes: list[str] = []
            else:
                planes, mode, changes = planes_of(image)
            orientation = self._turns.get(number) or _plain(image.getexif().get(_ORIENTATION))
            metadata, lost = metadata_of(image)
            if self.kind is PNG:
                metadata = replace(metadata, chunks=png.kept_chunks(path))
            stored = _stored(image, self.kind, sideways=orientation in SIDEWAYS)
        if changes:
            metadata = replace(metadata, icc=b"")
        planes = [upright(plane, orientation) for plane in planes]
        for plane in planes:
            plane.flags.writeable = False
        fmt = format_of(planes, mode)
        metadata = metadata.upright(fmt.width, fmt.height, turned=orientation in SIDEWAYS)
        if image.format == "MPO":
            changes.append("further pictures in the file, such as of depth or light, are left out")
        for line in (*changes, *lost, *(str(warning.message) for warning in noted)):
            self._warnings.setdefault(line)
        if number == 0:
            self._describe(fmt, orientation)
        frame = Frame(number, number, 0, Fraction(1), tuple(planes), fmt)
        return Page(frame, metadata, stored)

    @cached_property
    def _deep(self) -> DeepFile:
        """The file, read once for all of its pages."""
        return DeepFile(self.path)

    def _describe(self, fmt: FrameFormat, orientation: int) -> None:
        self.description |= {
            "width": fmt.width,
            "height": fmt.height,
            "bits": fmt.bits,
            "layout": fmt.layout,
            "alpha": fmt.alpha,
            "orientation": orientation,
        }

    def close(self) -> None:
        """Let go of the file; safe to call twice."""
        self._image.close()


def _plain(value: object) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _stored(image: Pillow.Image, kind: Kind, *, sideways: bool) -> Stored:
    if isinstance(image, JpegImageFile):
        sampling = get_sampling(image)
        if sideways and sampling == 1:
            sampling = 0  # its turned form is not among Pillow's
        tables = {
            number: _turned(tuple(table)) if sideways else tuple(table)
            for number, table in image.quantization.items()
        }
        progressive = bool(image.info.get("progressive") or image.info.get("progression"))
        return Stored(False, tables, max(sampling, 0), progressive)
    if isinstance(image, TiffImageFile):
        return Stored(packed=image.tag_v2.get(259, _UNCOMPRESSED) != _UNCOMPRESSED)
    if kind.name == "WEBP":
        with Path(str(image.filename)).open("rb") as file:  # type: ignore[attr-defined]
            return Stored(exact=b"VP8L" in file.read(4096))
    return Stored(exact=kind.exact)


def _turned(table: tuple[int, ...]) -> tuple[int, ...]:
    """Quantisation of a block whose rows became columns."""
    return tuple(table[8 * column + row] for row in range(8) for column in range(8))
