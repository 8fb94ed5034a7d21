"""What a model that knows of finest detail says of one crop."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from vidrestore.restore.detail.network import DetailNetwork
from vidrestore.restore.detail.octaves import features_of
from vidrestore.restore.detail.refinement import Refinable, RefinementNetwork

Float32 = NDArray[np.float32]


_MIDDLE = slice(5, 11)
"""Of sixteen parts of the crop's side: mostly skin."""
_MOST = 1.2


class FineDetail:
    """Knows of the finest detail of results; of no state.

    Args:
        size: S, side of the crops of the model that its networks were trained with.
        missing: tells how strong the detail is that results lack; None where nothing does.
        refinement: brings results of large crops nearer to the truth; None where nothing does.
    """

    def __init__(
        self,
        size: int,
        missing: DetailNetwork | None = None,
        refinement: RefinementNetwork | None = None,
    ) -> None:
        self.missing_network, self.refinement_network = missing, refinement
        self._side = 2 * size

    @property
    def side(self) -> int:
        """2 S, the side at which crops are looked at."""
        return self._side

    @property
    def refined_side(self) -> int | None:
        """Side of the crops whose results it knows to bring nearer to the truth; None for none."""
        return None if self.refinement_network is None else self._side

    @torch.inference_mode()
    def refinement(self, own: Float32, base: Float32, result: Float32, pixel: float) -> Float32:
        """What to add to a result, (2 S, 2 S) levels; nothing where no network is there.

        Args:
            own: (2 S, 2 S) luma of the frame alone, levels of 0..255.
            base: of what was restored, a mean over frames.
            result: of what became of it.
            pixel: how many pixels of the crop a pixel of the frame is.
        """
        if self.refinement_network is None:
            return np.zeros_like(result)
        face = Refinable.of(own, base, result, pixel)
        (gains,) = self.refinement_network(torch.from_numpy(face.known())[None])
        return face.summed(gains.numpy())

    @torch.inference_mode()
    def missing(self, base: Float32, result: Float32) -> Float32:
        """Standard deviations of what the two finest octaves of a result lack.

        Args:
            base: (W, W) luma of what was restored, levels of 0..255.
            result: of what became of it.

        Returns:
            (2, n, n), on a grid of cells, levels of 0..255, the finest octave first; nowhere much
            more than in the middle of the face. 0 where no network is there.
        """
        if self.missing_network is None:
            return np.zeros((2, 1, 1), np.float32)
        features = features_of(self._seen(base), self._seen(result))
        logs = self.missing_network(torch.from_numpy(features)[None])
        return _as_of_skin((0.5 * logs[0]).exp().numpy())

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
