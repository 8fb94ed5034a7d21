"""The upright crops in which everything is judged: GPEN's framing, at about the face's own size."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.against_filters.media import Floats, Pictures
from vidrestore.picture.similarity import similarity
from vidrestore.picture.template import template

_LEAST, _MOST = 64, 512


def side_of(landmarks: Floats) -> int:
    """Side of the crops whose pixels are as large as the frames', on average over time; even."""
    at_512 = similarity(landmarks, template("gpen", 512))
    scale = float(np.hypot(at_512[:, 0, 0], at_512[:, 1, 0]).mean())
    return int(np.clip(round(256 / scale) * 2, _LEAST, _MOST))


def crops_of(pictures: Pictures, landmarks: Floats) -> Pictures:
    """(T, S, S, 3): the faces of the frames, brought upright by cubic interpolation."""
    side = side_of(landmarks)
    matrices = similarity(landmarks, template("gpen", side))
    return np.stack(
        [
            cv2.warpAffine(
                picture, matrix, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
            )
            for picture, matrix in zip(pictures, matrices, strict=True)
        ]
    ).astype(np.uint8, copy=False)
