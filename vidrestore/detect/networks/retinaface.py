"""facexlib's RetinaFace (Deng et al., CVPR 2020) as a detector, for who has its weights.

facexlib brings the networks; finding, reading and decoding are done here, so nothing is downloaded
and no pickle is executed.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from vidrestore.datatypes import Face, Image
from vidrestore.detect.networks.boxes import Floats, suppress
from vidrestore.errors import ModelError
from vidrestore.runtime.torchvision_import import import_with_torchvision
from vidrestore.weights.state import read_state

OVERLAP_LIMIT = 0.4
# Means that the networks were trained with, in the order of their input: blue, green, red.
MEAN_BGR = (104.0, 117.0, 123.0)
# Two boxes of these sides (px) around each cell of the feature maps of these strides.
ANCHORS = ((8, (16, 32)), (16, (64, 128)), (32, (256, 512)))
CENTRE_VARIANCE, SIZE_VARIANCE = 0.1, 0.2


@dataclass(frozen=True, slots=True)
class Variant:
    """One published RetinaFace.

    Attributes:
        network: facexlib's name of it.
        file: the published weight file.
        proof: a key that its state dict has and the others' have not.
    """

    network: str
    file: str
    proof: str


VARIANTS = {
    "retinaface-resnet50": Variant(
        "resnet50", "detection_Resnet50_Final.pth", "body.layer1.0.conv1.weight"
    ),
    "retinaface-mobile0.25": Variant(
        "mobile0.25", "detection_mobilenet0.25_Final.pth", "body.stage1.0.0.weight"
    ),
}


class RetinaFaceDetector:
    """Finds faces with RetinaFace; a ``Detector``.

    The networks' coordinates count from the picture's corner: half a pixel is taken off.

    Args:
        network: facexlib's network on ``device``, with its weights, in evaluation mode.
        score_threshold: faces with at least this score, 0..1, are given.
        device: where the network is.
    """

    def __init__(self, network: nn.Module, score_threshold: float, device: str) -> None:
        self._network = network
        self._threshold = score_threshold
        self._device = torch.device(device)
        self._mean = torch.tensor(MEAN_BGR, device=self._device).view(1, 3, 1, 1)

    def detect(self, images: Sequence[Image], /) -> list[tuple[Face, ...]]:
        """Faces of each (h, w, 3) uint8 RGB image, best first, in that image's pixels."""
        return [self._detect_one(image) for image in images]

    def _detect_one(self, image: Image) -> tuple[Face, ...]:
        bgr = np.ascontiguousarray(image[..., ::-1].transpose(2, 0, 1))
        batch = torch.from_numpy(bgr).to(self._device).unsqueeze(0).float() - self._mean
        with torch.inference_mode():
            moves, classes, points = self._network(batch)
        scores = _numpy(classes)[:, 1]
        chosen = np.flatnonzero(scores >= self._threshold)
        if not chosen.size:
            return ()
        boxes, landmarks = decode(
            anchors(image.shape[1], image.shape[0])[chosen],
            _numpy(moves)[chosen],
            _numpy(points)[chosen],
        )
        scores = scores[chosen]
        return tuple(
            Face(boxes[i].copy(), landmarks[i].copy(), float(np.clip(scores[i], 0, 1)))
            for i in suppress(boxes, scores, OVERLAP_LIMIT)
        )


def retinaface(
    name: str, weights: str | Path | None, score_threshold: float, device: str
) -> RetinaFaceDetector:
    """RetinaFace from a weight file that the user names.

    Args:
        name: "retinaface-resnet50" or "retinaface-mobile0.25".
        weights: facexlib's .pth, or the same tensors as .safetensors.
        score_threshold: faces with at least this score, 0..1, are given.
        device: as torch names it.

    Raises:
        ModelError: no file is named, or it is missing, refused or of another network; or facexlib
            cannot be imported.
    """
    variant = VARIANTS[name]
    if weights is None:
        raise ModelError(
            f"the detector {name} needs its weight file: name it with detect.weights "
            f"(facexlib's release v0.1.0 has it as {variant.file})"
        )
    state = read_state(Path(weights), "detect.weights")
    if variant.proof not in state:
        others = [other for other, it in VARIANTS.items() if it.proof in state]
        found = f"it is of {others[0]}" if others else "it is no RetinaFace state dict"
        raise ModelError(f"{weights} does not fit the detector {name}: {found}")
    network = build_network(variant.network, device)
    try:
        network.load_state_dict(dict(state))
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise ModelError(f"{weights} does not fit the detector {name}: {reason}") from None
    return RetinaFaceDetector(network, score_threshold, device)


def build_network(network: str, device: str) -> nn.Module:
    """RetinaFace of facexlib with random weights, in evaluation mode.

    Args:
        network: "resnet50" or "mobile0.25".
        device: as torch names it.

    Raises:
        ModelError: facexlib or torchvision cannot be imported.
    """
    module = import_with_torchvision("facexlib.detection.retinaface")
    with warnings.catch_warnings():
        # facexlib still calls torchvision's resnet50 by its older signature.
        warnings.simplefilter("ignore", UserWarning)
        built: nn.Module = module.RetinaFace(network, device=torch.device(device))
    return built.eval().requires_grad_(requires_grad=False)


def anchors(width: int, height: int) -> Floats:
    """(N, 4) boxes as centre and side (x, y, side, side), px from the picture's corner."""
    levels = []
    for stride, sides in ANCHORS:
        rows, columns = -(-height // stride), -(-width // stride)
        y, x, side = np.meshgrid(
            (np.arange(rows) + 0.5) * stride,
            (np.arange(columns) + 0.5) * stride,
            np.array(sides, np.float64),
            indexing="ij",
        )
        levels.append(np.stack([x, y, side, side], axis=-1).reshape(-1, 4))
    return np.concatenate(levels)


def decode(boxes: Floats, moves: Floats, points: Floats) -> tuple[Floats, Floats]:
    """What the network says about some anchors.

    Args:
        boxes: (N, 4), of ``anchors``.
        moves: (N, 4), change of the centre and logarithm of that of the size.
        points: (N, 10), x and y of each landmark.

    Returns:
        (N, 4) xyxy and (N, 5, 2) xy, px, integer coordinates being pixel centres.
    """
    centre = boxes[:, :2] + moves[:, :2] * CENTRE_VARIANCE * boxes[:, 2:] - 0.5
    half = boxes[:, 2:] * np.exp(moves[:, 2:] * SIZE_VARIANCE) / 2
    offsets = points.reshape(-1, 5, 2) * CENTRE_VARIANCE * boxes[:, None, 2:]
    landmarks: Floats = boxes[:, None, :2] + offsets - 0.5
    return np.concatenate([centre - half, centre + half], axis=1), landmarks


def _numpy(values: Tensor) -> Floats:
    result: Floats = values[0].cpu().numpy().astype(np.float64)
    return result
