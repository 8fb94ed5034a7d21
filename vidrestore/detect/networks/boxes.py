"""Plain geometry of detections."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def overlap(box: Floats, others: Floats) -> Floats:
    """Intersection over union of one (4,) xyxy box with each of (N, 4); 0 for empty boxes."""
    corner = np.maximum(box[:2], others[:, :2])
    extent = np.clip(np.minimum(box[2:], others[:, 2:]) - corner, 0, None)
    shared = extent.prod(axis=1)
    areas = np.clip(others[:, 2:] - others[:, :2], 0, None).prod(axis=1)
    union = float(np.clip(box[2:] - box[:2], 0, None).prod()) + areas - shared
    result: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return result


def suppress(boxes: Floats, scores: Floats, limit: float) -> NDArray[np.intp]:
    """Non-maximum suppression.

    Args:
        boxes: (N, 4) xyxy.
        scores: (N,).
        limit: a box is dropped if it overlaps a kept, better one by more than this.

    Returns:
        Indices of the kept boxes, best first; ties keep the order of the input.
    """
    order = np.argsort(-scores, kind="stable")
    kept = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(best)
        order = rest[overlap(boxes[best], boxes[rest]) <= limit]
    return np.array(kept, dtype=np.intp)
