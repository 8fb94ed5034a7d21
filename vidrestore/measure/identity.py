"""Whether a restored face is still the same person.

The embedder is dlib's face recognition network: its weights (CC0) lie inside the wheel of
face-recognition-models, are found through importlib.metadata, checked by their SHA-256, and run in
plain torch. It judges; it must never be part of a training loss.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vidrestore.measure.levels import levels
from vidrestore.picture.similarity import similarity
from vidrestore.picture.template import ARCFACE
from vidrestore.weights.installed import IDENTITY

if TYPE_CHECKING:
    from vidrestore.measure.dlib_network import DlibNetwork

Embedding = NDArray[np.float32]

# Where the network expects eyes, nose and mouth corners in its 150 px input.
_TEMPLATE = np.array(
    [(47.11, 45.32), (101.13, 44.86), (72.53, 78.86), (48.08, 101.39), (101.47, 100.98)]
)
# The landmarks of GPEN's aligned crop: ArcFace's five points in a square of 168, of which 36 px on
# the left and 28 px above are margin.
_ALIGNED_SIDE = 168.0
_ALIGNED = ARCFACE + np.array([36.0, 28.0])
_BATCH = 16


class IdentityEmbedder:
    """Turns aligned faces into points; those of one person lie close together.

    Weights load at the first call, which takes a fraction of a second; the object can be shared
    between threads after that.
    """

    def embed(self, crops: NDArray[Any], landmarks: NDArray[Any] | None = None) -> Embedding:
        """Embeddings of crops.

        Args:
            crops: (N, S, S, 3) RGB, aligned by GPEN's template: uint8, uint16 or float 0..255.
            landmarks: (N, 5, 2) or (5, 2) xy px in the crops; GPEN's template if None.

        Returns:
            (N, 128) float32.

        Raises:
            ModelError: the weights are missing or not the expected ones.
            ValueError: if the shapes do not fit.
        """
        import torch  # noqa: PLC0415

        if crops.ndim != 4 or crops.shape[1] != crops.shape[2]:
            raise ValueError(f"crops of shape {crops.shape}, expected (N, S, S, 3)")
        points = _ALIGNED if landmarks is None else np.asarray(landmarks, np.float64)
        if landmarks is None:
            points = (points + 0.5) * (crops.shape[1] / _ALIGNED_SIDE) - 0.5
        points = np.broadcast_to(points, (len(crops), 5, 2))
        if not len(crops):
            return np.empty((0, 128), np.float32)
        faces = np.stack([_placed(crop, five) for crop, five in zip(crops, points, strict=True)])
        inputs = torch.from_numpy(faces.transpose(0, 3, 1, 2).copy())
        results = [self._network(part) for part in torch.split(inputs, _BATCH)]
        return np.asarray(torch.cat(results).numpy(), np.float32)

    @cached_property
    def _network(self) -> DlibNetwork:
        from vidrestore.measure.dlib_file import read_layers  # noqa: PLC0415
        from vidrestore.measure.dlib_network import DlibNetwork  # noqa: PLC0415

        return DlibNetwork(read_layers(IDENTITY.read()))


def identity_distance(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Euclidean distance between the mean embeddings of two tracks.

    Averaging over a track comes first: single frames scatter. Two tracks of one person are usually
    closer than 0.55.

    Args:
        first: (N, 128), or (128,) for a single face.
        second: (M, 128), or (128,).

    Raises:
        ValueError: if a track is empty.
    """
    one, other = np.atleast_2d(first), np.atleast_2d(second)
    if not len(one) or not len(other):
        raise ValueError("a track without faces has no identity")
    return float(np.linalg.norm(one.mean(axis=0) - other.mean(axis=0)))


def _placed(crop: NDArray[Any], points: NDArray[np.float64]) -> NDArray[np.float32]:
    """(150, 150, 3) float32 RGB: the crop with its landmarks brought to the network's places."""
    from vidrestore.picture.resample import resample  # noqa: PLC0415

    size = 150
    placed = resample(
        levels(crop).astype(np.float32), similarity(_TEMPLATE, points), (0, 0, size, size)
    )
    return np.clip(placed, 0.0, 255.0).astype(np.float32)
