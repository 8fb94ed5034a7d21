"""The finest detail of one crop, asked of its network."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from vidrestore.restore.detail.network import DetailNetwork
from vidrestore.restore.detail.octaves import features_of

Float32 = NDArray[np.float32]


_MIDDLE = slice(5, 11)
"""Of sixteen parts of the crop's side: mostly skin."""
_MOST = 1.2


class Fine(NamedTuple):
    """What is told of a crop, on a grid of cells.

    Attributes:
        gain: (n, n), how much of its own finest octave to add to a crop of 2 S px, -1 to 2.
        missing: (2, n, n), standard deviations of what the two finest octaves lack, levels of
            0..255, the finest first; nowhere much more than in the middle of the face.
    """

    gain: Float32
    missing: Float32


class FineDetail:
    """Tells of the finest detail of results; of no state.

    Args:
        network: tells.
        size: S, side of the crops of the model that it was trained with.
    """

    def __init__(self, network: DetailNetwork, size: int) -> None:
        self.network, self._side = network, 2 * size

    @property
    def side(self) -> int:
        """2 S, the side at which crops are looked at."""
        return self._side

    @torch.inference_mode()
    def __call__(self, base: Float32, result: Float32) -> Fine:
        """Look at a crop.

        Args:
            base: (W, W) luma of what was restored, levels of 0..255.
            result: of what became of it.
        """
        features = features_of(self._seen(base), self._seen(result))
        gain, log_missing = self.network(torch.from_numpy(features)[None])
        return Fine(gain[0, 0].numpy(), _as_of_skin((0.5 * log_missing[0]).exp().numpy()))

    def _seen(self, luma: Float32) -> Float32:
        """(2 S, 2 S)."""
        if len(luma) == self._side:
            return luma
        by = cv2.INTER_CUBIC if len(luma) < self._side else cv2.INTER_AREA
        return np.asarray(cv2.resize(luma, (self._side, self._side), interpolation=by))


def _as_of_skin(missing: Float32) -> Float32:
    """(2, n, n): no more than skin has, as far as it goes; lashes and brows are no texture."""
    parts = len(missing[0]) / 16
    inside = slice(int(_MIDDLE.start * parts), max(int(_MIDDLE.stop * parts), 1))
    skin = np.median(missing[:, inside, inside], axis=(1, 2), keepdims=True)
    return np.asarray(np.minimum(missing, _MOST * skin), np.float32)
