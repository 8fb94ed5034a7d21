"""The portraits, decoded once into memory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

MARGIN = 128
"""Pixels around the 512 crop on every side of a picture."""
CROP = 512


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A portrait with its landmarks.

    Attributes:
        name: file name without ending.
        pixels: (768, 768, 3) uint8 RGB; the GPEN crop is [128:640, 128:640].
        landmarks: (5, 2) xy px in ``pixels``.
    """

    name: str
    pixels: NDArray[Any]
    landmarks: NDArray[np.float64]


def load_portraits(
    root: Path, split: Literal["train", "validation"], limit: int | None = None
) -> list[Portrait]:
    """Read a split in the order of the manifest.

    Args:
        root: folder with manifest.json, train/ and validation/.
        split: which portraits.
        limit: only that many, the first.

    Raises:
        FileNotFoundError: if the manifest or a picture is missing.
    """
    entries = json.loads((root / "manifest.json").read_text())
    chosen = [entry for entry in entries if entry["file"].startswith(f"{split}/")][:limit]
    portraits = []
    for entry in chosen:
        picture = cv2.imread(str(root / entry["file"]), cv2.IMREAD_COLOR)
        if picture is None:
            raise FileNotFoundError(root / entry["file"])
        pixels = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        landmarks = np.array(entry["landmarks"], dtype=np.float64)
        portraits.append(Portrait(Path(entry["file"]).stem, pixels, landmarks))
    return portraits
