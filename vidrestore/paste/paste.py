"""Writes restored crops back into the frame's own planes.

A sample becomes ``source + strength * w * samples(restored - source)``. Where w is 0, and
everywhere at strength 0, it is the decoder's own, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.colour import chroma_from_luma, to_sample_differences
from vidrestore.datatypes import (
    Frame,
    FrameFormat,
    Image,
    Matrix,
    PastedFrame,
    Points,
    Region,
    RestoredFrame,
)
from vidrestore.paste.agree import agreement
from vidrestore.paste.mask import dilated, face_mask, face_outline
from vidrestore.paste.match import matched_difference
from vidrestore.paste.parsing import ParsedFaces
from vidrestore.paste.sharper import SharperFaces
from vidrestore.resample import compose, interpolate, inverse, resample

Float32 = NDArray[np.float32]

_CELLS = 128  # side of the mask; it is smooth, so a finer one would say the same
_LEAST = 1 / 512  # a weight below this could move no 8-bit sample
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_STEADINESS = 0.9  # of the face size that decides which of two faces is nearer


@dataclass(frozen=True, slots=True)
class _Patch:
    """One face, ready to be written: all at (rows, columns) of the region's luma samples."""

    region: Region
    weights: Float32
    frame_from_crop: Matrix
    differences: tuple[Float32, ...]


class Paste:
    """Writes every restored face into a copy of the planes it changes.

    A ``Stage[RestoredFrame, PastedFrame]``. A frame in which nothing is to be written passes as the
    same object. Of overlapping faces the nearer (larger, over time) covers the farther.

    Args:
        strength: how much of the restoration is applied, 0..1.
        dilate: growth of the face's outline that bounds the mask; no weight lies outside
            ``dilated(face_outline(landmarks), dilate)``.
        feather: width of the mask's soft edge in widths of the dilated outline.
        colour: take slow differences of colour and light from the source.
        keep_sharp: leave faces alone that are sharper than what the restorer made of them.
        occlusion: leave alone what covers a face, where the result contradicts its source.
        parsed: says what of a crop is face; None takes the landmarks' word for it.
    """

    def __init__(
        self,
        strength: float = 1.0,
        dilate: float = 0.25,
        feather: float = 0.12,
        *,
        colour: bool = True,
        keep_sharp: bool = False,
        occlusion: bool = False,
        parsed: ParsedFaces | None = None,
    ) -> None:
        self._strength = np.float32(strength)
        self._dilate = dilate
        self._feather = feather
        self._colour = colour
        self._occlusion = occlusion
        self._parsed = parsed
        self._sharper = SharperFaces() if keep_sharp else None
        self._nearness: dict[int, float] = {}

    def push(self, item: RestoredFrame, /) -> Iterable[PastedFrame]:
        """The frame with its faces."""
        aligned = item.aligned
        frame = aligned.frame
        order = self._far_to_near(item)
        if self._strength <= 0 or not order:
            yield PastedFrame(frame, aligned.shot_start, ())
            return
        strengths = self._sharper.strengths(item) if self._sharper else [1.0] * len(order)
        masks = self._parsed.masks(item) if self._parsed else [None] * len(order)
        canvas = _Canvas(frame, self._strength)
        regions = []
        for index in order:
            patch = self._patch(item, index, strengths[index], masks[index])
            if patch is not None:
                canvas.write(patch)  # one that is left alone still covers what lies behind
                if strengths[index] > 0:
                    regions.append(patch.region)
        regions.sort(key=lambda region: region.track_id)
        yield PastedFrame(canvas.frame(), aligned.shot_start, tuple(regions))

    def flush(self) -> Iterable[PastedFrame]:
        """Nothing is ever held."""
        return ()

    def _far_to_near(self, item: RestoredFrame) -> list[int]:
        """Indices of the faces, the farthest first; sizes are averaged over time."""
        faces = item.aligned.faces
        before = {} if item.aligned.shot_start else self._nearness
        self._nearness = {}
        for face, matrix in zip(faces, item.aligned.crops.crop_from_frame, strict=True):
            size = -math.log(math.hypot(matrix[0, 0], matrix[1, 0]))
            kept = _STEADINESS if face.track_id in before else 0.0
            self._nearness[face.track_id] = (
                kept * before.get(face.track_id, 0.0) + (1 - kept) * size
            )
        # Of equally near faces the older covers the younger, always.
        return sorted(
            range(len(faces)),
            key=lambda i: (self._nearness[faces[i].track_id], -faces[i].track_id),
        )

    def _patch(
        self, item: RestoredFrame, index: int, strength: float, parsed: Float32 | None
    ) -> _Patch | None:
        """What one face changes, or None where its mask misses the frame."""
        frame, crops = item.aligned.frame, item.aligned.crops
        face = item.aligned.faces[index]
        crop_from_frame = crops.crop_from_frame[index]
        outline = dilated(face_outline(face.landmarks), self._dilate)
        size = crops.pixels.shape[1]
        in_crop = outline @ crop_from_frame[:, :2].T + crop_from_frame[:, 2]
        width = float(np.ptp(in_crop[:, 0]))
        mask = face_mask(in_crop, size, min(_CELLS, size), max(self._feather * width, 1.0))
        if parsed is not None:
            mask *= cv2.resize(parsed, mask.shape)
        window = _window(outline, frame.format)
        if window is None:
            return None
        weights = _weights_in_frame(mask, size, crop_from_frame, window)
        used = _bounds(weights)
        if used is None:
            return None
        region = _on_chroma_grid(face.track_id, window, used, frame.format)
        x, y = region.x0 - window[0], region.y0 - window[1]
        weights = weights[y : y + region.y1 - region.y0, x : x + region.x1 - region.x0]
        difference = matched_difference(
            crops.pixels[index],
            item.pixels[index],
            mask,
            match=self._colour,
            calm=None if item.calm_source is None else item.calm_source[index],
        )
        if self._occlusion:
            difference *= agreement(difference)[..., None]
        difference *= np.float32(strength)
        return _Patch(
            region,
            weights,
            inverse(crop_from_frame),
            _written(difference, frame),
        )


class _Canvas:
    """A frame being painted: planes are copied when the first sample in them changes."""

    def __init__(self, frame: Frame, strength: np.float32) -> None:
        self._frame = frame
        self._strength = strength
        self._painted: list[Image | None] = [None] * len(frame.planes)

    def write(self, patch: _Patch) -> None:
        """Paint one face over what is there."""
        fmt = self._frame.format
        region = patch.region
        for index, difference in enumerate(patch.differences):
            plane_from_luma = np.eye(2, 3)
            sx = sy = 0
            if index and fmt.layout == "yuv":
                plane_from_luma = chroma_from_luma(fmt)
                sx, sy = fmt.chroma_shift
            x0, y0 = region.x0 >> sx, region.y0 >> sy
            x1, y1 = -(-region.x1 >> sx), -(-region.y1 >> sy)
            weights = _reduced(patch.weights, (y1 - y0, x1 - x0), (sx, sy))
            crop_from_plane = inverse(compose(plane_from_luma, patch.frame_from_crop))
            change = resample(difference, crop_from_plane, (x0, y0, x1, y1))
            self._add(index, change, weights, (slice(y0, y1), slice(x0, x1)))

    def _add(
        self, index: int, change: Float32, weights: Float32, where: tuple[slice, slice]
    ) -> None:
        """Move the samples of one plane."""
        before = self._frame.planes[index][where].astype(np.float32)
        painted = self._painted[index]
        change *= weights
        change *= self._strength
        if painted is not None:  # a face that lies behind fades as this one covers it
            change += (1 - weights) * (painted[where].astype(np.float32) - before)
        np.rint(change, out=change)
        if painted is None:
            if not change.any():
                return
            painted = self._painted[index] = self._frame.planes[index].copy()
        lowest, highest = _legal(self._frame.format, index)
        # A sample that the source has outside the legal range may stay there, but goes no further.
        change += before
        np.clip(change, np.minimum(before, lowest), np.maximum(before, highest), out=change)
        painted[where] = change.astype(painted.dtype)

    def frame(self) -> Frame:
        """The result; the source's own frame where no sample changed."""
        if all(plane is None for plane in self._painted):
            return self._frame
        pairs = zip(self._painted, self._frame.planes, strict=True)
        return self._frame.pasted(
            tuple(source if painted is None else painted for painted, source in pairs)
        )


def _written(difference: Float32, frame: Frame) -> tuple[Float32, ...]:
    """What a difference of RGB adds to each plane; black-and-white frames gain light alone."""
    fmt = frame.format
    if not frame.colourless:
        return to_sample_differences(difference, fmt)
    if fmt.layout == "rgb":
        light = difference @ _LUMA
        return to_sample_differences(np.repeat(light[..., None], 3, axis=-1), fmt)
    return to_sample_differences(difference, fmt)[:1]


def _legal(fmt: FrameFormat, index: int) -> tuple[float, float]:
    """Lowest and highest code value of a plane's samples."""
    if fmt.full_range:
        return 0.0, float((1 << fmt.bits) - 1)
    unit = float(1 << (fmt.bits - 8))
    top = 240.0 if index and fmt.layout == "yuv" else 235.0
    return 16.0 * unit, top * unit


def _window(outline: Points, fmt: FrameFormat) -> tuple[int, int, int, int] | None:
    """x0, y0, x1, y1 of the luma samples around an outline, in whole chroma samples."""
    sx, sy = fmt.chroma_shift
    x0, y0 = np.floor(np.maximum(outline.min(axis=0), 0)).astype(int)
    x1, y1 = np.ceil(outline.max(axis=0)).astype(int) + 1
    x0, y0 = x0 >> sx << sx, y0 >> sy << sy
    x1, y1 = min(-(-x1 >> sx) << sx, fmt.width), min(-(-y1 >> sy) << sy, fmt.height)
    return (int(x0), int(y0), int(x1), int(y1)) if x0 < x1 and y0 < y1 else None


def _weights_in_frame(
    mask: Float32, size: int, crop_from_frame: Matrix, window: tuple[int, int, int, int]
) -> Float32:
    """The mask on the luma grid of a window of the frame."""
    ratio = mask.shape[0] / size
    mask_from_crop = np.array(
        [[ratio, 0.0, (ratio - 1) / 2], [0.0, ratio, (ratio - 1) / 2]], np.float64
    )
    weights = interpolate(mask, compose(mask_from_crop, crop_from_frame), window)
    weights[weights < _LEAST] = 0.0
    return weights


def _bounds(weights: Float32) -> tuple[int, int, int, int] | None:
    """x0, y0, x1, y1 of the weights above 0."""
    columns = np.flatnonzero(weights.max(axis=0))
    rows = np.flatnonzero(weights.max(axis=1))
    if not len(columns):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _on_chroma_grid(
    track_id: int,
    window: tuple[int, int, int, int],
    used: tuple[int, int, int, int],
    fmt: FrameFormat,
) -> Region:
    """The used part of a window, grown to whole chroma samples, in the frame."""
    sx, sy = fmt.chroma_shift
    left, top = window[0], window[1]
    x0, y0 = (left + used[0]) >> sx << sx, (top + used[1]) >> sy << sy
    x1 = min(-(-(left + used[2]) >> sx) << sx, fmt.width)
    y1 = min(-(-(top + used[3]) >> sy) << sy, fmt.height)
    return Region(track_id, x0, y0, x1, y1)


def _reduced(weights: Float32, shape: tuple[int, int], shift: tuple[int, int]) -> Float32:
    """The mean weight of the luma samples that each chroma sample covers."""
    sx, sy = shift
    if not sx and not sy:
        return weights
    rows, columns = shape
    missing = ((0, (rows << sy) - weights.shape[0]), (0, (columns << sx) - weights.shape[1]))
    if any(after for _, after in missing):  # an odd frame's last chroma sample covers fewer
        weights = np.pad(weights, missing, mode="edge")
    return np.asarray(
        cv2.resize(weights, (columns, rows), interpolation=cv2.INTER_AREA), np.float32
    )
