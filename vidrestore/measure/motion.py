"""How well each frame follows from the one before, once the motion is known.

Convention: a field is (H, W, 2) float64, for each pixel of the frame now its xy in the frame
before; validity is (H, W), true where that place is known to show the same thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidrestore.measure.levels import Mask, counted, levels, luma, same_size

Field = NDArray[np.float64]

# Forward and backward flow may disagree by this much, px, plus a share of the motion.
_AGREEMENT_PX = 0.5
_AGREEMENT_SHARE = 0.05
# And the two pictures, smoothed by this sigma (px) against grain, by this many levels.
_LOOK_SIGMA = 2.0
_LOOK_LEVELS = 12.0


def affine_field(before_from_now: NDArray[Any], shape: tuple[int, int]) -> tuple[Field, Mask]:
    """The field of a known motion of the whole picture.

    Args:
        before_from_now: (2, 3) affine or (3, 3) perspective map of xy.
        shape: (H, W).

    Returns:
        The field, and where it stays inside the picture.

    Raises:
        ValueError: if the matrix has another shape.
    """
    if before_from_now.shape not in {(2, 3), (3, 3)}:
        raise ValueError(f"a matrix of {before_from_now.shape}, expected (2, 3) or (3, 3)")
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float64)
    moved = np.stack([x, y, np.ones_like(x)], axis=-1) @ np.asarray(before_from_now, float).T
    if moved.shape[-1] == 3:
        moved = moved[..., :2] / moved[..., 2:]
    return moved, _inside(moved)


def flow_field(before: NDArray[Any], now: NDArray[Any]) -> tuple[Field, Mask]:
    """The field of the motion seen between two pictures, such as the source's.

    Dense inverse search (Kroeger et al., ECCV 2016; OpenCV's medium preset) both ways; a pixel is
    valid where going there and back returns to within half a pixel and 5 % of the motion, and where
    the smoothed pictures agree within 12 levels: a smooth flow also carries what was covered.

    Args:
        before: (H, W, 3).
        now: (H, W, 3).

    Raises:
        ValueError: if the sizes differ.
    """
    import cv2  # noqa: PLC0415

    same_size(levels(before), levels(now))
    first, second = (np.clip(luma(p), 0, 255).round().astype(np.uint8) for p in (before, now))
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    height, width = first.shape
    still = np.zeros((height, width, 2), np.float32)
    back = np.asarray(flow.calc(second, first, still.copy()), np.float64)
    forth = np.asarray(flow.calc(first, second, still), np.float64)
    y, x = np.mgrid[:height, :width].astype(np.float64)
    field: Field = np.stack([x, y], axis=-1) + back
    there_and_back = back + _sampled(forth, field)
    allowed = _AGREEMENT_PX + _AGREEMENT_SHARE * np.linalg.norm(back, axis=-1)
    smooth = [cv2.GaussianBlur(p.astype(np.float64), (0, 0), _LOOK_SIGMA) for p in (first, second)]
    then = _sampled(np.asarray(smooth[0], np.float64), field)
    looks_alike = np.abs(smooth[1] - then) <= _LOOK_LEVELS
    returns = np.linalg.norm(there_and_back, axis=-1) <= allowed
    valid: Mask = _inside(field) & returns & looks_alike
    return field, valid


def warp_difference(
    now: NDArray[Any], before: NDArray[Any], field: Field, mask: NDArray[Any] | None = None
) -> float:
    """Mean absolute difference between a picture and the previous one brought over, levels.

    Args:
        now: (H, W, 3).
        before: (H, W, 3).
        field: where each pixel was before.
        mask: pixels that count: the face, without what was occluded.

    Raises:
        ValueError: if the sizes differ or the mask counts nothing.
    """
    current, previous = levels(now), levels(before)
    same_size(current, previous)
    chosen = counted(mask, (current.shape[0], current.shape[1]))
    return float(np.mean(np.abs(current - _sampled(previous, field))[chosen]))


def warp_error(
    outputs: Sequence[NDArray[Any]],
    reference: Sequence[NDArray[Any]],
    fields: Sequence[Field],
    masks: Sequence[NDArray[Any]],
) -> float:
    """Unrest of a clip beyond the reference's own: the mean of differences of warp differences.

    Args:
        outputs: T pictures.
        reference: T pictures: the truth on clips that have one, else the source.
        fields: T - 1; ``fields[t]`` leads from frame t + 1 back to frame t.
        masks: T - 1; pixels of frame t + 1 that count. Frames where none does are left out.

    Returns:
        8-bit levels; 0 for the reference itself, negative if calmer than it.

    Raises:
        ValueError: if the lengths do not fit or no pixel of any frame counts.
    """
    if not len(outputs) == len(reference) == len(fields) + 1 == len(masks) + 1:
        raise ValueError(
            f"{len(outputs)} outputs, {len(reference)} of reference, {len(fields)} fields "
            f"and {len(masks)} masks do not fit together"
        )
    differences = [
        warp_difference(outputs[t + 1], outputs[t], field, mask)
        - warp_difference(reference[t + 1], reference[t], field, mask)
        for t, (field, mask) in enumerate(zip(fields, masks, strict=True))
        if np.any(mask)
    ]
    if not differences:
        raise ValueError("no pixel of any frame counts")
    return float(np.mean(differences))


def _inside(field: Field) -> Mask:
    height, width = field.shape[:2]
    inside: Mask = (
        (field[..., 0] >= 0)
        & (field[..., 0] <= width - 1)
        & (field[..., 1] >= 0)
        & (field[..., 1] <= height - 1)
    )
    return inside


def _sampled(values: NDArray[np.float64], field: Field) -> NDArray[np.float64]:
    """(H, W) or (H, W, C) values at the field's places, bicubic, the border repeated."""
    import cv2  # noqa: PLC0415

    places = field.astype(np.float32)
    picked = cv2.remap(
        values.astype(np.float32),
        np.ascontiguousarray(places[..., 0]),
        np.ascontiguousarray(places[..., 1]),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(picked, np.float64)
