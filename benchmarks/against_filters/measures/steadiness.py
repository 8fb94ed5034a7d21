"""How calm the crops are, beyond what the truth does."""

from __future__ import annotations

import numpy as np

from benchmarks.against_filters.measures.reference import Reference
from benchmarks.against_filters.media import Pictures
from vidrestore.measure import boil, warp_difference
from vidrestore.picture.luma import LUMA


def steadiness(crops: Pictures, reference: Reference) -> dict[str, float]:
    """Flicker, flicker of light and boil, 8-bit levels.

    ``flicker``: mean absolute difference between a frame and the one before brought over by the
    truth's own motion, less the truth's. ``light``: standard deviation over time of the face's mean
    luma less the truth's. ``boil``: standard deviation over time of each sample less the truth's.
    """
    face = reference.face
    mine, true = (face.of_picture(pictures) for pictures in (crops, reference.truth))
    differences = [
        warp_difference(mine[t], mine[t - 1], field, mask)
        - warp_difference(true[t], true[t - 1], field, mask)
        for t, field, mask in reference.steps
        if mask.any()
    ]
    error = mine.astype(np.float32) - true
    light = (error[:, face.mask] @ LUMA).mean(axis=1)
    found = {"light": float(light.std()), "boil": boil(error, face.mask)}
    return {"flicker": float(np.mean(differences)), **found} if differences else found
