"""O-Net, the last stage of MTCNN (Zhang et al., arXiv 1604.02878), as a landmark refiner.

The weights are those that the facenet-pytorch package carries (MIT). The network was converted
from column-major code: its last feature map is read out as (width, height, channels).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from vidrestore.datatypes import Image, Points
from vidrestore.detect.networks.boxes import Floats
from vidrestore.detect.networks.one_thread import OneThread
from vidrestore.weights.installed import ONET

SIDE = 48
# A mirrored face's left eye is its right one, and so on.
MIRRORED_ORDER = (1, 0, 2, 4, 3)


class ONet(nn.Module):
    """The network; module names are those of the weight file."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3)
        self.prelu1 = nn.PReLU(32)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.prelu2 = nn.PReLU(64)
        self.conv3 = nn.Conv2d(64, 64, 3)
        self.prelu3 = nn.PReLU(64)
        self.conv4 = nn.Conv2d(64, 128, 2)
        self.prelu4 = nn.PReLU(128)
        self.dense5 = nn.Linear(1152, 256)
        self.prelu5 = nn.PReLU(256)
        self.dense6_1 = nn.Linear(256, 2)
        self.dense6_2 = nn.Linear(256, 4)
        self.dense6_3 = nn.Linear(256, 10)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Face probability (N,), box corrections (N, 4) and landmarks (N, 10), in crop sides.

        Args:
            crops: (N, 3, 48, 48) RGB, (value - 127.5) / 128.
        """
        pool = functional.max_pool2d
        x = pool(self.prelu1(self.conv1(crops)), 3, 2, ceil_mode=True)
        x = pool(self.prelu2(self.conv2(x)), 3, 2, ceil_mode=True)
        x = pool(self.prelu3(self.conv3(x)), 2, 2, ceil_mode=True)
        x = self.prelu4(self.conv4(x))
        x = self.prelu5(self.dense5(x.permute(0, 3, 2, 1).flatten(1)))
        return self.dense6_1(x).softmax(1)[:, 1], self.dense6_2(x), self.dense6_3(x)


@dataclass(frozen=True, slots=True, eq=False)
class Square:
    """A square window on a picture, possibly turned.

    Attributes:
        image: index of the picture.
        centre: (2,) xy px.
        side: px.
        angle: radians; the window's x axis points along (cos, sin) in the picture.
    """

    image: int
    centre: Points
    side: float
    angle: float

    def image_from_crop(self, side: int = SIDE) -> Floats:
        """(2, 3): maps the xy of a crop of ``side`` px to the picture's."""
        scale = self.side / side
        turn = scale * np.array(
            [
                [np.cos(self.angle), -np.sin(self.angle)],
                [np.sin(self.angle), np.cos(self.angle)],
            ]
        )
        middle = np.full(2, (side - 1) / 2)
        matrix: Floats = np.column_stack([turn, self.centre - turn @ middle])
        return matrix


@dataclass(frozen=True, slots=True, eq=False)
class Refined:
    """What O-Net says about one window.

    Attributes:
        landmarks: (5, 2) xy px in the picture.
        centre: (2,) xy px, of the corrected box.
        side: px, of the corrected box's longer side.
        score: face probability, 0..1.
    """

    landmarks: Points
    centre: Points
    side: float
    score: float

    def angle(self) -> float:
        """Direction from the left eye to the right one, radians."""
        dx, dy = self.landmarks[1] - self.landmarks[0]
        return float(np.arctan2(dy, dx))


class LandmarkRefiner:
    """Finds five landmarks inside given face boxes, all boxes as one batch.

    Two passes: the first corrects box and angle; the second sees the face upright and is averaged
    with its own mirror image, which cancels the network's left-right bias.

    Raises:
        ModelError: the weights are missing or not the expected ones.
    """

    def __init__(self) -> None:
        state = torch.load(io.BytesIO(ONET.read()), map_location="cpu", weights_only=True)
        self._network = ONet().eval().requires_grad_(requires_grad=False)
        self._network.load_state_dict(state)
        self._thread = OneThread()

    def refine(
        self, images: Sequence[Image], windows: Sequence[Square]
    ) -> list[tuple[Refined, Refined]]:
        """First and second look at each window.

        Args:
            images: (h, w, 3) uint8 RGB each.
            windows: where the faces are thought to be.
        """
        if not windows:
            return []
        first = self._look(images, windows, mirror=False)
        upright = [
            Square(window.image, seen.centre, seen.side, seen.angle())
            for window, seen in zip(windows, first, strict=True)
        ]
        return list(zip(first, self._look(images, upright, mirror=True), strict=True))

    def _look(
        self, images: Sequence[Image], windows: Sequence[Square], *, mirror: bool
    ) -> list[Refined]:
        crops = np.stack([crop_window(images[window.image], window) for window in windows])
        count = len(crops)
        if mirror:
            crops = np.concatenate([crops, crops[:, :, ::-1]])
        batch = torch.from_numpy(np.ascontiguousarray(crops.transpose(0, 3, 1, 2)))
        scores, boxes, points = self._thread.run(self._answers, batch)
        # Five x, then five y; the network measures from the crop's corner.
        landmarks = points.reshape(-1, 2, 5).transpose(0, 2, 1) * SIDE - 0.5
        if mirror:
            swapped = landmarks[count:, MIRRORED_ORDER, :] * (-1, 1) + (SIDE - 1, 0)
            landmarks = (landmarks[:count] + swapped) / 2
            scores = (scores[:count] + scores[count:]) / 2
        return [
            _in_picture(window, landmarks[i], boxes[i], float(scores[i]))
            for i, window in enumerate(windows)
        ]

    def _answers(self, crops: Tensor) -> tuple[Floats, Floats, Floats]:
        with torch.inference_mode():
            scores, boxes, points = self._network(crops.float().sub_(127.5).div_(128))
        return _numpy(scores), _numpy(boxes), _numpy(points)


def _numpy(values: Tensor) -> Floats:
    result: Floats = values.numpy().astype(np.float64)
    return result


def _in_picture(window: Square, landmarks: Points, correction: Floats, score: float) -> Refined:
    matrix = window.image_from_crop()
    box = correction * SIDE + (0, 0, SIDE, SIDE)
    centre = (box[:2] + box[2:]) / 2 - 0.5
    side = float(np.clip((box[2:] - box[:2]).max() / SIDE, 0.5, 2.0)) * window.side
    return Refined(
        landmarks @ matrix[:, :2].T + matrix[:, 2],
        matrix[:, :2] @ centre + matrix[:, 2],
        side,
        score,
    )


def crop_window(image: Image, window: Square, size: int = SIDE) -> NDArray[np.uint8]:
    """The window as (size, size, 3) uint8; averaged where it shrinks, black outside the picture."""
    matrix = window.image_from_crop(size)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    # Linear interpolation of a picture more than twice as fine would alias.
    oversample = int(np.ceil(window.side / size / 2))
    if oversample > 1:
        matrix[:, 2] += matrix[:, :2] @ np.full(2, (1 / oversample - 1) / 2)
        matrix[:, :2] /= oversample
    side = size * max(oversample, 1)
    crop = cv2.warpAffine(image, matrix, (side, side), flags=flags)
    if oversample > 1:
        crop = cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(crop, np.uint8)
