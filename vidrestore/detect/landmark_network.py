"""A small network that places the five landmarks of worn faces better than O-Net does.

O-Net draws blurred and noisy faces towards the mean face, by 1 to 4 % of their size and differently
for each person. This network learned from training/landmarks.py to give, for a worn picture, the
landmarks of the sharp one. It sees the face in gray, upright, at a fixed size, by landmarks that
are about right, and tells how far each is off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load
from torch import Tensor, nn

from vidrestore.datatypes import Image, Matrix, Points
from vidrestore.detect.one_thread import OneThread
from vidrestore.detect.onet import MIRRORED_ORDER
from vidrestore.detect.propagate import similarity
from vidrestore.errors import ModelError

WEIGHTS: Final = "vidrestore-landmarks.safetensors"
SHA256: Final = "bb6e1978c8bbef0abcf8a28657c47ae0328bf69df8d475d9a20388f9760469b4"

SIDE: Final = 64
# Distance of the eyes in the crop, px; the network's answers are in parts of it.
EYES: Final = 22.0
# A frontal face in the crop, xy px.
TEMPLATE: Final = np.array([(20.5, 19.0), (42.5, 19.0), (31.5, 31.5), (22.5, 44.0), (40.5, 44.0)])
# Contrast, in levels, that counts as flat: noise must not look like a face.
FLAT: Final = 4.0
# (channels, kernel, stride) of the convolutions, then the width of the layer before the answer.
LAYERS: Final = ((16, 5, 2), (32, 3, 2), (48, 3, 2), (64, 3, 1), (96, 3, 2))
WIDTH: Final = 64


class LandmarkNetwork(nn.Module):
    """Five convolutions and two linear layers.

    Args:
        normalised: whether batch normalisation follows each convolution, as in training; weights
            that ship have it folded into the convolutions.
    """

    def __init__(self, *, normalised: bool = False) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels, side = 1, SIDE
        for wide, kernel, stride in LAYERS:
            layers.append(
                nn.Conv2d(channels, wide, kernel, stride, kernel // 2, bias=not normalised)
            )
            if normalised:
                layers.append(nn.BatchNorm2d(wide))
            layers.append(nn.ReLU())
            channels, side = wide, side // stride
        self.features = nn.Sequential(*layers)
        self.drop = nn.Dropout(0.2 if normalised else 0.0)
        self.hidden = nn.Linear(channels * side * side, WIDTH)
        self.answer = nn.Linear(WIDTH, 10)

    def forward(self, crops: Tensor) -> Tensor:
        """(N, 5, 2) from the template to the landmarks, in distances of the eyes.

        Args:
            crops: (N, SIDE, SIDE) gray, 0..255.
        """
        spread, mean = torch.std_mean(crops, (1, 2), keepdim=True)
        x = self.features(((crops - mean) / (spread + FLAT))[:, None])
        x = torch.relu(self.hidden(self.drop(x.flatten(1))))
        offsets: Tensor = self.answer(x).reshape(-1, 5, 2)
        return offsets


class LandmarkPlacer:
    """Places landmarks anew where they are about right already; keeps no state.

    Raises:
        ModelError: the weights are missing or not those that came with this version.
    """

    def __init__(self) -> None:
        self._network = LandmarkNetwork().eval().requires_grad_(requires_grad=False)
        self._network.load_state_dict({k: v.float() for k, v in load(_weights()).items()})
        self._thread = OneThread()

    def place(self, images: Sequence[Image], about: Sequence[Points]) -> list[Points]:
        """(5, 2) xy px for each face.

        Args:
            images: (h, w, 3) uint8 RGB, the picture of each face.
            about: (5, 2) xy px, where its landmarks are thought to be.
        """
        if not about:
            return []
        matrices = [crop_from_image(points) for points in about]
        crops = np.stack(
            [gray_crop(image, matrix, SIDE) for image, matrix in zip(images, matrices, strict=True)]
        )
        placed = TEMPLATE + EYES * self._thread.run(self._answers, torch.from_numpy(crops))
        return [
            (points - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
            for points, matrix in zip(placed, matrices, strict=True)
        ]

    def _answers(self, crops: Tensor) -> NDArray[np.float64]:
        """The mean over the face and its mirror image, which cancels a bias to one side."""
        with torch.inference_mode():
            both = self._network(torch.cat([crops, crops.flip(2)]).float())
        plain, mirrored = both.double().chunk(2)
        swapped = mirrored[:, MIRRORED_ORDER] * torch.tensor([-1.0, 1.0])
        result: NDArray[np.float64] = ((plain + swapped) / 2).numpy()
        return result


def crop_from_image(landmarks: Points) -> Matrix:
    """(2, 3) similarity that brings landmarks closest to the template."""
    return similarity(landmarks, TEMPLATE, rounds=1)


def gray_crop(image: Image, matrix: Matrix, side: int) -> NDArray[np.uint8]:
    """(side, side) uint8 of a picture; averaged where it shrinks, the edge repeated outside.

    Args:
        image: (h, w, 3) uint8 RGB.
        matrix: (2, 3) crop_from_image.
        side: of the crop, px.
    """
    finer = max(1, int(np.ceil(0.5 / np.hypot(matrix[0, 0], matrix[1, 0]))))
    fine = finer * matrix
    fine[:, 2] += (finer - 1) / 2
    crop = cv2.warpAffine(
        image, fine, (side * finer,) * 2, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    gray = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    if finer > 1:
        gray = cv2.resize(gray, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(gray, np.uint8)


def _weights() -> bytes:
    file = files("vidrestore") / "weights" / WEIGHTS
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read {file} ({error.strerror}): reinstall vidrestore") from None
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise ModelError(
            f"{file} is not the file that came with this version (SHA-256 {found[:12]}..., "
            f"expected {SHA256[:12]}...): reinstall vidrestore"
        )
    return content
