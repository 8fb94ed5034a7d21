"""Writing TIFF 6.0, page after page, of 8 and 16 bits: Pillow's own writer knows no 16 bits of RGB.

Strips are compressed by Deflate after horizontal differencing (TIFF Technical Note on Deflate;
section 14), or stored plainly. Directories are Pillow's, so that any tag that it reads it writes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import BinaryIO, Final

import numpy as np
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from vidrestore.datatypes import Image
from vidrestore.stills.metadata import ICC_TAG, IRB_TAG, XMP_TAG, Metadata, tiff_exif

_STRIP: Final = 1 << 18  # bytes of samples in a strip, about
_PLAIN, _DEFLATE = 1, 8
_GRAY, _RGB = 1, 2
_BYTE, _LONG, _UNDEFINED = 1, 4, 7
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_OFFSETS, _CHANNELS, _ROWS, _LENGTHS = 273, 277, 278, 279
_ACROSS, _DOWN, _UNIT, _INCH, _PREDICTOR, _EXTRA = 282, 283, 296, 2, 317, 338
_UNASSOCIATED = 2


class TiffWriter:
    """Writes pages into an open file.

    Args:
        file: to be written from its beginning on; it is sought in.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file.write(struct.pack("<2sHI", b"II", 42, 0))
        self._link = 4  # where the place of the next directory is to be written

    def add(self, planes: Sequence[Image], metadata: Metadata, *, packed: bool) -> None:
        """Write one page.

        Args:
            planes: (h, w) of uint8 or uint16, in the order of pictures: gray or R, G, B, and
                opacity.
            metadata: what belongs to it.
            packed: whether its samples are compressed, without loss.

        Raises:
            OSError: the file cannot be written.
            ValueError: it would become longer than TIFF allows.
        """
        strips, rows = _strips(planes, packed=packed)
        directory = _directory(planes, metadata, packed=packed)
        lengths = [len(strip) for strip in strips]
        directory[_ROWS] = rows
        directory.tagtype[_LENGTHS] = directory.tagtype[_OFFSETS] = _LONG
        directory[_LENGTHS] = tuple(lengths)
        # Counted from behind the directory, as Pillow wants them.
        directory[_OFFSETS] = tuple(sum(lengths[:number]) for number in range(len(lengths)))
        place = self._file.seek(0, 2)
        place += self._file.write(b"\0" * (place % 2))
        if place + sum(lengths) >= 1 << 32:
            raise ValueError("the file would be longer than 4 GB, which TIFF does not allow")
        content = directory.tobytes(place)
        self._file.write(content)
        for strip in strips:
            self._file.write(strip)
        self._file.seek(self._link)
        self._file.write(struct.pack("<I", place))
        (entries,) = struct.unpack_from("<H", content)
        self._link = place + 2 + 12 * entries


def _strips(planes: Sequence[Image], *, packed: bool) -> tuple[list[bytes], int]:
    """The samples of a page, and how many rows a strip has."""
    height, width = planes[0].shape
    little = planes[0].dtype.newbyteorder("<")
    rows = max(1, min(height, _STRIP // (width * len(planes) * little.itemsize)))
    strips = []
    for top in range(0, height, rows):
        samples = np.stack([plane[top : top + rows] for plane in planes], axis=-1)
        if packed:
            samples[:, 1:] -= samples[:, :-1].copy()  # differences wrap around
        data = np.ascontiguousarray(samples, little).tobytes()
        strips.append(zlib.compress(data) if packed else data)
    return strips, rows


def _directory(
    planes: Sequence[Image], metadata: Metadata, *, packed: bool
) -> ImageFileDirectory_v2:
    directory = ImageFileDirectory_v2()
    own, below = tiff_exif(metadata.exif)
    for tag, value in {**own, **below}.items():
        directory[tag] = value
        if isinstance(value, dict):
            directory.tagtype[tag] = _LONG
    height, width = planes[0].shape
    count, bits = len(planes), 8 * planes[0].dtype.itemsize
    directory[_WIDTH], directory[_HEIGHT] = width, height
    directory[_BITS] = (bits,) * count
    directory[_COMPRESSION] = _DEFLATE if packed else _PLAIN
    if packed:
        directory[_PREDICTOR] = 2
    directory[_PHOTOMETRIC] = _RGB if count > 2 else _GRAY
    directory[_CHANNELS] = count
    if count in {2, 4}:
        directory[_EXTRA] = _UNASSOCIATED
    if metadata.dpi is not None:
        directory[_ACROSS], directory[_DOWN] = metadata.dpi
        directory[_UNIT] = _INCH
    blocks = ((ICC_TAG, metadata.icc), (IRB_TAG, metadata.irb), (XMP_TAG, metadata.xmp))
    for tag, block in blocks:
        if block:
            directory.tagtype[tag] = _BYTE if tag == XMP_TAG else _UNDEFINED
            directory[tag] = block
    return directory
