"""Detection in videos that are stored lying on their side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vidrestore.datatypes import Face, Image, Points
from vidrestore.stages import Detector


class TurnedDetector:
    """Shows another detector upright pictures; a ``Detector``.

    Phones store what they see and say how to turn it for display. Detectors know upright faces
    only, so pictures are turned before detection and what was found is turned back. Landmarks keep
    their order: the left eye is the left one in the upright picture.

    Args:
        detector: finds upright faces.
        quarter_turns: counter-clockwise quarter turns that bring a picture upright.
    """

    def __init__(self, detector: Detector, quarter_turns: int) -> None:
        self._detector = detector
        self._turns = quarter_turns % 4

    def detect(self, images: Sequence[Image], /) -> list[tuple[Face, ...]]:
        """Faces of each (h, w, 3) uint8 RGB image, in that image's pixels as it was given."""
        upright = [np.ascontiguousarray(np.rot90(image, self._turns)) for image in images]
        found = self._detector.detect(upright)
        return [
            tuple(self._turned_back(face, image.shape[1], image.shape[0]) for face in faces)
            for image, faces in zip(images, found, strict=True)
        ]

    def _turned_back(self, face: Face, width: int, height: int) -> Face:
        corners = self._points(face.box.reshape(2, 2), width, height)
        box = np.concatenate([corners.min(axis=0), corners.max(axis=0)])
        return Face(box, self._points(face.landmarks, width, height), face.score)

    def _points(self, points: Points, width: int, height: int) -> Points:
        x, y = points.T
        back = {
            0: (x, y),
            1: (width - 1 - y, x),
            2: (width - 1 - x, height - 1 - y),
            3: (y, height - 1 - x),
        }
        return np.stack(back[self._turns], axis=1)
