"""The motion-compensated filter as somebody would tune it who knows the kind of wear.

The unsharp mask of each kind (amounts up to 1) is the one of best PSNR on two portraits of the
training set, which are not judged: ``python -m benchmarks.against_filters.tuning --portraits
.../train``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sharpening:
    """An unsharp mask.

    Attributes:
        sigma: of what it takes away, px.
        amount: how many times that is added.
    """

    sigma: float
    amount: float


SHARPENING: dict[str, Sharpening] = {
    "mild": Sharpening(1.0, 0.45),
    "medium": Sharpening(2.0, 1.0),
    "heavy": Sharpening(3.0, 1.0),
    "film": Sharpening(1.0, 0.0),
    "vhs": Sharpening(1.0, 0.45),
    "cctv": Sharpening(1.0, 1.0),
}
FLICKERS = frozenset({"film"})
