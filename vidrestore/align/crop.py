"""Cuts upright square crops of faces straight out of a frame's planes.

Convention: ``crop_from_frame`` (2, 3) maps frame xy to crop xy, pixel centres at integers in both.
Each plane is resampled once, from its own grid to the crop's (the chroma's place by
``chroma_location``), and only the crop's pixels are converted to RGB.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import numpy as np

from vidrestore.align.hold import HeldCrops
from vidrestore.align.size_gate import SizeGate
from vidrestore.datatypes import (
    AlignedFrame,
    CropBatch,
    Frame,
    Image,
    LeftAlone,
    Matrix,
    Reason,
    TrackedFrame,
)
from vidrestore.picture.colour import chroma_from_luma, to_rgb
from vidrestore.picture.resample import compose, inverse, resample
from vidrestore.picture.similarity import similarity
from vidrestore.picture.template import template

_DOUBLED = np.array([[2.0, 0.0, 0.5], [0.0, 2.0, 0.5]])  # to a crop of twice the side
FINER: Final = 0.9
"""Crop px per frame px, up to which a crop is cut at twice the side."""


def crop_face(frame: Frame, crop_from_frame: Matrix, size: int) -> Image:
    """An upright RGB crop of a frame.

    Reducing averages over the area of a crop pixel (no aliasing), enlarging is bicubic. Beyond the
    frame's edges the picture is mirrored, as it was where the networks were trained.

    Args:
        frame: the frame; only the planes of colour are read.
        crop_from_frame: (2, 3), a similarity.
        size: S.

    Returns:
        (S, S, 3) RGB, uint8 for sources of 8 bits, else uint16 on the full 16-bit scale.
    """
    fmt = frame.format
    colour_planes = 1 if fmt.layout == "gray" else 3
    from_crop = inverse(crop_from_frame)
    samples = []
    for index in range(colour_planes):
        plane_from_crop = from_crop
        if index and fmt.layout == "yuv":
            plane_from_crop = compose(chroma_from_luma(fmt), from_crop)
        samples.append(
            resample(frame.planes[index], plane_from_crop, (0, 0, size, size), mirror=True)
        )
    rgb = to_rgb(samples, fmt)
    if fmt.bits > 8:
        rgb *= 257.0
    top = 255.0 if fmt.bits == 8 else 65535.0
    np.rint(rgb, out=rgb)
    np.clip(rgb, 0.0, top, out=rgb)
    return rgb.astype(np.uint8 if fmt.bits == 8 else np.uint16)


class Align:
    """Gives every face of a frame its crop.

    A ``Stage[TrackedFrame, AlignedFrame]``. Faces whose landmarks were only predicted ("coasting")
    and faces lower than ``min_face`` get none and are listed as left alone. One that was higher may
    shrink to a tenth below it, so that none comes and goes at the limit.

    Args:
        size: S, the side of the crops the restorer takes.
        template_name: name of the restorer's template, see ``TEMPLATES``.
        min_face: least height from eyes to chin, px in the frame.
        slack: how far a face may be from its place in the crop, in parts of the side; 0 makes crops
            follow at once.
        finest: a face that has more pixels of its own than a crop of S gets one of 2 S, if that is
            not above this: what is finer would be left noisy.
    """

    latency: Final = 0
    memory: Final[int | None] = None

    def __init__(
        self,
        size: int,
        template_name: str,
        *,
        min_face: float,
        slack: float,
        finest: int,
    ) -> None:
        self._size = size
        self._finest = finest
        self._held = HeldCrops(size, slack)
        self._template = template(template_name, size)
        self._gate = SizeGate(min_face)

    def push(self, item: TrackedFrame, /) -> Iterable[AlignedFrame]:
        """The same frame with crops."""
        large = self._gate.passing(item.faces, shot_start=item.shot_start)
        faces = tuple(face for face in large if face.state != "coasting")
        matrices = np.empty((len(faces), 2, 3), np.float64)
        pixels = []
        wanted: dict[int, Matrix] = {}
        if faces:
            found = similarity(np.stack([face.landmarks for face in faces]), self._template)
            wanted = {face.track_id: m for face, m in zip(faces, found, strict=True)}
        held = self._held.hold(wanted, shot_start=item.shot_start)
        for index, face in enumerate(faces):
            matrices[index], size = self._at_own_size(held[face.track_id])
            pixels.append(crop_face(item.frame, matrices[index], size))
        keys = tuple((item.frame.index, face.track_id) for face in faces)
        crops = CropBatch(pixels, matrices, keys)
        kept = {face.track_id for face in faces}
        left = tuple(
            LeftAlone(f.track_id, Reason.UNSEEN if f.state == "coasting" else Reason.SMALL)
            for f in item.faces
            if f.track_id not in kept
        )
        yield AlignedFrame(item.frame, item.shot_start, faces, crops, left=left)

    def _at_own_size(self, crop_from_frame: Matrix) -> tuple[Matrix, int]:
        """The crop's matrix and side, doubled where the frame holds clearly more than it."""
        pixel = math.hypot(crop_from_frame[0, 0], crop_from_frame[1, 0])
        if pixel > FINER or 2 * self._size > self._finest:
            return crop_from_frame, self._size
        return compose(_DOUBLED, crop_from_frame), 2 * self._size

    def flush(self) -> Iterable[AlignedFrame]:
        """Nothing is ever held."""
        return ()
