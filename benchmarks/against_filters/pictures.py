"""Source, ours, the filter's and the truth's crops side by side, to step through by eye."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.against_filters.media import Pictures

_SIDE = 512
_LABEL = 22  # px above each crop


def write_sheets(
    crops: Mapping[str, Pictures], frames: Sequence[int], folder: Path, name: str
) -> list[Path]:
    """One picture for each frame: FOLDER/NAME_FRAME.png, a labelled crop of 512 px for each method.

    Args:
        crops: (T, S, S, 3) by method, from left to right.
        frames: numbers from 0; those beyond the end are left out.
        folder: made if it is not there.
        name: of the clip; slashes become dashes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    length = len(next(iter(crops.values())))
    for frame in frames:
        if not 0 <= frame < length:
            continue
        tiles = [_tile(pictures[frame], f"{method} {frame}") for method, pictures in crops.items()]
        file = folder / f"{name.replace('/', '-')}_{frame:03d}.png"
        cv2.imwrite(str(file), np.concatenate(tiles, axis=1)[..., ::-1])
        files.append(file)
    return files


def _tile(crop: Pictures, label: str) -> Pictures:
    """The crop at 512 px under its label."""
    large = cv2.resize(crop, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
    head = np.zeros((_LABEL, _SIDE, 3), np.uint8)
    cv2.putText(head, label, (4, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255,) * 3, 1, cv2.LINE_AA)
    return np.concatenate([head, large]).astype(np.uint8, copy=False)
