"""What all methods of a clip are held against, and what is computed of it only once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.against_filters.media import Floats, Pictures
from vidrestore.measure import (
    IdentityEmbedder,
    eye_region,
    face_region,
    flow_field,
    mouth_region,
)
from vidrestore.picture.outline import dilated, face_outline

Mask = NDArray[np.bool_]

SPARSE = 12  # of so many frames one is looked at where that says enough
_SKIN = -0.05  # growth of a face's outline within which all is the face's
STEP = 3  # of so many steps from a frame to the next one is


@dataclass(frozen=True, eq=False)
class Region:
    """A part of the crop.

    Attributes:
        rows: of the box around it; an even number.
        columns: the same.
        mask: (h, w) what of the box belongs to it.
    """

    rows: slice
    columns: slice
    mask: Mask

    @classmethod
    def of(cls, mask: Mask) -> Region:
        """The region of a mask of the whole crop."""
        box = []
        for axis in (1, 0):
            inside = np.flatnonzero(mask.any(axis=axis))
            first, last = int(inside[0]), int(inside[-1])
            box.append(slice(first, first + max((last + 1 - first) // 2 * 2, 2)))
        return cls(box[0], box[1], mask[box[0], box[1]])

    def of_picture(self, pictures: NDArray[Any]) -> NDArray[Any]:
        """The box of (..., S, S, 3)."""
        return pictures[..., self.rows, self.columns, :]


@dataclass(frozen=True, eq=False)
class Reference:
    """A clip's truth.

    Attributes:
        truth: (T, S, S, 3) uint8 RGB crops.
        worn: (T, S, S, 3) the same of what restorers get.
        landmarks: (T, 5, 2) xy px in the crops.
        motion: (T, 2) xy px a frame, in the crop's directions: how the face moves in the frame.
        embedder: of identities.
    """

    truth: Pictures
    worn: Pictures
    landmarks: Floats
    motion: Floats
    embedder: IdentityEmbedder
    _held: dict[str, Floats] = field(default_factory=dict, repr=False)

    def held(self, name: str, make: Callable[[], Floats]) -> Floats:
        """What a measure computes of the truth, once for all methods."""
        if name not in self._held:
            self._held[name] = make()
        return self._held[name]

    @property
    def side(self) -> int:
        """S."""
        return int(self.truth.shape[1])

    @property
    def sparse(self) -> range:
        """Numbers of the frames looked at by measures that take long."""
        return range(0, len(self.truth), SPARSE)

    @cached_property
    def regions(self) -> dict[str, Region]:
        """The face ("") and its eyes (" eyes") and mouth (" mouth")."""
        side = self.side
        return {
            "": Region.of(face_region(side)),
            " eyes": Region.of(eye_region(side)),
            " mouth": Region.of(mouth_region(side)),
        }

    @property
    def face(self) -> Region:
        """Forehead to chin."""
        return self.regions[""]

    @cached_property
    def skin(self) -> Mask:
        """(T, h, w) of the face's box: what shows the face however it is turned, nothing beside."""
        found = np.zeros(self.truth.shape[:3], np.uint8)
        for mask, points in zip(found, self.landmarks, strict=True):
            outline = dilated(face_outline(points), _SKIN)
            cv2.fillConvexPoly(mask, np.round(outline).astype(np.int32), 1)
        return found[:, self.face.rows, self.face.columns].astype(bool) & self.face.mask

    @cached_property
    def steps(self) -> list[tuple[int, Floats, Mask]]:
        """Frame t, the truth's motion from it back to t - 1, and what of the face's box counts."""
        found = []
        for t in range(1, len(self.truth), STEP):
            before, now = (self.face.of_picture(self.truth[n]) for n in (t - 1, t))
            places, valid = flow_field(before, now)
            found.append((t, places, valid & self.face.mask))
        return found

    @cached_property
    def identity(self) -> NDArray[np.float32]:
        """(n, 128) embeddings of the truth's sparse frames."""
        return self.embedder.embed(self.truth[self.sparse])
