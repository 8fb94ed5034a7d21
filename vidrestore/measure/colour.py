"""How far the colour of skin moved, and how light that skin is.

Colours are taken as sRGB (IEC 61966-2-1) and compared in CIELAB under D65.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidrestore.measure.levels import Levels, counted, levels, same_size

# Lower bounds of the individual typology angle in degrees, from light to dark: the six classes of
# Del Bino and Bernerd (Br. J. Dermatol. 2013), very light with light and brown with dark merged.
TONE_BANDS: tuple[tuple[str, float], ...] = (
    ("light", 41.0),
    ("intermediate", 28.0),
    ("tan", 10.0),
    ("dark", -90.0),
)
# The low pass: a Gaussian whose sigma is this share of the picture's width (16 px at 512).
_LOW_PASS = 1 / 32


def colour_shift(
    output: NDArray[Any], source: NDArray[Any], mask: NDArray[Any] | None = None
) -> float:
    """Mean CIE delta E 2000 between the low-passed output and source.

    CIE 142-2001, as scikit-image computes it (Sharma et al. 2005). Both pictures are low-passed by
    a Gaussian of sigma W/32, so that restored detail does not count as colour.

    Args:
        output: (H, W, 3).
        source: (H, W, 3).
        mask: the skin, such as ``skin_region`` gives it.

    Returns:
        delta E; about 1 is just noticeable side by side.

    Raises:
        ValueError: if the sizes differ or the mask counts nothing.
    """
    from skimage.color import deltaE_ciede2000  # noqa: PLC0415

    mine, other = levels(output), levels(source)
    same_size(mine, other)
    chosen = counted(mask, (mine.shape[0], mine.shape[1]))
    before, after = _lab(_low_passed(other))[chosen], _lab(_low_passed(mine))[chosen]
    distance = deltaE_ciede2000(before, after)  # type: ignore[no-untyped-call]
    return float(np.mean(distance))


def skin_tone_angle(picture: NDArray[Any], mask: NDArray[Any] | None = None) -> float:
    """Individual typology angle of the skin, ``atan2(L* - 50, b*)`` of the median colour.

    Chardon, Cretois and Hourseau, Int. J. Cosmet. Sci. 1991. From a picture it holds the light and
    the exposure as well as the skin.

    Returns:
        Degrees, from 90 (lightest) to -90 (darkest) for skin.

    Raises:
        ValueError: if the mask counts nothing.
    """
    mine = levels(picture)
    chosen = counted(mask, (mine.shape[0], mine.shape[1]))
    lightness, _, yellow = np.median(_lab(_low_passed(mine))[chosen], axis=0)
    return math.degrees(math.atan2(lightness - 50.0, yellow))


def skin_tone_band(angle: float) -> str:
    """The name of the band that an angle falls into: a key of ``TONE_BANDS``.

    Raises:
        ValueError: if the angle is below -90 degrees: no skin is blue and black.
    """
    for name, lowest in TONE_BANDS:
        if angle >= lowest:
            return name
    raise ValueError(f"an angle of {angle:.1f} degrees is below -90")


def gray_departure(picture: NDArray[Any], mask: NDArray[Any] | None = None) -> float:
    """How coloured a picture is that should be gray: mean of max(R, G, B) - min(R, G, B), levels.

    Raises:
        ValueError: if the mask counts nothing.
    """
    mine = levels(picture)
    chosen = counted(mask, (mine.shape[0], mine.shape[1]))
    return float(np.mean(np.ptp(mine[chosen], axis=-1)))


def _low_passed(picture: Levels) -> Levels:
    from scipy.ndimage import gaussian_filter  # noqa: PLC0415

    sigma = picture.shape[1] * _LOW_PASS
    smooth: Levels = gaussian_filter(picture, (sigma, sigma, 0.0), mode="reflect")
    return smooth


def _lab(picture: Levels) -> Levels:
    from skimage.color import rgb2lab  # noqa: PLC0415

    lab: Levels = rgb2lab(np.clip(picture / 255.0, 0.0, 1.0))
    return lab
