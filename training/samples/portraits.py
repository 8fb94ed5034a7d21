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
_STEPS = 64
"""Of a pixel, in which the meshes are stored."""
_SHUT = 0.5
"""Part of the open eye's aspect under which a lid reads as shut."""


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Where a portrait's features are.

    Attributes:
        points: (478, 2) xy px: a face mesh with irises.
        groups: names of features, to indices of points.
        shuts: whether lids that are drawn shut on it read as shut.
    """

    points: NDArray[np.float64]
    groups: dict[str, list[int]]
    shuts: bool


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A portrait with its landmarks.

    Attributes:
        name: file name without ending.
        pixels: (768, 768, 3) uint8 RGB; the GPEN crop is [128:640, 128:640].
        landmarks: (5, 2) xy px in ``pixels``.
        mesh: its face mesh, where there is one.
    """

    name: str
    pixels: NDArray[Any]
    landmarks: NDArray[np.float64]
    mesh: Mesh | None = None


def load_portraits(
    root: Path, split: Literal["train", "validation"], limit: int | None = None
) -> list[Portrait]:
    """Read a split in the order of the manifest.

    Args:
        root: folder with manifest.json, train/ and validation/; if there, also mesh.npz with
            groups.json, and expression_fit.json.
        split: which portraits.
        limit: only that many, the first.

    Raises:
        FileNotFoundError: if the manifest or a picture is missing.
    """
    entries = json.loads((root / "manifest.json").read_text())
    chosen = [entry for entry in entries if entry["file"].startswith(f"{split}/")][:limit]
    meshes = load_meshes(root)
    portraits = []
    for entry in chosen:
        picture = cv2.imread(str(root / entry["file"]), cv2.IMREAD_COLOR)
        if picture is None:
            raise FileNotFoundError(root / entry["file"])
        pixels = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        landmarks = np.array(entry["landmarks"], dtype=np.float64)
        name = Path(entry["file"]).stem
        portraits.append(Portrait(name, pixels, landmarks, meshes.get(name)))
    return portraits


def load_meshes(root: Path) -> dict[str, Mesh]:
    """Meshes by the portrait's name; none where ``root`` has no mesh.npz."""
    if not (root / "mesh.npz").exists():
        return {}
    groups = json.loads((root / "groups.json").read_text())
    fits = json.loads((root / "expression_fit.json").read_text())
    lids = {Path(file).stem: fit["lids"] for file, fit in fits.items()}
    meshes = {}
    with np.load(root / "mesh.npz") as table:
        points = table["points"].astype(np.float64) / _STEPS
        for name, own, found in zip(table["names"], points, table["ok"], strict=True):
            stem = Path(str(name)).stem
            if found:
                shuts = max(lids.get(stem, (1.0,))) < _SHUT
                meshes[stem] = Mesh(own, groups, shuts)
    return meshes
