"""How near the crops are to the truth: PSNR of face, skin, eyes and mouth, SSIM, identity."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from benchmarks.against_filters.measures.reference import Mask, Reference
from benchmarks.against_filters.media import Pictures
from vidrestore.measure import identity_distance, psnr, ssim

_MOST = 60.0  # dB: equal pictures count as this


def fidelity(crops: Pictures, reference: Reference) -> dict[str, float]:
    """PSNR (dB) and SSIM by region, means over frames; distance of identities."""
    found = {}
    for name, region in reference.regions.items():
        mine, true = (region.of_picture(pictures) for pictures in (crops, reference.truth))
        found[f"psnr{name}"] = _psnr(mine, true, [region.mask] * len(true))
        similar = [_ssim(mine[t], true[t], region.mask) for t in reference.sparse]
        found[f"ssim{name}"] = float(np.mean(similar))
    mine, true = (reference.face.of_picture(pictures) for pictures in (crops, reference.truth))
    found["psnr skin"] = _psnr(mine, true, reference.skin)
    embedded = reference.embedder.embed(crops[reference.sparse])
    return found | {"identity": identity_distance(embedded, reference.identity)}


def _psnr(crops: Pictures, truth: Pictures, masks: Iterable[Mask]) -> float:
    values = [min(psnr(*pair), _MOST) for pair in zip(crops, truth, masks, strict=True)]
    return float(np.mean(values))


def _ssim(mine: Pictures, true: Pictures, mask: Mask) -> float:
    """Small boxes are continued by their mirror images: the window is 11 px wide."""
    short = max(0, 11 - min(mine.shape[:2]))
    if short:
        edges = ((short, short), (short, short))
        mine, true = (np.pad(p, (*edges, (0, 0)), mode="symmetric") for p in (mine, true))
        mask = np.pad(mask, edges)
    return ssim(mine, true, mask)
