"""Writes restored crops back into the frame's own planes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import BlendedFrame, Image, LeftAlone, PastedFrame, Reason, Region
from vidrestore.paste.agree import Agreement, believed, doubt
from vidrestore.paste.canvas import Canvas, Noise, Patch, shown_samples, written
from vidrestore.paste.consistent import contradicted
from vidrestore.paste.footprint import footprint, weights_in_frame
from vidrestore.paste.grain import Regrain
from vidrestore.paste.luma import with_luma_of
from vidrestore.paste.mask import face_masks
from vidrestore.paste.match import level_difference, slow_part, toned
from vidrestore.picture.flow import enlarged
from vidrestore.picture.outline import Box, dilated, face_box, face_outline
from vidrestore.picture.per_track import PerTrack
from vidrestore.picture.resample import inverse

if TYPE_CHECKING:
    from vidrestore.paste.parsing import ParsedFaces

Float32 = NDArray[np.float32]
Told = TypeVar("Told", Region, LeftAlone)

_CELLS = 128  # side of the mask; it is smooth, so a finer one would say the same
_DOUBTED = 0.8  # doubt from which on the light is judged by what is believed
_STEADINESS = 0.9  # of the face size that decides which of two faces is nearer
# Crop px per frame px: from the second on a crop holds all but noise of the frame; below the first
# it may lack detail, so that nothing may be taken for noise.
_COARSE, _HELD = 0.8, 0.95
_DENOISED_FEATHER = 1 / 3  # of the mask's soft edge, for what averaging changes
_MARGIN = 8  # crop px around the outline's box
_COVERED = 0.05  # mean belief over the mask below which a face is covered


class Paste:
    """Writes every restored face into a copy of the planes it changes.

    A ``Stage[BlendedFrame, PastedFrame]``. A frame in which nothing is to be written passes as the
    same object. Of overlapping faces the nearer (larger, over time) covers the farther.

    Args:
        strength: how much of the restoration is applied, 0..1.
        dilate: growth of the face's outline that bounds the mask; no weight lies outside
            ``dilated(face_outline(landmarks), dilate)``.
        feather: width of the mask's soft edge in widths of the dilated outline.
        colour: take slow differences of colour and light from the source.
        occlusion: leave alone what covers a face, where the result contradicts its source.
        parsed: says what of a crop is face; None takes the landmarks' word for it.
        regrain: gives faces the grain back that restoration took away; None leaves them without.
        chroma_alone: write colour and leave luma as it is, bit for bit.
    """

    latency: Final = 0
    memory: Final[int | None] = None

    def __init__(
        self,
        strength: float,
        dilate: float,
        feather: float,
        *,
        colour: bool,
        occlusion: bool,
        parsed: ParsedFaces | None,
        regrain: Regrain | None,
        chroma_alone: bool,
    ) -> None:
        self._strength = np.float32(strength)
        self._dilate = dilate
        self._feather = feather
        self._colour = colour
        self._agreement = Agreement() if occlusion else None
        self._parsed = parsed
        self._regrain = regrain
        self._chroma_alone = chroma_alone
        self._nearness: PerTrack[float] = PerTrack()

    def push(self, item: BlendedFrame, /) -> Iterable[PastedFrame]:
        """The frame with its faces."""
        aligned = item.aligned
        frame = aligned.frame
        if self._strength <= 0:
            off = (LeftAlone(face.track_id, Reason.OFF) for face in aligned.faces)
            yield PastedFrame(frame, aligned.shot_start, (), _by_id((*aligned.left, *off)))
            return
        # A frame without faces goes through all of it: what is known of its tracks ends there.
        order = self._far_to_near(item)
        masks = self._parsed.masks(item) if self._parsed else [None] * len(order)
        if self._agreement is not None:
            self._agreement.begin(shot_start=aligned.shot_start)
        if self._regrain is not None:
            self._regrain.begin(frame, shot_start=aligned.shot_start)
        canvas = Canvas(frame, self._strength, self._regrain)
        regions, left = [], list(aligned.left)
        for index in order:
            patch = self._patch(item, index, masks[index])
            if patch is not None:
                canvas.write(patch)  # one that is left alone still covers what lies behind
            reason = _reason(patch, item, index)
            if patch is not None and reason is None:
                regions.append(patch.region)
            elif reason is not None:
                left.append(LeftAlone(aligned.faces[index].track_id, reason))
        pasted = canvas.frame()
        if self._chroma_alone:
            pasted = with_luma_of(frame, pasted, regions)
        yield PastedFrame(pasted, aligned.shot_start, _by_id(regions), _by_id(left))

    def flush(self) -> Iterable[PastedFrame]:
        """Nothing is ever held."""
        return ()

    def _far_to_near(self, item: BlendedFrame) -> list[int]:
        """Indices of the faces, the farthest first; sizes are averaged over time."""
        faces = item.aligned.faces
        self._nearness.advance(shot_start=item.aligned.shot_start)
        nearness = []
        crops = item.aligned.crops
        for face, crop, matrix in zip(faces, crops.pixels, crops.crop_from_frame, strict=True):
            size = math.log(len(crop) / math.hypot(matrix[0, 0], matrix[1, 0]))
            before = self._nearness.get(face.track_id)
            if before is not None:
                size = _STEADINESS * before + (1 - _STEADINESS) * size
            self._nearness[face.track_id] = size
            nearness.append(size)
        # Of equally near faces the older covers the younger, always.
        return sorted(range(len(faces)), key=lambda i: (nearness[i], -faces[i].track_id))

    def _patch(self, item: BlendedFrame, index: int, parsed: Float32 | None) -> Patch | None:
        """What one face changes, or None where its mask misses the frame."""
        frame, crops = item.aligned.frame, item.aligned.crops
        face = item.aligned.faces[index]
        crop_from_frame = crops.crop_from_frame[index]
        outline = dilated(face_outline(face.landmarks), self._dilate)
        size = len(crops.pixels[index])
        in_crop = outline @ crop_from_frame[:, :2].T + crop_from_frame[:, 2]
        width = float(np.ptp(in_crop[:, 0]))
        cells, feather = min(_CELLS, size), self._feather * width
        # What averaging takes away is noise, which leaves no seam: it may end close to the outline.
        feathers = max(feather, 1.0), max(_DENOISED_FEATHER * feather, 1.0)
        mask, whole = face_masks(in_crop, size, cells, feathers)
        if parsed is not None:
            mask *= _resized(parsed, mask)
            whole *= _resized(parsed, mask)
        reached = footprint(
            whole, crop_from_frame, outline, frame.format, size=size, track_id=face.track_id
        )
        if reached is None:
            return None
        change, believable = self._change(item, index, mask)
        belief = _mean(believable, mask)
        within = np.asarray(mask / np.maximum(whole, 1e-3), np.float32)
        # Of two faces that are mixed a restorer makes a third; averaging takes away noise alone.
        faded = np.float32(1.0 - frame.mixed)
        weights = within * _resized(believable, within) * faded
        # Nothing beyond the outline is written: the rest is done for the part that it reaches.
        box = _with_margin(face_box(face.landmarks, self._dilate, crop_from_frame, size), size)
        difference = change.within(box, weights, size)
        base, source = item.aligned.base[index], crops.pixels[index]
        region, written_weights = reached
        applied = written_weights
        if base is not source:
            difference += level_difference(base[box], source[box])
        else:
            drawn = mask * _resized(believable, mask) * faded
            applied = weights_in_frame(drawn, size, crop_from_frame, _bounds(region))
        if belief < _COVERED:
            belief = 0.0
            difference *= np.float32(0)
            applied = np.zeros_like(applied)
        elif (original := item.aligned.original) is not None:
            # What film did is undone in full, however much of the restoration is asked for.
            film = level_difference(source[box], original[index][box])
            difference += film / self._strength
        share = belief * item.shares[index] * float(self._strength * faded)
        region = replace(region, share=share)
        part_from_frame = crop_from_frame.copy()
        part_from_frame[:, 2] -= box.columns.start, box.rows.start
        plain = belief > 0 and not self._chroma_alone
        noise = self._noise(item, index, region, box) if plain else None
        differences = written(difference, frame, chroma_alone=self._chroma_alone)
        return Patch(region, written_weights, inverse(part_from_frame), differences, applied, noise)

    def _noise(self, item: BlendedFrame, index: int, region: Region, box: Box) -> Noise | None:
        """What is finer than a crop that was averaged; None where that may be more than noise."""
        aligned = item.aligned
        size, matrix = len(aligned.source[index]), aligned.crops.crop_from_frame[index]
        pixel = math.hypot(matrix[0, 0], matrix[1, 0])
        averaged = None if aligned.denoised is None else aligned.denoised.averaged(index)
        held = min(max((pixel - _COARSE) / (_HELD - _COARSE), 0.0), 1.0)
        if averaged is None or held == 0:
            return None
        share = weights_in_frame(averaged * np.float32(held), size, matrix, _bounds(region))
        return Noise(shown_samples(aligned.frame, matrix, box), share)

    def _change(self, item: BlendedFrame, index: int, mask: Float32) -> tuple[_Change, Float32]:
        """What the restorer adds to a face's RGB, and (n, n) how far it is believed, 0..1."""
        base, result = item.aligned.base[index], item.pixels[index]
        side = min(_CELLS, len(base))
        # What its source has to say of a change is said on a coarse grid.
        seen: Image = cv2.resize(base, (side, side), interpolation=cv2.INTER_AREA)
        fine = level_difference(result, base)
        if not self._chroma_alone:
            fine = toned(fine, seen, mask)
        coarse = np.asarray(
            cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA), np.float32
        )

        def matched(where: Float32) -> Float32:
            return coarse - slow_part(coarse, where) if self._colour else coarse

        difference, weights = matched(mask), np.ones_like(mask)
        if self._agreement is not None:
            doubts = doubt(seen, difference, mask)
            if doubts.lasting.max() > _DOUBTED:  # what covers the face must not tell its light
                difference = matched(mask * _resized(believed(doubts.lasting), mask))
                doubts = doubt(seen, difference, mask)
            weights = self._agreement.weights(item.aligned.faces[index].track_id, doubts)
        if self._colour:
            difference = difference + contradicted(seen, difference, mask)
        return _Change(fine, difference - coarse), weights


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    """Of a crop's RGB, levels of 0..255.

    Attributes:
        fine: (W, W, 3), what the restorer drew.
        correction: (n, n, 3), what its source adds to that.
    """

    fine: Float32
    correction: Float32

    def within(self, box: Box, weights: Float32, size: int) -> Float32:
        """(rows, columns, 3) of a part, times weights (n, n) over the crop."""
        part = self.fine[box] + enlarged(self.correction, size, box)
        part *= enlarged(weights, size, box)[..., None]
        return np.asarray(part, np.float32)


def _with_margin(box: Box, size: int) -> Box:
    """A part of a crop of that size, with what interpolating needs beside it."""
    rows, columns = (
        slice(max(part.start - _MARGIN, 0), min(part.stop + _MARGIN, size)) for part in box
    )
    return Box(rows, columns)


def _reason(patch: Patch | None, item: BlendedFrame, index: int) -> Reason | None:
    """Why a face is left alone; None if it is not."""
    if patch is None:
        return Reason.OUTSIDE
    if patch.region.share > 0:
        return None
    if item.aligned.frame.mixed >= 1:
        return None if _mended(item, index) else Reason.MIXED
    if item.shares[index] > 0:
        return Reason.COVERED
    return None if _mended(item, index) else Reason.SHARP


def _mended(item: BlendedFrame, index: int) -> bool:
    """Whether more than the restorer changed a crop: film's stages, or averaging."""
    return item.aligned.base[index] is not item.aligned.source[index]


def _bounds(region: Region) -> tuple[int, int, int, int]:
    return region.x0, region.y0, region.x1, region.y1


def _mean(weights: Float32, mask: Float32) -> float:
    """Over the mask."""
    inside = _resized(mask, weights)
    return float((weights * inside).sum() / max(float(inside.sum()), 1e-6))


def _by_id(faces: Iterable[Told]) -> tuple[Told, ...]:
    return tuple(sorted(faces, key=lambda face: face.track_id))


def _resized(weights: Float32, like: Float32) -> Float32:
    """Of the same height and width as another."""
    return np.asarray(cv2.resize(weights, like.shape[1::-1]), np.float32)
