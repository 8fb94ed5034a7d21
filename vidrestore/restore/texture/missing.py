"""The strength of missing detail of one crop, asked of its network."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from vidrestore.datatypes import Image
from vidrestore.restore.texture.network import Strength, features_of, luma_of


class MissingDetail:
    """Tells how strong the detail is that results lack; of no state.

    Args:
        network: tells.
        size: S, side of the crops of the model that it was trained with.
    """

    def __init__(self, network: Strength, size: int) -> None:
        self.network, self._side = network, 2 * size

    @property
    def side(self) -> int:
        """2 S, the side at which crops are looked at."""
        return self._side

    @torch.inference_mode()
    def __call__(self, base: Image, result: Image) -> NDArray[np.float32]:
        """Standard deviations of the two finest octaves that a result lacks, levels of 0..255.

        Args:
            base: (W, W, 3) RGB, uint8 or uint16: what was restored.
            result: what became of it, of the same shape and type.

        Returns:
            (2, n, n), octaves of a crop of 2 S px, the finest first.
        """
        seen = (luma_of(torch.from_numpy(self._seen(crop))[None]) for crop in (base, result))
        return np.asarray((0.5 * self.network(features_of(*seen))[0]).exp().numpy())

    def _seen(self, crop: Image) -> NDArray[np.float32]:
        """(2 S, 2 S, 3) in levels of 0..255."""
        levels = crop.astype(np.float32)
        if crop.dtype == np.uint16:
            levels *= np.float32(1 / 257)
        if len(crop) == self._side:
            return levels
        by = cv2.INTER_CUBIC if len(crop) < self._side else cv2.INTER_AREA
        return np.asarray(cv2.resize(levels, (self._side, self._side), interpolation=by))
