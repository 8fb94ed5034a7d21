"""Adds the differences of faces to the samples of a frame.

A sample becomes ``source + strength * w * difference``. Where w is 0, and everywhere at strength 0,
it is the decoder's own, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Frame, FrameFormat, Image, Matrix, Region
from vidrestore.paste.grain import Regrain
from vidrestore.picture.colour import chroma_from_luma, to_sample_differences
from vidrestore.picture.luma import LUMA
from vidrestore.picture.outline import Box
from vidrestore.picture.resample import compose, inverse, resample, resample_back

Float32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Noise:
    """What a frame holds that is too fine for a crop, to be taken away as averaging would have.

    A crop that was averaged over time says nothing of it; left as it is, it would be the noise that
    stays.

    Attributes:
        shown: (S, S) of the crop for each plane in question, in code values: luma, or all three of
            RGB.
        share: (rows, columns) of the region's luma samples, how much of it is taken away, 0..1.
    """

    shown: tuple[Float32, ...]
    share: Float32


@dataclass(frozen=True, slots=True)
class Patch:
    """One face, ready to be written.

    Attributes:
        region: the samples that it changes.
        weights: (rows, columns) of the region's luma samples, 0..1.
        frame_from_crop: (2, 3).
        differences: of each plane that changes, (S, S) in the crop, its samples' units.
        applied: as ``weights``, what of the source's own is replaced.
        noise: what is finer than the crop; None leaves it.
    """

    region: Region
    weights: Float32
    frame_from_crop: Matrix
    differences: tuple[Float32, ...]
    applied: Float32
    noise: Noise | None = None


class Canvas:
    """A frame being painted: planes are copied when the first sample in them changes.

    Args:
        frame: the source's.
        strength: of all faces, 0..1.
        regrain: gives faces their grain back; None leaves them without.
    """

    def __init__(self, frame: Frame, strength: np.float32, regrain: Regrain | None) -> None:
        self._frame = frame
        self._strength = strength
        self._regrain = regrain
        self._painted: list[Image | None] = [None] * len(frame.planes)

    def write(self, patch: Patch) -> None:
        """Paint one face over what is there."""
        fmt = self._frame.format
        region = patch.region
        changes, weights, areas = [], [], []
        for index, difference in enumerate(patch.differences):
            plane_from_luma = np.eye(2, 3)
            sx = sy = 0
            if index and fmt.layout == "yuv":
                plane_from_luma = chroma_from_luma(fmt)
                sx, sy = fmt.chroma_shift
            x0, y0 = region.x0 >> sx, region.y0 >> sy
            x1, y1 = -(-region.x1 >> sx), -(-region.y1 >> sy)
            weight = _reduced(patch.weights, (y1 - y0, x1 - x0), (sx, sy))
            crop_from_plane = inverse(compose(plane_from_luma, patch.frame_from_crop))
            change = resample_back(difference, crop_from_plane, (x0, y0, x1, y1))
            if patch.noise is not None and index < len(patch.noise.shown):
                shown = resample_back(patch.noise.shown[index], crop_from_plane, (x0, y0, x1, y1))
                shown -= self._frame.planes[index][y0:y1, x0:x1]
                change += patch.noise.share * shown
            change *= weight
            change *= self._strength
            changes.append(change)
            weights.append(weight)
            areas.append((slice(y0, y1), slice(x0, x1)))
        if self._regrain is not None:
            grains = self._regrain.added(region, patch.applied * self._strength, changes)
            if grains is not None:
                changes = [np.add(*pair) for pair in zip(changes, grains, strict=True)]
        for index, painted in enumerate(zip(changes, weights, areas, strict=True)):
            self._add(index, *painted)

    def _add(
        self, index: int, change: Float32, weights: Float32, where: tuple[slice, slice]
    ) -> None:
        """Move the samples of one plane."""
        before = self._frame.planes[index][where].astype(np.float32)
        painted = self._painted[index]
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


def written(
    difference: Float32, frame: Frame, *, chroma_alone: bool = False
) -> tuple[Float32, ...]:
    """What a difference of RGB adds to each plane; black-and-white frames gain light alone.

    With ``chroma_alone`` it is the other way round: colour is added, and no light.
    """
    fmt = frame.format
    if chroma_alone:
        colour = difference - (difference @ LUMA)[..., None]
        light, *chroma = to_sample_differences(colour, fmt)
        return (light if fmt.layout == "rgb" else np.zeros_like(light), *chroma)
    if not frame.colourless:
        return to_sample_differences(difference, fmt)
    if fmt.layout == "rgb":
        light = difference @ LUMA
        return to_sample_differences(np.repeat(light[..., None], 3, axis=-1), fmt)
    return to_sample_differences(difference, fmt)[:1]


def shown_samples(frame: Frame, crop_from_frame: Matrix, box: Box) -> tuple[Float32, ...]:
    """What a part of a crop shows of a frame's luma, or of its R, G and B, in code values.

    They are the planes' own samples, resampled as the crop's were: in RGB what lies outside its
    range is lost, such as whites above nominal white.

    Returns:
        (rows, columns) of the box for each plane, in the format's plane order.
    """
    window = (box.columns.start, box.rows.start, box.columns.stop, box.rows.stop)
    planes = frame.planes[: 3 if frame.format.layout == "rgb" else 1]
    frame_from_crop = inverse(crop_from_frame)
    return tuple(resample(plane, frame_from_crop, window, mirror=True) for plane in planes)


def _legal(fmt: FrameFormat, index: int) -> tuple[float, float]:
    """Lowest and highest code value of a plane's samples."""
    if fmt.full_range:
        return 0.0, float((1 << fmt.bits) - 1)
    unit = float(1 << (fmt.bits - 8))
    top = 240.0 if index and fmt.layout == "yuv" else 235.0
    return 16.0 * unit, top * unit


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
