from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from training.judging import contact
from training.judging.kinds import LEVELS, SIZE

TILE = 224, 244


def sheet() -> np.ndarray:
    """Every cell of its own gray: 10 a column, 40 a row."""
    cells = 40 * np.arange(1 + len(LEVELS))[:, None] + 10 * np.arange(3)
    gray = np.kron(cells, np.ones((SIZE, SIZE))).astype(np.uint8)
    return np.dstack([gray] * 3)


def test_every_face_lies_where_its_title_says() -> None:
    (made,) = contact.contacts([("a", sheet()), ("b", sheet())])
    assert made.shape == (22 + 2 * TILE[1], 7 * TILE[0], 3)
    middles = made[22 + TILE[1] // 2 :: TILE[1], TILE[0] // 2 :: TILE[0], 0]
    assert middles.tolist() == [[40, 50, 80, 90, 120, 130, 20]] * 2


def test_a_folder_of_sheets_becomes_contacts(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no sheets"):
        contact.write_contacts(tmp_path)
    for number in range(contact.PORTRAITS + 1):
        cv2.imwrite(str(tmp_path / f"p{number}.jpg"), sheet())
    contact.main([str(tmp_path)])
    heights = [cv2.imread(str(path)).shape[0] for path in sorted(tmp_path.glob("contact_*.png"))]
    assert heights == [22 + TILE[1] * contact.PORTRAITS, 22 + TILE[1]]
