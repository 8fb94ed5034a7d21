"""The weights of red, green and blue in luma.

Pictures of every standard are weighed by BT.601 where they are looked at rather than written: what
matters there is that one picture is weighed like another.
"""

from __future__ import annotations

from typing import Final

import numpy as np

BT601: Final = (0.299, 0.587, 0.114)
"""Of R, G and B; ITU-R BT.601, 2.5.1."""

LUMA: Final = np.array(BT601, np.float32)
"""The same for pictures of float32: ``picture @ LUMA`` is (..., 3) RGB's luma, in its levels."""
