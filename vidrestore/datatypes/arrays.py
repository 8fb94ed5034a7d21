"""Names for arrays by what they hold; their shapes stand in the docstrings that use them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[Any]
Points = NDArray[np.float64]
Matrix = NDArray[np.float64]
