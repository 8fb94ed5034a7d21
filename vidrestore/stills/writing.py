"""Encoding one picture: PNG of any depth, and what Pillow writes."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, BinaryIO

import cv2
import numpy as np

from vidrestore.datatypes import Image
from vidrestore.stills import png
from vidrestore.stills.exif import PREFIX
from vidrestore.stills.kinds import Kind
from vidrestore.stills.metadata import IRB, Metadata
from vidrestore.stills.samples import pillow_of
from vidrestore.stills.source import Stored

# Qualities on each encoder's scale for what was not stored in the same way before.
_QUALITY = {"JPEG": 95, "WEBP": 90, "AVIF": 85, "HEIF": 90}
_APP13_ROOM = 65000  # bytes of a JPEG's segment


def write_png(file: BinaryIO, planes: Sequence[Image], metadata: Metadata) -> None:
    """Write a PNG.

    Args:
        file: open for writing.
        planes: (h, w) of uint8 or uint16, in the order of pictures: one, three, or four.
        metadata: what belongs to it.

    Raises:
        ValueError: it cannot be encoded.
    """
    order = (2, 1, 0, 3)[: len(planes)] if len(planes) > 2 else (0,)
    pixels = cv2.merge([np.ascontiguousarray(planes[number]) for number in order])
    done, data = cv2.imencode(".png", pixels)
    if not done:
        raise ValueError("the picture cannot be encoded as PNG")
    chunks = list(metadata.chunks)
    if metadata.icc:
        # A profile outweighs the simpler ways to say it, and sRGB may not stand beside one.
        chunks = [chunk for chunk in chunks if chunk[0] != b"sRGB"]
        chunks.insert(0, png.profile_chunk(metadata.icc))
    if metadata.exif:
        chunks.append(png.exif_chunk(metadata.exif))
    if metadata.xmp:
        chunks.append(png.xmp_chunk(metadata.xmp))
    if metadata.dpi:
        chunks.append(png.density_chunk(metadata.dpi))
    file.write(png.with_chunks(data.tobytes(), chunks))


def write_by_pillow(
    file: BinaryIO,
    kind: Kind,
    planes: Sequence[Image],
    metadata: Metadata,
    stored: Stored,
    *,
    quality: int | None,
) -> None:
    """Write a picture of 8 bits by Pillow's encoder of its kind.

    Args:
        file: open for writing.
        kind: of the file.
        planes: (h, w) of uint8, in the order of pictures.
        metadata: what belongs to it.
        stored: how the source was compressed.
        quality: 1 to 100; None for as good as the source.
    """
    options: dict[str, Any] = {}
    if "icc" in kind.holds:
        options["icc_profile"] = metadata.icc or None
    if metadata.exif and "exif" in kind.holds:
        options["exif"] = PREFIX + metadata.exif
    if metadata.xmp and "xmp" in kind.holds:
        options["xmp"] = metadata.xmp
    if metadata.dpi and "dpi" in kind.holds:
        options["dpi"] = metadata.dpi
    if kind.name == "JPEG":
        options |= _jpeg_options(len(planes), metadata, stored, quality)
    elif kind.name == "WEBP" and quality is None and stored.exact:
        options |= {"lossless": True, "exact": True}
    elif kind.name in _QUALITY:
        options["quality"] = quality or _QUALITY[kind.name]
    pillow_of(planes).save(file, format=kind.name, **options)


def _jpeg_options(
    channels: int, metadata: Metadata, stored: Stored, quality: int | None
) -> dict[str, Any]:
    options: dict[str, Any] = {"progressive": stored.progressive, "optimize": True}
    if metadata.comment:
        options["comment"] = metadata.comment
    if metadata.irb:
        options["extra"] = _app13(metadata.irb)
    if quality is None and stored.tables:
        options["qtables"] = {number: list(table) for number, table in stored.tables.items()}
    else:
        options["quality"] = quality or _QUALITY["JPEG"]
    if channels == 3:
        options["subsampling"] = stored.sampling
    return options


def _app13(irb: bytes) -> bytes:
    """Resource blocks as a JPEG's segments; long ones go on in the next."""
    parts = [irb[at : at + _APP13_ROOM] for at in range(0, len(irb), _APP13_ROOM)]
    return b"".join(
        struct.pack(">2sH", b"\xff\xed", len(part) + len(IRB) + 2) + IRB + part for part in parts
    )
