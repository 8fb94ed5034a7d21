"""What a file says about the colours of its pictures; free of PyAV, ready for JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass

UNSPECIFIED = 2  # of H.273's primaries, transfer characteristics and matrices

# FFmpeg's names of AVChromaLocation; Matroska knows no others.
LOCATIONS = {1: "left", 2: "center", 3: "topleft", 4: "top"}

Point = tuple[int, int]
Light = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mastering:
    """The display that an HDR picture was made on (SMPTE ST 2086).

    Attributes:
        red: its chromaticity, x and y in units of 1/50000; likewise ``green``, ``blue``, ``white``.
        greatest: its luminance, in units of 1/10000 cd/m2; likewise ``least``.
    """

    red: Point
    green: Point
    blue: Point
    white: Point
    greatest: int
    least: int


@dataclass(frozen=True, slots=True)
class Colour:
    """Colour tags as ITU-T H.273 numbers them; 2 means unspecified.

    Attributes:
        primaries: ColourPrimaries.
        transfer: TransferCharacteristics.
        matrix: MatrixCoefficients.
        range: 0 unspecified, 1 limited, 2 full.
        mastering: the display it was made on; None if not stated.
        light: MaxCLL and MaxFALL, cd/m2; None if not stated.
        chroma_location: FFmpeg's AVChromaLocation, H.273's ChromaLocType plus 1; 0 if not stated.
        dynamic: names of the HDR metadata that changes from picture to picture.
        dynamic_only: whether the colours are wrong without it.
        profile: whether an ICC profile says more of them.
    """

    primaries: int = 2
    transfer: int = 2
    matrix: int = 2
    range: int = 0
    mastering: Mastering | None = None
    light: Light | None = None
    chroma_location: int = 0
    dynamic: tuple[str, ...] = ()
    dynamic_only: bool = False
    profile: bool = False

    def as_dict(self) -> dict[str, object]:
        """What JSON can hold."""
        ranges = {1: "limited", 2: "full"}
        return {
            "primaries": self.primaries,
            "transfer": self.transfer,
            "matrix": self.matrix,
            "range": ranges.get(self.range, "unspecified"),
            "mastering_display": None if self.mastering is None else asdict(self.mastering),
            "content_light": self.light,
            "chroma_location": LOCATIONS.get(self.chroma_location, "unspecified"),
            "dynamic": list(self.dynamic),
            "profile": self.profile,
        }


UNTAGGED = Colour()
