"""What belongs to a photo beside its samples, in a form that any kind of file can take up."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from PIL import Image as Pillow
from PIL.TiffImagePlugin import TiffImageFile

from vidrestore.stills.exif import PREFIX, settled, upright_xmp

IRB: Final = b"Photoshop 3.0\0"
"""Before the resource blocks that hold IPTC in a JPEG's APP13."""
IPTC_TAG, IRB_TAG, XMP_TAG, ICC_TAG = 33723, 34377, 700, 34675
_IPTC_BLOCK = b"8BIM\x04\x04\0\0"
# What a file says of how its samples are stored, and of pictures beside them.
_STRUCTURE: Final = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 280, 281, 284, 288, 289, 292}
    | {293, 297, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 330, 332, 333, 334, 336, 337}
    | {338, 339, 340, 341, 342, 343, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530}
    | {531, 532, 282, 283, 296, IPTC_TAG, IRB_TAG, XMP_TAG, ICC_TAG}
)
# Words of XMP that point to what stood behind the picture in the same file.
_BEHIND: Final = (b"MotionPhoto", b"MicroVideo", b"hdrgm:Version", b"Container:Directory")


@dataclass(frozen=True, slots=True)
class Metadata:
    """Of one picture.

    Attributes:
        icc: its colour profile; empty if there is none.
        exif: from its byte order on, without a prefix.
        xmp: a packet of XML.
        irb: Photoshop's resource blocks, IPTC among them.
        dpi: dots per inch across and down; None if nobody says.
        comment: of a JPEG.
        chunks: of a PNG that say what its colours mean, or hold text; names and contents.
    """

    icc: bytes = b""
    exif: bytes = b""
    xmp: bytes = b""
    irb: bytes = b""
    dpi: tuple[float, float] | None = None
    comment: bytes = b""
    chunks: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def held(self) -> list[str]:
        """What there is, by the names that ``Kind.holds`` uses."""
        there = {
            "icc": self.icc,
            "exif": self.exif,
            "xmp": self.xmp,
            "iptc": self.irb,
            "dpi": self.dpi,
        }
        return [name for name, value in there.items() if value]

    def upright(self, width: int, height: int, *, turned: bool) -> Metadata:
        """The same of a picture that is stored upright, of a size in px.

        Args:
            width: of the picture as it is written.
            height: likewise.
            turned: whether its sides changed places.
        """
        dpi = self.dpi[::-1] if self.dpi and turned else self.dpi
        exif = settled(self.exif, width, height)
        return replace(self, exif=exif, xmp=upright_xmp(self.xmp), dpi=dpi)


def metadata_of(image: Pillow.Image) -> tuple[Metadata, list[str]]:
    """What an open picture says of itself, and what of it can no longer be true, a line each."""
    info, lost = image.info, []
    xmp = info.get("xmp") or b""
    xmp = xmp.encode() if isinstance(xmp, str) else bytes(xmp)
    if any(word in xmp for word in _BEHIND):
        lost.append(
            "XMP is left out: it points to a video, or to further pictures, behind the photo"
        )
        xmp = b""
    found = Metadata(
        icc=bytes(info.get("icc_profile") or b""),
        exif=_exif_of(image),
        xmp=xmp,
        irb=_irb_of(image),
        dpi=_dpi_of(info),
        comment=bytes(info.get("comment") or b"") if image.format in {"JPEG", "MPO"} else b"",
    )
    return found, lost


def tiff_exif(exif: bytes) -> tuple[dict[int, object], dict[int, dict[int, object]]]:
    """EXIF as tags of TIFF's main directory, and the directories below it by their tags."""
    read = Pillow.Exif()
    try:
        read.load(PREFIX + exif)
        below = {tag: dict(read.get_ifd(tag)) for tag in (0x8769, 0x8825) if tag in read}
        own = {tag: value for tag, value in read.items() if tag not in _STRUCTURE | set(below)}
    except (OSError, ValueError, SyntaxError, struct.error, KeyError, TypeError):
        return {}, {}
    return own, {tag: values for tag, values in below.items() if values}


def irb_from_iptc(iptc: bytes) -> bytes:
    """Photoshop's resource block around plain IPTC (IIM) data."""
    return _IPTC_BLOCK + struct.pack(">I", len(iptc)) + iptc + b"\0" * (len(iptc) % 2)


def _exif_of(image: Pillow.Image) -> bytes:
    if isinstance(image, TiffImageFile):
        exif = image.getexif()
        for tag in [tag for tag in exif if tag in _STRUCTURE]:
            del exif[tag]
        return exif.tobytes().removeprefix(PREFIX) if len(exif) else b""
    return bytes(image.info.get("exif") or b"").removeprefix(PREFIX)


def _irb_of(image: Pillow.Image) -> bytes:
    if isinstance(image, TiffImageFile):
        if block := _bytes(image.tag_v2.get(IRB_TAG)):
            return block
        plain = _bytes(image.tag_v2.get(IPTC_TAG))
        return irb_from_iptc(plain) if plain else b""
    parts = [data for name, data in getattr(image, "applist", ()) if name == "APP13"]
    return b"".join(part.removeprefix(IRB) for part in parts if part.startswith(IRB))


def _bytes(value: object) -> bytes:
    """What a tag holds, which Pillow may give as a row of one."""
    if isinstance(value, tuple) and len(value) == 1:
        (value,) = value
    return value if isinstance(value, bytes) else b""


def _dpi_of(info: Mapping[str | tuple[int, int], object]) -> tuple[float, float] | None:
    given = info.get("dpi")
    if not isinstance(given, tuple) or len(given) != 2:
        return None
    across, down = (float(value) for value in given)
    plausible = all(1 <= value <= 100_000 for value in (across, down))
    return (across, down) if plausible else None
