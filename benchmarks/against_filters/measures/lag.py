"""Whether what people do is shown when and where they do it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.against_filters.measures.reference import Reference, Region
from benchmarks.against_filters.media import Floats, Pictures

_REACH = 3  # frames either side that are compared
_CHANGES = 9.0  # mean squared change of eyes or mouth against both neighbours that is an event
_LEAST_SPEED = 0.5  # px a frame


def lag(crops: Pictures, reference: Reference) -> dict[str, float]:
    """Lag in frames (positive: late) and in px (positive: behind); what says nothing is left out.

    ``lag frames``: which frame's truth is nearest, in eyes and mouth each, where the truth differs
    from both its neighbours; the place is refined by a parabola through the three least errors.
    ``lag px``: median of the optical flow from the worn crops to the result's inside the face,
    along the face's motion in the frame, where it moves.
    """
    found = {}
    offsets = [
        offset
        for region in (reference.regions[" eyes"], reference.regions[" mouth"])
        for offset in _offsets(crops, reference.truth, region)
    ]
    if offsets:
        found["lag frames"] = float(np.mean(offsets))
    trailing = _trailing(crops, reference)
    if trailing:
        found["lag px"] = float(np.mean(trailing))
    return found


def _offsets(crops: Pictures, truth: Pictures, region: Region) -> list[float]:
    """By how many frames the nearest truth is older, at each event."""
    sigma = crops.shape[1] / 128
    mine, true = (
        _blurred(region.of_picture(pictures), sigma)[:, region.mask] for pictures in (crops, truth)
    )
    steps = np.square(np.diff(true, axis=0)).mean(axis=(1, 2))
    offsets = []
    for t in range(_REACH, len(truth) - _REACH):
        if min(steps[t - 1], steps[t]) < _CHANGES:
            continue
        near = range(t - _REACH, t + _REACH + 1)
        errors = np.array([float(np.square(mine[t] - true[s]).mean()) for s in near])
        offsets.append(_REACH - _lowest(errors))
    return offsets


def _lowest(errors: Floats) -> float:
    """Place of the minimum, between the samples."""
    k = int(errors.argmin())
    if not 0 < k < len(errors) - 1:
        return float(k)
    before, at, after = errors[k - 1 : k + 2]
    bend = before - 2 * at + after
    return k + 0.5 * (before - after) / bend if bend > 0 else float(k)


def _blurred(pictures: Pictures, sigma: float) -> NDArray[np.float32]:
    """(T, h, w, 3) float32, low-passed against noise."""
    return np.stack([cv2.GaussianBlur(p.astype(np.float32), (0, 0), sigma) for p in pictures])


def _trailing(crops: Pictures, reference: Reference) -> list[float]:
    """How far the result lies behind its source along the motion, px, by frame."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    face, values = reference.face, []
    for t in reference.sparse:
        speed = float(np.linalg.norm(reference.motion[t]))
        if speed < _LEAST_SPEED:
            continue
        worn, mine = (
            cv2.cvtColor(cv2.GaussianBlur(face.of_picture(p[t]), (0, 0), 1.0), cv2.COLOR_RGB2GRAY)
            for p in (reference.worn, crops)
        )
        flow = search.calc(worn, mine, None)[face.mask]
        values.append(-float(np.median(flow @ (reference.motion[t] / speed))))
    return values
