"""Every value that flows through the pipeline: frozen, and checked when built.

Conventions everywhere: coordinates are (x, y) in pixels of the frame as decoded, integer
coordinates are pixel centres, boxes are (x0, y0, x1, y1), matrices are named ``dst_from_src``,
colour is RGB.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Image = NDArray[Any]
Points = NDArray[np.float64]
Matrix = NDArray[np.float64]
FaceState = Literal["measured", "propagated", "coasting"]
Layout = Literal["yuv", "gray", "rgb"]
Field = Literal["frame", "top", "bottom"]
ChromaLocation = Literal["left", "center", "topleft", "top"]


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
        mixed: 0..1, how surely the picture is a mixture of two shots, as dissolves are: at 1 no
            face of it can be restored.
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
    mixed: float = 0.0

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


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face in one picture.

    Attributes:
        box: (4,) xyxy px.
        landmarks: (5, 2) xy px: left eye, right eye, nose, left and right mouth corner, as seen in
            the image.
        score: the detector's confidence, 0..1.
    """

    box: Points
    landmarks: Points
    score: float

    def __post_init__(self) -> None:
        """Check the shapes."""
        if self.box.shape != (4,) or self.landmarks.shape != (5, 2):
            raise ValueError(f"box {self.box.shape} and landmarks {self.landmarks.shape}")


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFrame:
    """The faces seen in a frame, by the detector or carried over from a frame that was detected.

    Attributes:
        frame: the frame.
        shot_start: first frame of a shot.
        state: "measured" on detector frames, "propagated" between them.
        faces: in frame coordinates, in no particular order.
    """

    frame: Frame
    shot_start: bool
    state: Literal["measured", "propagated"]
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TrackedFace:
    """A face with an identity in time.

    Attributes:
        track_id: from 1, in order of first appearance in the job.
        landmarks: (5, 2) xy px in the frame.
        state: where this frame's landmarks come from; "coasting" means prediction alone, and such
            a face is never pasted.
        age: frames since the track's first detection, 0 on it, negative where it was followed back.
        score: confidence of the last measurement, 0..1.
        error: how far off landmarks are expected to be that were placed on this very frame, px;
            None for a detector's, carried or predicted ones.
    """

    track_id: int
    landmarks: Points
    state: FaceState
    age: int
    score: float
    error: float | None = None

    def __post_init__(self) -> None:
        """Check the shape."""
        if self.landmarks.shape != (5, 2):
            raise ValueError(f"landmarks {self.landmarks.shape}, expected (5, 2)")


@dataclass(frozen=True, slots=True, eq=False)
class TrackedFrame:
    """A frame with its tracked faces, in ascending order of track_id."""

    frame: Frame
    shot_start: bool
    faces: tuple[TrackedFace, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CropBatch:
    """Upright square crops, each of a size W of its own.

    Attributes:
        pixels: N of (W, W, 3) uint8 or uint16 (full 16-bit scale) RGB, all of one type.
        crop_from_frame: (N, 2, 3), maps frame xy to crop xy.
        keys: (frame_index, track_id) of each crop.
    """

    pixels: Sequence[Image]
    crop_from_frame: Matrix
    keys: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        """Check that the parts belong together."""
        count = len(self.keys)
        if len(self.pixels) != count:
            raise ValueError(f"{len(self.pixels)} crops for {count} keys")
        for crop in self.pixels:
            if crop.ndim != 3 or crop.shape[0] != crop.shape[1] or crop.shape[2] != 3:
                raise ValueError(f"a crop of {crop.shape}, expected (W, W, 3)")
        if self.crop_from_frame.shape != (count, 2, 3):
            raise ValueError(f"crop_from_frame {self.crop_from_frame.shape} for {count} keys")

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, slots=True, eq=False)
class Neighbour:
    """A frame near another that shows the same face.

    Attributes:
        offset: frames from the one to it, negative for one before.
        field: (n, n, 2) float32 on a grid over the crop, xy px of that grid: what the one shows at
            (x, y) is at ``(x, y) + field[y, x]`` in its crop.
        weights: (m, m) float32, 0..1, what it counts beside the one.
        brightness: levels of 0..255 by which the one is brighter.
    """

    offset: int
    field: NDArray[np.float32]
    weights: NDArray[np.float32]
    brightness: float


@dataclass(frozen=True, slots=True, eq=False)
class Denoised:
    """Source crops averaged over time.

    Attributes:
        pixels: of each face, of the same shape and dtype as its source crop.
        neighbours: of each face, the frames that it was averaged with.
        amount: factor of all their weights, 0..1.
    """

    pixels: Sequence[Image]
    neighbours: tuple[tuple[Neighbour, ...], ...]
    amount: float

    def __post_init__(self) -> None:
        """Check that the parts belong together."""
        if len(self.pixels) != len(self.neighbours):
            raise ValueError(f"{len(self.pixels)} crops, neighbours of {len(self.neighbours)}")

    def averaged(self, index: int) -> NDArray[np.float32] | None:
        """(m, m) what the neighbours of a face make up of its average, 0..1; None if nothing."""
        near = self.neighbours[index]
        if not near or self.amount == 0:
            return None
        total = np.sum([neighbour.weights for neighbour in near], axis=0) * np.float32(self.amount)
        return np.asarray(total / (1 + total), np.float32)


class Reason(StrEnum):
    """Why a tracked face of a frame was not written; each is what a report calls it."""

    SMALL = "small"
    """Lower than ``track.min_face``."""
    UNSEEN = "unseen"
    """Its track coasts: it was not found where it should be (turned away, covered or gone)."""
    SHARP = "sharp"
    """The source is sharper than what the network makes of it."""
    COVERED = "covered"
    """Something else is before it, nearly everywhere."""
    OUTSIDE = "outside"
    """What would be written lies beyond the frame's edges."""
    MIXED = "mixed"
    """The frame mixes two shots (a dissolve): there is no one face to restore."""
    OFF = "off"
    """``restore.strength`` is 0."""


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A tracked face of one frame whose samples stay the source's."""

    track_id: int
    reason: Reason


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFrame:
    """A frame, the faces that will be restored, and their crops in the same order.

    Attributes:
        frame: the frame.
        shot_start: first frame of a shot.
        faces: that have crops.
        crops: what is to be restored.
        denoised: what the crops are without noise, None where nobody has looked at them over time.
        left: the tracked faces that get no crop.
        original: the crops as the frame holds them; None where ``crops`` are these.
    """

    frame: Frame
    shot_start: bool
    faces: tuple[TrackedFace, ...]
    crops: CropBatch
    denoised: Denoised | None = None
    left: tuple[LeftAlone, ...] = ()
    original: Sequence[Image] | None = None

    @property
    def source(self) -> Sequence[Image]:
        """The crops as the frame holds them: what is pasted is a difference from these."""
        return self.crops.pixels if self.original is None else self.original

    @property
    def base(self) -> Sequence[Image]:
        """The crops that a restorer's change is added to: denoised where they are."""
        return self.crops.pixels if self.denoised is None else self.denoised.pixels


@dataclass(frozen=True, slots=True, eq=False)
class RestoredFrame:
    """What went into the restorer and what came out.

    Attributes:
        aligned: frame, faces and crops.
        shown: N of (S, S, 3), the bases at the size that the restorer takes.
        pixels: N restored ones, of the same shape and dtype.
    """

    aligned: AlignedFrame
    shown: Sequence[Image]
    pixels: Sequence[Image]

    def __post_init__(self) -> None:
        """A restorer must not change count, size or type."""
        if not len(self.aligned.faces) == len(self.shown) == len(self.pixels):
            raise ValueError(f"{len(self.pixels)} restored of {len(self.shown)} crops")
        for shown, restored in zip(self.shown, self.pixels, strict=True):
            if restored.shape != shown.shape or restored.dtype != shown.dtype:
                raise ValueError(
                    f"restored {restored.shape} {restored.dtype}, shown {shown.shape} {shown.dtype}"
                )


@dataclass(frozen=True, slots=True, eq=False)
class BlendedFrame:
    """The faces as they shall be.

    Attributes:
        aligned: frame, faces and crops.
        pixels: of each face, of the shape and dtype of its source crop.
        shares: of each face, how much of the restorer's change is in it, 0..1.
    """

    aligned: AlignedFrame
    pixels: Sequence[Image]
    shares: tuple[float, ...]

    def __post_init__(self) -> None:
        """Check that the parts belong together."""
        source = self.aligned.crops.pixels
        if not len(source) == len(self.pixels) == len(self.shares):
            raise ValueError(f"{len(self.pixels)} results, {len(self.shares)} shares of them")
        for own, result in zip(source, self.pixels, strict=True):
            if result.shape != own.shape or result.dtype != own.dtype:
                raise ValueError(f"a result {result.shape} of a crop {own.shape}")


@dataclass(frozen=True, slots=True)
class Region:
    """Where a face was written: luma samples x0 <= x < x1, y0 <= y < y1 of one frame.

    ``share`` is how much of the network's result was written there on average, 0..1 (above 0
    wherever a frame lists the region).
    """

    track_id: int
    x0: int
    y0: int
    x1: int
    y1: int
    share: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class PastedFrame:
    """The finished frame; outside ``regions`` its samples are the decoder's own.

    Where flicker was taken out of the whole frame (``frame.deflickered``) they are these but for
    it.

    Each tracked face of the frame is in either ``regions`` or ``left``, both in ascending order of
    track_id.
    """

    frame: Frame
    shot_start: bool
    regions: tuple[Region, ...]
    left: tuple[LeftAlone, ...] = ()
