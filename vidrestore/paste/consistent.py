"""What of a restoration its source contradicts: colours and brightness that blur cannot explain.

A restored face, blurred as its source is, should look like the source (the data term of restoration
as an inverse problem; Irani and Peleg, "Improving Resolution by Image Registration", 1991, call the
step back-projection). Networks draw what faces have on average: gray irises, white teeth, black
corners of the mouth. So the blur that leads from the result to its source is estimated, and where
the two still differ, half of luma's difference is taken back, and of chroma's what is beyond the
doubt that coarse chroma leaves. Then luma is brought into the range that the source has nearby,
widened by what its blur may have flattened.

All of it is found on a reduced grid: what is finer the source cannot judge.

Convention: crops are (W, W, 3) RGB uint8 or uint16, differences (W, W, 3) float32, restored minus
source, levels of 0..255.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image
from vidrestore.picture.luma import LUMA

Float32 = NDArray[np.float32]

_GRID: Final = 128  # side of the reduced crop; sigmas are given in its cells
_BLURS: Final = (0.0, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)  # sigmas that are tried
_NO_BLUR = 0.2  # sigma below which a Gaussian's kernel is one cell
_SHADING = 8.0  # sigma above which light tells nothing of blur

_LUMA_SHARE = 0.5  # of the difference that is taken back: the rest may be the estimate's fault
_LUMA_SIGMA = 1.0  # of what is taken back, against noise
_CHROMA_SIGMA = 2.0
_CHROMA_BLUR = 2.0  # of chroma over luma's, at most: it may be sampled and encoded more coarsely
_CHROMA_DOUBT = 2.0  # levels, that chroma may differ without being contradicted

# The source's range nearby, within a blur's sigma and a cell, is widened on either side by this
# part of it and by so many levels.
_WIDENED, _ALLOWED = 0.5, 6.0


def contradicted(source: Image, difference: Float32, mask: Float32) -> Float32:
    """(W, W, 3) what is to be added to a difference, so that the source agrees to the result.

    Args:
        source: the crop, without noise as far as that is known.
        difference: restored minus source.
        mask: (n, n) float32 weights over the crop: where the face is.
    """
    side = min(_GRID, len(source))
    scale = np.float32(1.0 if source.dtype == np.uint8 else 1 / 257)
    own = _reduced(source, side) * scale
    result = np.asarray(own + _reduced(difference, side), np.float32)
    luma, result_luma = (np.asarray(each @ LUMA, np.float32) for each in (own, result))
    blur = blur_between(result_luma, luma, _reduced(mask, side))
    lacking = _soft(luma - _soft(result_luma, blur), _LUMA_SIGMA) * np.float32(_LUMA_SHARE)
    lacking += _into_range(result_luma + lacking, luma, blur)
    chroma = np.asarray(own - luma[..., None], np.float32)
    result_chroma = np.asarray(result - result_luma[..., None], np.float32)
    colour = _unexplained(chroma, result_chroma, blur)
    amount = np.sqrt(np.square(colour).sum(axis=-1, keepdims=True))
    colour *= np.maximum(amount - np.float32(_CHROMA_DOUBT), 0) / np.maximum(amount, 1e-6)
    correction = colour + lacking[..., None]
    return np.asarray(
        cv2.resize(correction, difference.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32
    )


def blur_between(sharp: Float32, blurred: Float32, mask: Float32) -> float:
    """Sigma of the Gaussian that brings one picture nearest to another, px.

    Shading is left out, and between the sigmas tried a parabola tells the best.

    Args:
        sharp: (n, n).
        blurred: (n, n).
        mask: (n, n) weights.
    """
    errors = []
    for sigma in _BLURS:
        apart = blurred - _soft(sharp, sigma)
        apart -= _soft(apart, _SHADING)
        errors.append(float((mask * apart * apart).sum()))
    best = int(np.argmin(errors))
    if best in (0, len(_BLURS) - 1):
        return _BLURS[best]
    before, here, after = errors[best - 1 : best + 2]
    bend = before - 2 * here + after
    step = 0.5 * (before - after) / bend if bend > 0 else 0.0
    return float(np.interp(best + step, range(len(_BLURS)), _BLURS))


def _unexplained(chroma: Float32, result: Float32, blur: float) -> Float32:
    """What the source's chroma has beyond the result's, whatever its blur, within reason."""
    least, most = (
        _soft(chroma - _soft(result, factor * blur), _CHROMA_SIGMA) for factor in (1, _CHROMA_BLUR)
    )
    smaller = np.where(np.abs(least) < np.abs(most), least, most)
    return np.where(least * most > 0, smaller, 0).astype(np.float32)


def _into_range(luma: Float32, source: Float32, blur: float) -> Float32:
    """What brings luma into the source's range nearby."""
    reach = 2 * round(blur) + 3
    nearby = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    calm = _soft(source, 0.7)
    highest, lowest = (
        _soft(np.asarray(found(calm, nearby), np.float32), 1.0) for found in (cv2.dilate, cv2.erode)
    )
    room = np.float32(_WIDENED) * (highest - lowest) + np.float32(_ALLOWED)
    least, most = np.minimum(lowest - room, source), np.maximum(highest + room, source)
    return np.asarray(np.clip(luma, least, most) - luma, np.float32)


def _soft(plane: Float32, sigma: float) -> Float32:
    if sigma < _NO_BLUR:
        return plane
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32)


def _reduced(picture: Image | Float32, side: int) -> Float32:
    return np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA), np.float32)
