"""A network that places the five landmarks of worn faces better than O-Net does.

O-Net draws blurred and noisy faces towards the mean face, by 1 to 4 % of their size and differently
for each person, and hardly follows a mouth that speaks. This network learned from
training/landmarks.py to give, for a worn picture, the landmarks of the sharp one. It sees the face
in gray, upright, at a fixed size, by landmarks that are about right, and tells how far each is off
and how far it may be wrong.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load
from torch import Tensor, nn

from vidrestore.detect.networks.one_thread import OneThread
from vidrestore.detect.networks.onet import MIRRORED_ORDER
from vidrestore.weights.installed import LANDMARKS

SIDE: Final = 64
# Distance of the eyes in the crop, px; the network's answers are in parts of it.
EYES: Final = 22.0
# A frontal face in the crop, xy px.
TEMPLATE: Final = np.array([(20.5, 19.0), (42.5, 19.0), (31.5, 31.5), (22.5, 44.0), (40.5, 44.0)])
# Contrast, in levels, that counts as flat: noise must not look like a face.
FLAT: Final = 4.0
# (channels, kernel, stride, residual blocks that follow) of the convolutions, then the width of the
# layer before the answer.
LAYERS: Final = ((24, 5, 2, 0), (48, 3, 2, 1), (96, 3, 2, 1), (128, 3, 2, 0))
WIDTH: Final = 128


class Convolution(nn.Module):
    """A convolution that keeps the middle where it is.

    Args:
        channels: in.
        wide: channels out.
        kernel: side, odd.
        stride: between its places.
        normalised: whether batch normalisation follows (and no bias is added).
    """

    def __init__(
        self, channels: int, wide: int, kernel: int, stride: int = 1, *, normalised: bool
    ) -> None:
        super().__init__()
        self.kernel = nn.Conv2d(channels, wide, kernel, stride, kernel // 2, bias=not normalised)
        self.norm = nn.BatchNorm2d(wide) if normalised else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, h, w) to (N, wide, h / stride, w / stride)."""
        result: Tensor = self.norm(self.kernel(x))
        return result


class Residual(nn.Module):
    """Two convolutions and a way past them (He et al., CVPR 2016)."""

    def __init__(self, channels: int, *, normalised: bool) -> None:
        super().__init__()
        self.first = Convolution(channels, channels, 3, normalised=normalised)
        self.second = Convolution(channels, channels, 3, normalised=normalised)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, h, w) to the same."""
        return torch.relu(x + self.second(torch.relu(self.first(x))))


class LandmarkNetwork(nn.Module):
    """Convolutions that halve the picture four times, and two linear layers.

    Args:
        normalised: whether batch normalisation follows each convolution, as in training; weights
            that ship have it folded into the convolutions.
    """

    def __init__(self, *, normalised: bool = False) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels, side = 1, SIDE
        for wide, kernel, stride, blocks in LAYERS:
            layers.append(Convolution(channels, wide, kernel, stride, normalised=normalised))
            layers.append(nn.ReLU())
            layers += [Residual(wide, normalised=normalised) for _ in range(blocks)]
            channels, side = wide, side // stride
        self.features = nn.Sequential(*layers)
        self.drop = nn.Dropout(0.2 if normalised else 0.0)
        self.hidden = nn.Linear(channels * side * side, WIDTH)
        self.answer = nn.Linear(WIDTH, 15)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """How far landmarks are from the template, and how far that may be wrong.

        Args:
            crops: (N, SIDE, SIDE) gray, 0..255.

        Returns:
            (N, 5, 2) offsets and (N, 5) natural logarithms of the expected error, both in distances
            of the eyes.
        """
        spread, mean = torch.std_mean(crops, (1, 2), keepdim=True)
        x = self.features(((crops - mean) / (spread + FLAT))[:, None])
        answer = self.answer(torch.relu(self.hidden(self.drop(x.flatten(1)))))
        return answer[:, :10].reshape(-1, 5, 2), answer[:, 10:]


class Placed(NamedTuple):
    """What the network says of N crops.

    Attributes:
        landmarks: (N, 5, 2) xy px of the crop.
        error: (N, 5) expected distance from the truth, px of the crop.
    """

    landmarks: NDArray[np.float64]
    error: NDArray[np.float64]


class LandmarkPlacer:
    """Places landmarks anew where they are about right already; keeps no state.

    Raises:
        ModelError: the weights are missing or not those that came with this version.
    """

    def __init__(self) -> None:
        self._network = LandmarkNetwork().eval().requires_grad_(requires_grad=False)
        self._network.load_state_dict({k: v.float() for k, v in load(LANDMARKS.read()).items()})
        self._thread = OneThread()

    def place(self, crops: NDArray[np.uint8]) -> Placed:
        """Landmarks of (N, SIDE, SIDE) gray crops that are aligned to ``TEMPLATE``."""
        return self._thread.run(self._answers, torch.from_numpy(crops))

    def _answers(self, crops: Tensor) -> Placed:
        """The mean over the face and its mirror image, which cancels a bias to one side."""
        with torch.inference_mode():
            offsets, doubt = self._network(torch.cat([crops, crops.flip(2)]).float())
        plain, mirrored = offsets.double().numpy().reshape(2, -1, 5, 2)
        both = (plain + mirrored[:, MIRRORED_ORDER] * (-1.0, 1.0)) / 2
        wrong, mirrored_wrong = doubt.double().exp().numpy().reshape(2, -1, 5)
        error = (wrong + mirrored_wrong[:, MIRRORED_ORDER]) / 2
        return Placed(TEMPLATE + EYES * both, EYES * error)
