"""Pictures on their way: a frame with the decoder's own samples, and its reduced picture."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes.arrays import Image

Layout = Literal["yuv", "gray", "rgb"]
ChromaLocation = Literal["left", "center", "topleft", "top"]
Field = Literal["frame", "top", "bottom"]
Role = Literal["result", "beside", "context"]


@dataclass(frozen=True, slots=True)
class FrameFormat:
    """How a frame's planes hold its picture.

    Attributes:
        width: luma samples per row.
        height: luma rows.
        pix_fmt: FFmpeg's name of a planar format ("yuv420p", "yuv422p10le", "gbrp", ...).
        layout: order of the planes: "yuv" (Y, Cb, Cr), "gray" (Y), "rgb" (G, B, R, as in
            FFmpeg's gbrp); with ``alpha``, one more plane at the end.
        bits: significant bits of a sample, 8 to 16; samples are uint8 up to 8 bits, else uint16
            with the value in the low bits.
        chroma_shift: log2 of the horizontal and vertical chroma subsampling; (1, 1) is 4:2:0.
        alpha: whether a last plane holds opacity.
        matrix: the luma coefficients to convert with; for an untagged source what players assume.
        full_range: whether samples span the whole code range rather than 16..235 and 16..240.
        chroma_location: where a subsampled chroma sample sits: "left" (MPEG-2 and later),
            "center" (JPEG, MPEG-1), "topleft" (UHD, DV) or "top".
    """

    width: int
    height: int
    pix_fmt: str
    layout: Layout = "yuv"
    bits: int = 8
    chroma_shift: tuple[int, int] = (1, 1)
    alpha: bool = False
    matrix: Literal["bt601", "bt709", "bt2020", "smpte240m", "fcc"] = "bt709"
    full_range: bool = False
    chroma_location: ChromaLocation = "left"

    def __post_init__(self) -> None:
        """Refuse what no decoder yields."""
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a frame of {self.width}x{self.height} has no pixels")
        if not 8 <= self.bits <= 16:
            raise ValueError(f"{self.bits} bits per sample; 8 to 16 are supported")

    @property
    def dtype(self) -> type[np.uint8 | np.uint16]:
        """The type of a sample."""
        return np.uint8 if self.bits == 8 else np.uint16

    def plane_shapes(self) -> tuple[tuple[int, int], ...]:
        """(rows, columns) of each plane; subsampled sizes round up."""
        luma = (self.height, self.width)
        sx, sy = self.chroma_shift
        chroma = (-(-self.height // (1 << sy)), -(-self.width // (1 << sx)))
        colour = {"gray": [luma], "rgb": [luma] * 3, "yuv": [luma, chroma, chroma]}[self.layout]
        return tuple(colour + [luma] * self.alpha)


@dataclass(frozen=True, slots=True)
class Tone:
    """A change of light: what was R, G or B of a level v becomes ``gain * v + offset``.

    Attributes:
        gain: above 0.
        offset: levels of 0..255.
    """

    gain: float
    offset: float


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded picture with its place in time.

    Attributes:
        index: position among the frames of this job, from 0.
        pts: presentation time in ``time_base`` units.
        duration: in ``time_base`` units; 0 where the container does not say.
        time_base: seconds per unit.
        planes: the samples, one read-only 2-D array per plane, in ``format``'s order.
        format: what the samples mean.
        handle: the decoder's own frame, carried for its side data; opaque to all but video/.
        touched: whether ``planes`` are no longer the decoder's.
        field: the field of a stored frame that this picture stands for, where the two are to be
            woven together again: its lines are those of ``planes``; "frame" for a whole picture.
        colourless: whether the shot is black and white: only luma may be written then.
        flicker: what takes the flicker of light out of the picture; None where there is none, or
            where nobody looked, or where it is taken out already.
        deflickered: whether flicker was taken out of the planes.
        repaired: whether specks or scratches were.
        painted: (height, width) uint8, 255 where samples were painted over from those around them,
            as no frame shows what was there, else 0; None where none were.
        mixed: 0..1, how surely the picture is a mixture of two shots, as dissolves are: at 1 no
            face of it can be restored.
        role: whether the frame belongs to the result, is restored so that its result can be blended
            into those beside it, or is looked at alone.
    """

    index: int
    pts: int
    duration: int
    time_base: Fraction
    planes: tuple[Image, ...]
    format: FrameFormat
    handle: object = dataclasses.field(default=None, repr=False)
    touched: bool = False
    field: Field = "frame"
    colourless: bool = False
    flicker: Tone | None = None
    deflickered: bool = False
    repaired: bool = False
    painted: NDArray[np.uint8] | None = None
    mixed: float = 0.0
    role: Role = "result"

    def __post_init__(self) -> None:
        """Check planes against the format: every later stage relies on it."""
        shapes = tuple(plane.shape for plane in self.planes)
        if shapes != self.format.plane_shapes():
            raise ValueError(f"planes of {shapes}, expected {self.format.plane_shapes()}")
        for plane in self.planes:
            if plane.dtype != self.format.dtype:
                raise ValueError(f"samples are {plane.dtype}, expected {self.format.dtype}")
            if plane.flags.writeable:
                raise ValueError("planes must be read-only: they may be the decoder's reference")

    @property
    def seconds(self) -> float:
        """Presentation time in seconds."""
        return float(self.pts * self.time_base)

    @property
    def clock_number(self) -> int | None:
        """Frames of this one's duration since zero of the source's clock; None without a duration.

        Unlike ``index`` it does not depend on where a job begins.
        """
        if self.duration <= 0:
            return None
        return (2 * self.pts + self.duration) // (2 * self.duration)

    def pasted(self, planes: tuple[Image, ...]) -> Frame:
        """The same moment with other samples."""
        for plane in planes:
            plane.flags.writeable = False
        return replace(self, planes=planes, touched=True)


def crosses_grid(before: Frame, frame: Frame, every: int) -> bool:
    """Whether a frame is the first at or after an ``every``-th of the source's clock.

    Args:
        before: the frame right before it.
        frame: if either has no duration, there is no grid to cross.
        every: at least 1.
    """
    last, now = before.clock_number, frame.clock_number
    return last is not None and now is not None and last // every != now // every


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A frame and the reduced picture that cuts, detection and propagation look at.

    Attributes:
        frame: the full frame.
        picture: (h, w, 3) uint8 RGB, the whole frame reduced.
        shot_start: whether this is the first frame after a cut, or the first of all.
    """

    frame: Frame
    picture: Image
    shot_start: bool = False

    @property
    def scale(self) -> tuple[float, float]:
        """(x, y) picture pixels per frame pixel; ``p = (f + 0.5) * scale - 0.5``."""
        height, width = self.picture.shape[:2]
        return width / self.frame.format.width, height / self.frame.format.height
