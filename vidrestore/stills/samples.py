"""From a Pillow picture to planes of samples, and back; 16 bits by OpenCV, which Pillow lacks."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageCms
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from vidrestore.datatypes import FrameFormat, Image
from vidrestore.stills.exif import begin_with, pages_apart
from vidrestore.stills.kinds import UnsupportedError

_BITS, _SAMPLE_FORMAT, _PHOTOMETRIC, _EXTRA = 258, 339, 262, 338
_ASSOCIATED = 1
_DEPTH_AT = 24  # of a PNG's header: bits per sample
# Pillow's modes as they are taken: by name, or turned into another.
_TAKEN: Final = {
    "1": "L",
    "L": "L",
    "LA": "LA",
    "La": "LA",
    "RGB": "RGB",
    "RGBX": "RGB",
    "RGBA": "RGBA",
    "RGBa": "RGBA",
    "P": "RGB",
    "PA": "RGBA",
    "YCbCr": "RGB",
}
_PRINTED: Final = ("CMYK", "LAB")
_NAMES: Final = {
    ("gray", False): "gray",
    ("gray", True): "ya8",
    ("rgb", False): "gbrp",
    ("rgb", True): "gbrap",
}
# Planes of a frame are G, B, R; those of a picture R, G, B.
_FROM_RGB, _TO_RGB = (1, 2, 0), (2, 0, 1)


def is_deep(image: Pillow.Image, path: str) -> bool:
    """Whether an open page has 16 bits per sample, read by ``DeepFile``.

    Raises:
        UnsupportedError: its samples are of a kind that is not supported.
    """
    if isinstance(image, PngImageFile):
        with Path(path).open("rb") as file:
            return file.read(_DEPTH_AT + 1)[_DEPTH_AT] == 16
    if isinstance(image, TiffImageFile):
        bits = set(image.tag_v2.get(_BITS, (1,)))
        formats = set(image.tag_v2.get(_SAMPLE_FORMAT, (1,)))
        if formats != {1} or not bits <= {1, 2, 4, 8, 16}:
            raise UnsupportedError(
                f"samples of {max(bits)} bits that are no whole numbers from 0 on"
            )
        if bits == {16}:
            if image.tag_v2.get(_PHOTOMETRIC) not in {1, 2}:
                raise UnsupportedError("samples of 16 bits that are neither gray nor RGB")
            return True
    return False


def is_premultiplied(image: Pillow.Image) -> bool:
    """Whether the colours of an open page are multiplied by its opacity (TIFF 6.0, section 18).

    Of 8 bits Pillow divides them itself.
    """
    if not isinstance(image, TiffImageFile):
        return False
    extra = image.tag_v2.get(_EXTRA, ())
    return _ASSOCIATED in (extra if isinstance(extra, tuple) else (extra,))


def planes_of(image: Pillow.Image) -> tuple[list[Image], str, list[str]]:
    """The planes of a picture of 8 bits.

    Returns:
        Planes (h, w) in a frame's order, its mode ("L", "LA", "RGB" or "RGBA"), and what was
        changed to get there, a line each.

    Raises:
        UnsupportedError: its samples are of a kind that is not supported.
    """
    notes: list[str] = []
    if image.mode in _PRINTED:
        image = _from_print(image)
        notes.append("the photo's colours are for printing; they become sRGB")
    mode = _TAKEN.get(image.mode)
    if mode is None:
        raise UnsupportedError(f"samples of the kind {image.mode!r}")
    if "transparency" in image.info and mode in {"L", "RGB"}:
        mode = {"L": "LA", "RGB": "RGBA"}[mode]
    if image.mode != mode:
        image = image.convert(mode)
    planes = [np.asarray(image.getchannel(band)) for band in image.getbands()]
    return _ordered(planes, _FROM_RGB), mode, notes


class DeepFile:
    """A file of 16 bits, whose pages OpenCV decodes.

    Args:
        path: of the file.
    """

    def __init__(self, path: str) -> None:
        self._data = bytearray(Path(path).read_bytes())
        # OpenCV turns pages itself, but not those of 16 bits; and it looks at all that follow.
        self._places = pages_apart(self._data)

    def planes(self, page: int, *, premultiplied: bool = False) -> tuple[list[Image], str]:
        """The planes of a page, and its mode.

        Args:
            page: 0 is the first.
            premultiplied: whether its colours are to be divided by its opacity.

        Raises:
            ValueError: it cannot be decoded.
        """
        if page < len(self._places):
            begin_with(self._data, self._places[page])
            page = 0
        packed = np.frombuffer(self._data, np.uint8)
        whole, pages = cv2.imdecodemulti(packed, cv2.IMREAD_UNCHANGED, range=(page, page + 1))
        if not whole or not pages:
            raise ValueError("its samples of 16 bits cannot be decoded")
        planes, mode = _deep_planes(pages[0])
        if premultiplied and mode == "RGBA":
            *colours, opacity = planes
            planes = [*(_divided(colour, opacity) for colour in colours), opacity]
        return planes, mode


def _deep_planes(pixels: Image) -> tuple[list[Image], str]:
    if pixels.dtype != np.uint16 or (pixels.ndim == 3 and pixels.shape[2] not in {1, 3, 4}):
        raise ValueError("its samples of 16 bits are of an unusual kind")
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        return [np.ascontiguousarray(pixels.reshape(pixels.shape[:2]))], "L"
    channels = list(cv2.split(pixels))  # B, G, R and perhaps opacity
    planes = [channels[1], channels[0], *channels[2:]]
    return planes, "RGB" if len(planes) == 3 else "RGBA"


def _divided(colour: Image, opacity: Image) -> Image:
    """A colour as it was before it was multiplied by opacity; 0 where nothing is left of it."""
    most = np.uint32(65535)
    there = np.maximum(opacity, 1).astype(np.uint32)
    whole = np.minimum((colour * most + there // 2) // there, most)
    return np.where(opacity > 0, whole, 0).astype(np.uint16)


def format_of(planes: Sequence[Image], mode: str) -> FrameFormat:
    """How the planes of a picture of a mode are to be understood."""
    height, width = planes[0].shape
    layout, alpha = ("gray" if mode.startswith("L") else "rgb"), mode.endswith("A")
    deep = planes[0].dtype == np.uint16
    return FrameFormat(
        width,
        height,
        _NAMES[layout, alpha] + ("16le" if deep else ""),
        layout="gray" if layout == "gray" else "rgb",
        bits=16 if deep else 8,
        chroma_shift=(0, 0),
        alpha=alpha,
        full_range=True,
    )


def picture_planes(planes: Sequence[Image]) -> list[Image]:
    """A frame's planes in the order of pictures: R, G, B, or gray, and opacity."""
    return _ordered(planes, _TO_RGB)


def eight_bits(plane: Image) -> Image:
    """A plane of 16 bits, rounded."""
    if plane.dtype == np.uint8:
        return plane
    return np.asarray((plane.astype(np.uint32) * 255 + 32767) // 65535, np.uint8)


def pillow_of(planes: Sequence[Image]) -> Pillow.Image:
    """A Pillow picture of 8 bits from planes in the order of pictures."""
    bands = [Pillow.fromarray(np.ascontiguousarray(plane)) for plane in planes]
    return bands[0] if len(bands) == 1 else Pillow.merge(_mode_of(len(bands)), bands)


def _mode_of(count: int) -> str:
    return {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[count]


def _ordered(planes: Sequence[Image], order: tuple[int, ...]) -> list[Image]:
    if len(planes) < 3:
        return list(planes)
    return [*(planes[number] for number in order), *planes[3:]]


def _from_print(image: Pillow.Image) -> Pillow.Image:
    """A picture in sRGB whose colours are ink, or CIE L*a*b*; by its profile where it has one."""
    profile = image.info.get("icc_profile")
    try:
        if image.mode == "LAB":
            source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        elif profile:
            source = ImageCms.getOpenProfile(BytesIO(profile))
        else:
            return image.convert("RGB")
        target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        found = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except ImageCms.PyCMSError as error:
        raise ValueError(f"its colour profile cannot be used: {error}") from error
    assert found is not None, "it is not changed in place"
    return found
