"""A closer look at what may be a face: which way up it is, and whether it is one at all.

CenterFace finds boxes of rolled faces, but with lower scores the further they are from upright, and
beyond a quarter turn its landmarks often are those of the upside-down face. Shown the same face
alone, at a size and contrast that suit the network, in four directions, it tells the upright one.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np

from vidrestore.datatypes import Face, Image
from vidrestore.detect.networks.centerface import HEAT, STRIDE
from vidrestore.detect.networks.onet import Square, crop_window
from vidrestore.picture.luma import LUMA
from vidrestore.weights.installed import CENTERFACE

# Side of the tiles, a multiple of the network's 32 px, and of the face's box in them.
TILE: Final = 96
BOX: Final = 48
# Peaks count this far from the tile's middle, in cells of the network: the face may be off by half
# its size.
REACH: Final = 6
TURNS: Final = 4
# Contrast is stretched where the middle 96 % of the luma spans less than this, 4 times at most.
SPAN: Final = 200.0
STRONGEST: Final = 4.0


class Seen(NamedTuple):
    """What a closer look says.

    Attributes:
        score: of the best direction, 0..1.
        turns: clockwise quarter turns, 0..3, from what the landmarks tell to that direction.
    """

    score: float
    turns: int


class SecondLook:
    """CenterFace on single faces in four directions; keeps no state between calls.

    Raises:
        ModelError: the weights are missing or not the expected ones.
    """

    def __init__(self) -> None:
        # A network of its own: OpenCV plans anew whenever the size of the input changes.
        self._network = cv2.dnn.readNetFromONNX(np.frombuffer(CENTERFACE.read(), np.uint8))

    def look(self, image: Image, face: Face) -> Seen:
        """Judge one face.

        Args:
            image: (h, w, 3) uint8 RGB.
            face: in its pixels; the landmarks tell the roll, but for quarter turns.
        """
        centre = (face.box[:2] + face.box[2:]) / 2
        side = float((face.box[2:] - face.box[:2]).max()) * TILE / BOX
        dx, dy = face.landmarks[1] - face.landmarks[0]
        angles = np.arctan2(dy, dx) + np.arange(TURNS) * (np.pi / 2)
        tiles = [
            stretched(crop_window(image, Square(0, centre, side, float(angle)), TILE))
            for angle in angles
        ]
        self._network.setInput(cv2.dnn.blobFromImages(tiles))
        heat = self._network.forward(HEAT)[:, 0]
        middle = TILE // STRIDE // 2
        near = slice(middle - REACH, middle + REACH)
        peaks = heat[:, near, near].reshape(TURNS, -1).max(axis=1)
        best = int(peaks.argmax())
        return Seen(float(peaks[best]), best)


def stretched(tile: Image) -> Image:
    """A dull (h, w, 3) uint8 RGB picture with more contrast; others as they are."""
    low, high = np.percentile(tile.astype(np.float32) @ LUMA, (2, 98))
    gain = min(SPAN / max(float(high - low), 1.0), STRONGEST)
    if gain <= 1:
        return tile
    black = min(float(low), 20.0)
    values = (np.arange(256) - low) * gain + black
    return np.asarray(cv2.LUT(tile, np.clip(np.rint(values), 0, 255).astype(np.uint8)))
