"""How much detail there is, how much of it is true, and how it is distributed."""

from __future__ import annotations

import numpy as np

from benchmarks.against_filters.measures.reference import SPARSE, Reference
from benchmarks.against_filters.media import Pictures
from vidrestore.measure import high_frequency_energy, sharpness, sliced_wasserstein


def detail(crops: Pictures, reference: Reference) -> dict[str, float]:
    """Correlated sharpness and energy above 1/8 of the sampling rate, over the truth's; SWD."""
    found: dict[str, float] = {}
    for name, region in reference.regions.items():
        frames = range(0, len(crops), 2 * SPARSE)
        pairs = [[region.of_picture(p[t]) for p in (crops, reference.truth)] for t in frames]
        pairs = [pair for pair in pairs if pair[1][region.mask].std() > 1]
        if pairs:
            held = [sharpness(*pair, region.mask) for pair in pairs]
            energy = [high_frequency_energy(*pair, region.mask) for pair in pairs]
            found[f"sharpness{name}"] = float(np.mean(held))
            found[f"energy{name}"] = float(np.mean(energy))
    pictures = (
        [reference.face.of_picture(shown[t]) for t in reference.sparse]
        for shown in (crops, reference.truth)
    )
    return found | {"swd": sliced_wasserstein(*pictures, reference.face.mask)}
