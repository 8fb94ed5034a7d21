"""Photos made by code, with all that cameras, scanners and editors put beside a picture."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import IFDRational

from vidrestore.stills.metadata import IRB, irb_from_iptc

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    b'syntax-ns#"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
    b'tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)
IPTC = b"\x1c\x02\x78\x00\x07Caption"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def pixels(height: int = 60, width: int = 80, channels: int = 3, top: int = 255) -> np.ndarray:
    """(h, w, c) a smooth picture without symmetry, uint8 or uint16."""
    y, x = np.mgrid[:height, :width]
    planes = [np.sin((n + 2) * x / width) + np.cos((3 - n) * y / height) for n in range(channels)]
    scaled = (np.stack(planes, axis=-1) + 2) / 4 * top
    return scaled.astype(np.uint8 if top == 255 else np.uint16)


def exif(orientation: int = 1, **more: int) -> Image.Exif:
    """EXIF that names a maker, a size and an orientation."""
    made = Image.Exif()
    made[0x0112], made[0x010F], made[0x0132] = orientation, "A maker", "1962:07:01 12:00:00"
    made.get_ifd(0x8769)[0xA002] = more.get("width", 80)
    made.get_ifd(0x8769)[0xA003] = more.get("height", 60)
    made.get_ifd(0x8769)[0x829A] = IFDRational(1, 250)
    return made


def jpeg(picture: np.ndarray, orientation: int = 1, quality: int = 80, **more) -> bytes:
    """A JPEG with everything."""
    segment = IRB + irb_from_iptc(IPTC)
    packed = BytesIO()
    Image.fromarray(picture).save(
        packed,
        "JPEG",
        quality=quality,
        exif=exif(orientation),
        xmp=XMP,
        icc_profile=PROFILE,
        dpi=(300, 150),
        comment=b"a comment",
        extra=b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment,
        **more,
    )
    return packed.getvalue()
