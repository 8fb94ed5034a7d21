"""Where a network expects the five landmarks of an upright face.

Convention: (5, 2) float64 xy, pixel centres at integers, in the order of ``Face.landmarks``. A
template given for a square of side S0 scales to S as ``(x + 0.5) * S / S0 - 0.5``, so that the
squares' corners coincide rather than their first pixels' centres.
"""

from __future__ import annotations

import numpy as np

from vidrestore.datatypes import Points

_SIDE = 512.0

# ArcFace's 112 high five points, moved right by 8 (which makes their 96x112 box square) and with a
# quarter of 112 added on every side: 168 in all. GPEN multiplies them up to crops of 512.
ARCFACE = np.array(
    [
        (30.2946, 51.6963),
        (65.5318, 51.5014),
        (48.0252, 71.7366),
        (33.5493, 92.3655),
        (62.7299, 92.2041),
    ]
)
_GPEN = (ARCFACE + np.array([8.0 + 28.0, 28.0])) * (_SIDE / 168.0)

# The mean landmarks of FFHQ's aligned pictures (Karras et al., CVPR 2019) at 512.
_FFHQ = np.array(
    [
        (192.98138, 239.94708),
        (318.90277, 240.1936),
        (256.63416, 314.01935),
        (201.26117, 371.41043),
        (313.08905, 371.15118),
    ]
)

TEMPLATES: dict[str, Points] = {"gpen": _GPEN, "ffhq": _FFHQ}


def template(name: str, size: int) -> Points:
    """The landmarks a network was trained to find in its input.

    Args:
        name: a key of ``TEMPLATES``: "gpen", or "ffhq" (GFPGAN, CodeFormer, RestoreFormer).
        size: S, the side of the crop in pixels.

    Returns:
        (5, 2) xy px in the crop.

    Raises:
        ValueError: if there is no such template or the size is not positive.
    """
    if name not in TEMPLATES:
        raise ValueError(f"there is no template {name!r}; known are {', '.join(TEMPLATES)}")
    if size < 1:
        raise ValueError(f"a crop of {size} pixels")
    scaled: Points = (TEMPLATES[name] + 0.5) * (size / _SIDE) - 0.5
    return scaled
