"""Pixel formats: which are taken as they are, which are brought to a planar one, what they mean.

Names are FFmpeg's. Colour numbers are ITU-T H.273's, as AVColorSpace and AVColorRange hold them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

import av

from vidrestore.datatypes import ChromaLocation, FrameFormat, Layout, PictureFacts
from vidrestore.errors import InputError
from vidrestore.video.facts.tags import UNSPECIFIED, Colour

Matrix = Literal["bt601", "bt709", "bt2020", "smpte240m", "fcc"]

UNSPECIFIED_RANGE, LIMITED, FULL = 0, 1, 2

_MATRICES: dict[int, Matrix] = {
    1: "bt709",
    4: "fcc",
    5: "bt601",
    6: "bt601",
    7: "smpte240m",
    9: "bt2020",
    10: "bt2020",
}

# How a result names each.
_NUMBERS: dict[Matrix, int] = {"bt601": 6, "bt709": 1, "bt2020": 9, "smpte240m": 7, "fcc": 4}

# The two below the luma rows are in use nowhere.
_LOCATIONS: dict[int, ChromaLocation] = {1: "left", 2: "center", 3: "topleft", 4: "top"}

# What is as wide or has more lines counts as high definition.
_HIGH_WIDTH, _STANDARD_LINES = 1280, 576

_PLANAR = re.compile(r"(yuva?(4\d\d)p|gray|gbra?p)(9|10|12|14|16)?(le)?")

# What each other format is brought to; no code value is lost. The low-depth RGB ones gain bits.
_TO_PLANAR = {
    "gbrp": "rgb24 bgr24 0rgb rgb0 0bgr bgr0 gbr24p rgb565le rgb555le rgb444le bgr565le bgr555le "
    "bgr444le rgb8 bgr8 rgb4 bgr4 rgb4_byte bgr4_byte",
    "gbrap": "rgba bgra argb abgr pal8 ya8",
    "gbrp10le": "x2rgb10le x2bgr10le gbrp10msble",
    "gbrp12le": "gbrp12msble",
    "gbrp16le": "rgb48le bgr48le",
    "gbrap16le": "rgba64le bgra64le ya16le",
    "gray": "monow monob",
    "yuv410p": "yuvj410p",
    "yuv411p": "uyyvyy411 yuvj411p",
    "yuv420p": "nv12 nv21 yuvj420p",
    "yuv422p": "yuyv422 uyvy422 yvyu422 nv16 yuvj422p",
    "yuv440p": "yuvj440p",
    "yuv444p": "nv24 nv42 vuyx vyu444 yuvj444p",
    "yuva444p": "vuya ayuv uyva",
    "yuv420p10le": "p010le",
    "yuv420p12le": "p012le",
    "yuv420p16le": "p016le",
    "yuv422p10le": "nv20le p210le y210le",
    "yuv422p12le": "p212le y212le",
    "yuv422p16le": "p216le y216le",
    "yuv444p10le": "p410le xv30le v30xle yuv444p10msble",
    "yuv444p12le": "p412le xv36le yuv444p12msble",
    "yuv444p16le": "p416le xv48le",
    "yuva444p16le": "ayuv64le",
}
_PLANAR_OF = {name: planar for planar, names in _TO_PLANAR.items() for name in names.split()}


def is_planar(name: str) -> bool:
    """Whether planes of this format are taken as they are."""
    return _PLANAR.fullmatch(name) is not None


@lru_cache(maxsize=256)
def planar_of(name: str) -> str:
    """The planar little-endian format that holds every code value of this one.

    Raises:
        InputError: if none is known (floating point, Bayer, hardware surfaces).
    """
    little = f"{name[:-2]}le" if name.endswith("be") else name
    if is_planar(little):
        return little
    if little in _PLANAR_OF:
        return _PLANAR_OF[little]
    raise InputError(
        f"the pixel format {name} is not supported; convert the video, for example with "
        "ffmpeg -i IN -pix_fmt yuv444p16le -c:v ffv1 OUT.mkv"
    )


def matrix_of(number: int, width: int, height: int) -> Matrix:
    """The luma coefficients of a tag; for an untagged picture by its size, as players do.

    A wide film of 1280x534 is high definition, too, and 1024x576 is not.
    """
    high = width >= _HIGH_WIDTH or height > _STANDARD_LINES
    return _MATRICES.get(number, "bt709" if high else "bt601")


def number_of(matrix: Matrix) -> int:
    """The tag that stands for luma coefficients: H.273 MatrixCoefficients."""
    return _NUMBERS[matrix]


def mistaken_for(fmt: FrameFormat, colour: Colour) -> Matrix | None:
    """What players would wrongly take the colours of a result for, as its size is all they go by.

    Args:
        fmt: of the result; its matrix was settled at the size of the source.
        colour: its tags.

    Returns:
        None where they take them for what they are.
    """
    if fmt.layout != "yuv" or colour.matrix != UNSPECIFIED:
        return None
    guessed = matrix_of(UNSPECIFIED, fmt.width, fmt.height)
    return guessed if guessed != fmt.matrix else None


@lru_cache(maxsize=256)
def describe(
    name: str,
    width: int,
    height: int,
    colour_matrix: int,
    colour_range: int,
    *,
    chroma_location: int = 0,
) -> FrameFormat:
    """What the samples of a planar format mean.

    Args:
        name: a planar format (see ``planar_of``).
        width: luma samples per row.
        height: luma rows.
        colour_matrix: H.273 MatrixCoefficients of the frame; 2 if untagged.
        colour_range: 0 untagged, 1 limited, 2 full.
        chroma_location: FFmpeg's AVChromaLocation; 0 if untagged, and then the first column's
            samples are taken, for BT.2020's 4:2:0 the first row's, too (ITU-R BT.2100).
    """
    found = av.VideoFormat(name, width, height)
    components = found.components
    alpha = name.startswith(("yuva", "gbrap"))
    layout: Layout = "gray" if name.startswith("gray") else "rgb" if found.is_rgb else "yuv"
    shift = (0, 0)
    if layout == "yuv":
        big = av.VideoFormat(name, 64, 64)
        shift = (
            6 - (big.chroma_width().bit_length() - 1),
            6 - (big.chroma_height().bit_length() - 1),
        )
    matrix = matrix_of(colour_matrix, width, height)
    full = colour_range == FULL or (colour_range == UNSPECIFIED_RANGE and layout != "yuv")
    topleft = matrix == "bt2020" and shift == (1, 1)
    usual: ChromaLocation = "topleft" if topleft else "left"
    return FrameFormat(
        width,
        height,
        name,
        layout=layout,
        bits=components[0].bits,
        chroma_shift=shift,
        alpha=alpha,
        matrix=matrix,
        full_range=full,
        chroma_location=_LOCATIONS.get(chroma_location, usual),
    )


def named(fmt: FrameFormat) -> str:
    """Size and samples, as a message names them."""
    return f"{fmt.width}x{fmt.height} {fmt.pix_fmt}"


def understood(fmt: FrameFormat, colour: Colour) -> PictureFacts:
    """What samples are taken for, and whether the file says so; ready for JSON."""
    return {
        "matrix": fmt.matrix if fmt.layout == "yuv" else None,
        "matrix_assumed": colour.matrix == UNSPECIFIED,
        "range": "full" if fmt.full_range else "limited",
        "range_assumed": colour.range == UNSPECIFIED_RANGE,
        "chroma_location": fmt.chroma_location if any(fmt.chroma_shift) else None,
        "chroma_location_assumed": not colour.chroma_location,
    }
