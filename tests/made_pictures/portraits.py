"""Two public-domain portraits that installed packages carry."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import skimage.data

# By hand, to about two pixels: eyes, tip of the nose, corners of the mouth.
ASTRONAUT = np.array([(204, 100), (247, 103), (224, 128), (202, 139), (245, 142)], float)


@cache
def astronaut() -> np.ndarray:
    """(512, 512, 3) uint8 RGB, read-only: an upright face, eyes 43 px apart."""
    path = Path(skimage.data.__file__).with_name("astronaut.png")
    picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    picture.flags.writeable = False
    return picture


@cache
def coffee() -> np.ndarray:
    """(400, 600, 3) uint8 RGB, read-only: a cup of coffee, nobody there."""
    path = Path(skimage.data.__file__).with_name("coffee.png")
    picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    picture.flags.writeable = False
    return picture
