"""Opening a photo without trusting it, and saying in one line why that fails."""

from __future__ import annotations

import os
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import (  # what Pillow may take a file for is imported, and nothing else is
    AvifImagePlugin,
    BmpImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)
from PIL import Image as Pillow

from vidrestore.config import InputConfig
from vidrestore.errors import InputError
from vidrestore.stills.kinds import HEIF, Kind, UnsupportedError, kind_of_head, kind_of_name
from vidrestore.video.demux.files import check_readable, reason

DAMAGE: Final = (
    *(OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError),
    *(AttributeError, ArithmeticError, struct.error, RuntimeError),
    Pillow.DecompressionBombError,
)
"""How reading a file fails in Pillow whose bytes are not what their format promises."""

_READERS = (
    *(JpegImagePlugin.JpegImageFile, PngImagePlugin.PngImageFile),
    *(TiffImagePlugin.TiffImageFile, WebPImagePlugin.WebPImageFile),
    *(BmpImagePlugin.BmpImageFile, AvifImagePlugin.AvifImageFile),
)
# A camera's own files are TIFF, too, but hold what a sensor saw.
_RAW_TAGS = frozenset({50706, 33421, 33422})
_HEAD = 32
MOST_PAGES: Final = 10_000


def opened(path: str, config: InputConfig) -> tuple[Pillow.Image, Kind, int]:
    """Open a photo; nothing is decoded yet. The caller closes it.

    Returns:
        The picture at its first page, its kind, and how many pages there are.

    Raises:
        InputError: one line; it is missing, damaged, of no kind that is known, or too large.
    """
    check_readable(path)
    with Path(path).open("rb") as file:
        kind = kind_of_head(file.read(_HEAD))
    if kind is None:
        raise InputError(f"{path} is no photo of a kind that is known")
    _check_name(path, kind)
    readers = [reader.format for reader in _READERS]
    if kind is HEIF:
        need_heif(path)
        readers.append("HEIF")
    with damage_noted(path):
        image = Pillow.open(path, formats=readers)
    try:
        pages = _pages(path, image, kind)
        check_size(path, image, config)
    except BaseException:
        image.close()
        raise
    return image, kind, pages


def _pages(path: str, image: Pillow.Image, kind: Kind) -> int:
    """How many pages a file has; what is no photo after all is refused."""
    with damage_noted(path):
        # MPO's further pictures are views of the first; those of others move, or are pages.
        pages = 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))
        raw = _RAW_TAGS & set(getattr(image, "tag_v2", ()))
    if raw:
        raise InputError(f"{path} is a camera's raw file; develop it into a TIFF first")
    if pages > 1 and not kind.pages:
        raise InputError(f"{path} moves: it holds {pages} pictures; name a video as its result")
    if pages > MOST_PAGES:
        raise InputError(f"{path} holds {pages} pages, more than {MOST_PAGES}; divide it")
    return pages


def check_size(path: str, image: Pillow.Image, config: InputConfig) -> None:
    """Refuse a page that is too large, before memory is asked for.

    Raises:
        InputError: it is above ``input.max_pixels``.
    """
    width, height = image.size
    if width * height > config.max_pixels:
        raise InputError(
            f"{path} has {width}x{height} pixels, more than input.max_pixels "
            f"({config.max_pixels}); raise that if the file is to be trusted"
        )


@contextmanager
def damage_noted(path: str) -> Iterator[list[warnings.WarningMessage]]:
    """The time in which Pillow reads a file; gives the list of what it warns of.

    Raises:
        InputError: one line for what goes wrong in it.
    """
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        try:
            yield noted
        except UnsupportedError as error:
            raise InputError(
                f"{path} holds {error}, which are not supported; save it with 8 or 16 bits a sample"
            ) from error
        except UnidentifiedImageError as error:
            raise InputError(
                f"{path} is damaged, or of a kind that is not supported: it cannot be read as "
                "a picture"
            ) from error
        except Pillow.DecompressionBombError as error:
            raise InputError(f"{path} has more pixels than can be read; reduce it first") from error
        except DAMAGE as error:
            raise InputError(
                f"{path} is damaged or incomplete ({reason(error)}); copy it again from its source"
            ) from error


def need_heif(path: str) -> None:
    """Have Pillow read and write HEIC, which it does by a package of its own.

    Raises:
        InputError: the package is not installed.
    """
    try:
        import pillow_heif  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise InputError(
            f"{path} is HEIC, which needs another package: pip install '.[heif]' in "
            "vidrestore's checkout"
        ) from error
    pillow_heif.register_heif_opener(thumbnails=False)


def _check_name(path: str, kind: Kind) -> None:
    if kind.name == "TIFF" and kind_of_name(path) is not kind:
        raise InputError(
            f"{os.fspath(path)} is stored like TIFF but not called so, as cameras' raw files are; "
            "develop it into a TIFF, or rename it *.tif if it is one"
        )
