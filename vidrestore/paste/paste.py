"""Writes restored crops back into the frame's own planes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image, LeftAlone, PastedFrame, Reason, Region, RestoredFrame
from vidrestore.paste.agree import Agreement, believed, doubt
from vidrestore.paste.canvas import Canvas, Patch, written
from vidrestore.paste.footprint import footprint
from vidrestore.paste.mask import dilated, face_mask, face_outline
from vidrestore.paste.match import matched_difference
from vidrestore.paste.parsing import ParsedFaces
from vidrestore.paste.sharper import SharperFaces
from vidrestore.picture.per_track import PerTrack
from vidrestore.resample import inverse

Float32 = NDArray[np.float32]
Told = TypeVar("Told", Region, LeftAlone)

_CELLS = 128  # side of the mask; it is smooth, so a finer one would say the same
_DOUBTED = 0.8  # doubt from which on the light is told by what is believed
_STEADINESS = 0.9  # of the face size that decides which of two faces is nearer
_COVERED = 0.05  # mean belief over the mask below which a face is covered


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
        feather: float = 0.1,
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
        self._agreement = Agreement() if occlusion else None
        self._parsed = parsed
        self._sharper = SharperFaces() if keep_sharp else None
        self._nearness: PerTrack[float] = PerTrack()

    def push(self, item: RestoredFrame, /) -> Iterable[PastedFrame]:
        """The frame with its faces."""
        aligned = item.aligned
        frame = aligned.frame
        if self._strength <= 0:
            off = (LeftAlone(face.track_id, Reason.OFF) for face in aligned.faces)
            yield PastedFrame(frame, aligned.shot_start, (), _by_id((*aligned.left, *off)))
            return
        # A frame without faces goes through all of it: what is known of its tracks ends there.
        order = self._far_to_near(item)
        shown = 1.0 - frame.mixed
        strengths = self._sharper.strengths(item) if self._sharper else [1.0] * len(order)
        strengths = [strength * shown for strength in strengths]
        masks = self._parsed.masks(item) if self._parsed else [None] * len(order)
        if self._agreement is not None:
            self._agreement.begin(shot_start=aligned.shot_start)
        canvas = Canvas(frame, self._strength)
        regions, left = [], list(aligned.left)
        for index in order:
            patch = self._patch(item, index, strengths[index], masks[index])
            if patch is not None:
                canvas.write(patch)  # one that is left alone still covers what lies behind
            reason = _reason(patch, strengths[index], mixed=shown <= 0)
            if patch is not None and reason is None:
                regions.append(patch.region)
            elif reason is not None:
                left.append(LeftAlone(aligned.faces[index].track_id, reason))
        yield PastedFrame(canvas.frame(), aligned.shot_start, _by_id(regions), _by_id(left))

    def flush(self) -> Iterable[PastedFrame]:
        """Nothing is ever held."""
        return ()

    def _far_to_near(self, item: RestoredFrame) -> list[int]:
        """Indices of the faces, the farthest first; sizes are averaged over time."""
        faces = item.aligned.faces
        self._nearness.advance(shot_start=item.aligned.shot_start)
        nearness = []
        for face, matrix in zip(faces, item.aligned.crops.crop_from_frame, strict=True):
            size = -math.log(math.hypot(matrix[0, 0], matrix[1, 0]))
            before = self._nearness.get(face.track_id)
            if before is not None:
                size = _STEADINESS * before + (1 - _STEADINESS) * size
            self._nearness[face.track_id] = size
            nearness.append(size)
        # Of equally near faces the older covers the younger, always.
        return sorted(range(len(faces)), key=lambda i: (nearness[i], -faces[i].track_id))

    def _patch(
        self, item: RestoredFrame, index: int, strength: float, parsed: Float32 | None
    ) -> Patch | None:
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
            mask *= _resized(parsed, mask)
        reached = footprint(
            mask, crop_from_frame, outline, frame.format, size=size, track_id=face.track_id
        )
        if reached is None:
            return None
        difference, belief = self._difference(item, index, mask)
        if belief < _COVERED:
            belief = 0.0
        difference *= np.float32(strength if belief else 0.0)
        original = item.aligned.original
        if belief and original is not None:
            # What film did is undone in full, however much of the network's result is asked for.
            mended = _mended(crops.pixels[index], original[index])
            difference += mended * np.float32(strength / float(self._strength))
        region, weights = reached
        region = replace(region, share=belief * strength * float(self._strength))
        return Patch(region, weights, inverse(crop_from_frame), written(difference, frame))

    def _difference(self, item: RestoredFrame, index: int, mask: Float32) -> tuple[Float32, float]:
        """What is added to the source's RGB, and how far that is believed.

        Returns:
            (S, S, 3) differences, levels of 0..255, and the mean belief over the mask, 0..1.
        """
        source, restored = item.aligned.crops.pixels[index], item.pixels[index]
        calm = None if item.aligned.calm is None else item.aligned.calm.light[index]

        def matched(where: Float32) -> Float32:
            return matched_difference(source, restored, where, match=self._colour, calm=calm)

        difference = matched(mask)
        if self._agreement is None:
            return difference, 1.0
        seen = doubt(source, difference, mask)
        if seen.lasting.max() > _DOUBTED:  # what covers the face must not tell its light
            difference = matched(mask * _resized(believed(seen.lasting), mask))
            seen = doubt(source, difference, mask)
        weights = self._agreement.weights(item.aligned.faces[index].track_id, seen)
        difference *= _resized(weights, difference)[..., None]
        inside = _resized(mask, weights)
        return difference, float((weights * inside).sum() / max(float(inside.sum()), 1e-6))


def _mended(crop: Image, original: Image) -> Float32:
    """(S, S, 3) what was done to a crop before it was restored, levels of 0..255."""
    unit = np.float32(1.0 if crop.dtype == np.uint8 else 1 / 257)
    return (crop.astype(np.float32) - original) * unit


def _reason(patch: Patch | None, strength: float, *, mixed: bool) -> Reason | None:
    """Why a face is left alone; None if it is not."""
    if patch is None:
        return Reason.OUTSIDE
    if mixed:
        return Reason.MIXED
    if strength <= 0:
        return Reason.SHARP
    return None if patch.region.share > 0 else Reason.COVERED


def _by_id(faces: Iterable[Told]) -> tuple[Told, ...]:
    return tuple(sorted(faces, key=lambda face: face.track_id))


def _resized(weights: Float32, like: Float32) -> Float32:
    """Of the same height and width as another."""
    return np.asarray(cv2.resize(weights, like.shape[1::-1]), np.float32)
