"""What is held against what, and on whose portraits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Portrait = tuple[Path, NDArray[np.float64]]

# The same pipeline without anything that looks at other frames.
PER_FRAME: Final = {
    "detect.every": 1,
    "track.smoothing": 0,
    "align.hold": 0,
    "temporal.denoise": 0,
    "temporal.blend": 0,
}


def portrait_of(scene: int, portraits: Sequence[Portrait], take: int = 0) -> Portrait:
    """The portrait that plays a take of a scene, all by number; three takes show three people."""
    return portraits[(3 * scene + 1 + take) % len(portraits)]


def read_picture(file: Path) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB."""
    bgr = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise SystemExit(f"{file} is not a picture")
    return np.ascontiguousarray(bgr[..., ::-1]).astype(np.uint8)
