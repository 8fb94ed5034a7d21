"""What a preview showed, and how two videos compare."""

from __future__ import annotations

from dataclasses import dataclass

from vidrestore.report.plain import Jsonable


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """A piece of a video that a preview shows.

    Attributes:
        time: where it begins, seconds from the file's beginning.
        face: size from eyes to chin of the face that it was chosen for, px; 0 where there is none,
            or where the place was named.
        wear: 0..1, how blurred or noisy that face looked.
        frames: pictures shown.
        faces: faces that were restored with the first settings.
    """

    time: float
    face: float
    wear: float
    frames: int
    faces: int


@dataclass(frozen=True, slots=True)
class Preview(Jsonable):
    """What a preview shows.

    Attributes:
        input: the video, as it was named.
        output: the video that shows it.
        picture: the PNG of one moment before and after.
        columns: what is shown side by side.
        places: where, in order of time.
        seconds: the work took.
        warnings: what the user should know.
    """

    input: str
    output: str
    picture: str
    columns: tuple[str, ...]
    places: tuple[ShownPlace, ...]
    seconds: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorstFrame:
    """The frame in which two videos differ most.

    Attributes:
        frame: its number, from 0.
        time: seconds since the first one.
        psnr: dB.
        ssim: up to 1.
    """

    frame: int
    time: float
    psnr: float
    ssim: float


@dataclass(frozen=True, slots=True)
class Comparison(Jsonable):
    """How a video differs from another one with the same frames.

    Pictures are measured as they are shown: upright RGB of 8 bits, borders that containers hide
    left out, interlaced ones deinterlaced as the options say.

    Attributes:
        reference: the one video.
        output: the other.
        width: of both pictures, px.
        height: likewise.
        frames: of both.
        duration: from the first to the last of them, seconds.
        equal_frames: frames without any difference.
        psnr: of all samples together, dB; infinite (null in JSON) where nothing differs.
        ssim: mean over the frames.
        worst: the frame with the least PSNR.
        changed: 0..1, the share of pixels that differ.
        flicker: levels of 0..255, of the reference and of the output: by how much each differs from
            one frame to the next, where the two videos differ, as a standard deviation; None where
            they never do.
        video: what shows both; None if none was asked for.
        seconds: the work took.
        warnings: what was wrong with either.
    """

    reference: str
    output: str
    width: int
    height: int
    frames: int
    duration: float
    equal_frames: int
    psnr: float
    ssim: float
    worst: WorstFrame
    changed: float
    flicker: tuple[float, float] | None
    video: str | None
    seconds: float
    warnings: tuple[str, ...] = ()
