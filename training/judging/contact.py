"""Contact sheets: the faces of several judged portraits side by side, to be looked at.

    python -m training.judging.contact training/runs/judged

``training.evaluate`` makes them at its end; this makes them again from the sheets in its folder.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.judging.kinds import LEVELS, SIZE

Picture = NDArray[Any]
PORTRAITS = 4
"""Portraits of a contact sheet, one a line."""
_LEVELS = ("untouched", *LEVELS)
_COLUMNS = ("source", "model", "truth")
_FACE = (slice(112, 496), slice(80, 432))
_TILE = (224, 244)
_TITLE = 22


def contacts(sheets: list[tuple[str, Picture]]) -> list[Picture]:
    """Lay out sheets, the heavier wear further right.

    Args:
        sheets: name and (4 SIZE, 3 SIZE, 3) uint8 picture of each: untouched and every level from
            top to bottom; source, result and truth from left to right.

    Returns:
        Sheets of ``PORTRAITS`` lines: source and result of every level, and the truth.
    """
    title = np.hstack([*(_titled(f"{level} {side}") for level in LEVELS for side in ("in", "out"))])
    lines = [np.hstack([title, _titled("truth")])]
    made = []
    for number, (name, sheet) in enumerate(sheets, start=1):
        lines.append(_line(name, sheet))
        if number % PORTRAITS == 0 or number == len(sheets):
            made.append(np.vstack(lines))
            lines = lines[:1]
    return made


def _line(name: str, sheet: Picture) -> Picture:
    tiles = [_tile(sheet, level, side) for level in LEVELS for side in ("source", "model")]
    line = np.hstack([*tiles, _tile(sheet, "untouched", "truth")])
    cv2.putText(line, name, (3, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 255, 255))
    return line


def _tile(sheet: Picture, level: str, side: str) -> Picture:
    y, x = _LEVELS.index(level) * SIZE, _COLUMNS.index(side) * SIZE
    face = sheet[y : y + SIZE, x : x + SIZE][_FACE]
    return cv2.resize(face, _TILE, interpolation=cv2.INTER_AREA)


def _titled(text: str) -> Picture:
    title = np.zeros((_TITLE, _TILE[0], 3), np.uint8)
    place = (4, _TITLE - 7)
    return cv2.putText(title, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255))


def write_contacts(folder: Path) -> list[Path]:
    """Write ``contact_1.png`` and so on from the sheets that ``training.evaluate`` left there.

    Raises:
        FileNotFoundError: if there are none, or one cannot be read.
    """
    paths = sorted(folder.glob("*.jpg"))
    if not paths:
        raise FileNotFoundError(f"{folder} holds no sheets (*.jpg)")
    written = []
    for first in range(0, len(paths), PORTRAITS):
        (contact,) = contacts([(p.stem, _read(p)) for p in paths[first : first + PORTRAITS]])
        written.append(folder / f"contact_{first // PORTRAITS + 1}.png")
        cv2.imwrite(str(written[-1]), contact)
    return written


def _read(path: Path) -> Picture:
    sheet = cv2.imread(str(path))
    if sheet is None:
        raise FileNotFoundError(f"{path} is no picture")
    return sheet


def main(argv: list[str] | None = None) -> None:
    """Make contact sheets from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="what --out of training.evaluate was")
    print("\n".join(map(str, write_contacts(parser.parse_args(argv).folder))))


if __name__ == "__main__":
    main()
