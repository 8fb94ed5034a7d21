"""How near the crops are to the truth: PSNR of the face, the eyes and the mouth."""

from __future__ import annotations

import numpy as np

from benchmarks.against_filters.media import Pictures
from vidrestore.measure import eye_region, face_region, mouth_region, psnr

_MOST = 60.0  # dB: equal pictures count as this


def fidelity(crops: Pictures, truth: Pictures) -> dict[str, float]:
    """PSNR by region, mean over the frames, dB."""
    side = truth.shape[1]
    regions = {
        "psnr": face_region(side),
        "psnr eyes": eye_region(side),
        "psnr mouth": mouth_region(side),
    }
    return {
        name: float(
            np.mean([min(psnr(a, b, mask), _MOST) for a, b in zip(crops, truth, strict=True)])
        )
        for name, mask in regions.items()
    }
