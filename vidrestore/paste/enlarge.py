"""Brings restored crops to a frame of another size, so that faces gain from the larger picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from vidrestore.datatypes import BlendedFrame, Frame, Matrix, Points
from vidrestore.picture.resample import compose


class Enlarge:
    """Replaces each frame by its scaled one; a ``Stage[BlendedFrame, BlendedFrame]``.

    Crops stay as they were cut from the source and restored; only their place changes. The faces'
    landmarks move to the new frame's pixels.

    Args:
        scale: gives the frame at the new size, the same for all.
    """

    latency: Final = 0
    memory: Final = 0

    def __init__(self, scale: Callable[[Frame], Frame]) -> None:
        self._scale = scale

    def push(self, item: BlendedFrame, /) -> Iterable[BlendedFrame]:
        """The frame at its new size, with the crops of the old one."""
        aligned = item.aligned
        frame = self._scale(aligned.frame)
        old, new = aligned.frame.format, frame.format
        ratio = np.array([new.width / old.width, new.height / old.height])
        faces = tuple(
            replace(face, landmarks=_moved(face.landmarks, ratio)) for face in aligned.faces
        )
        old_from_new: Matrix = np.column_stack([np.diag(1 / ratio), 0.5 / ratio - 0.5])
        matrices = np.empty_like(aligned.crops.crop_from_frame)
        for index, crop_from_old in enumerate(aligned.crops.crop_from_frame):
            matrices[index] = compose(crop_from_old, old_from_new)
        crops = replace(aligned.crops, crop_from_frame=matrices)
        yield replace(item, aligned=replace(aligned, frame=frame, faces=faces, crops=crops))

    def flush(self) -> Iterable[BlendedFrame]:
        """Nothing is ever held."""
        return ()


def _moved(points: Points, ratio: Points) -> Points:
    moved: Points = (points + 0.5) * ratio - 0.5
    return moved
