"""Small portraits made by code, so that training's parts can be tested without the real ones."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.samples.portraits import Portrait, load_portraits

LANDMARKS = [[330.0, 371.0], [437.0, 370.0], [380.0, 446.0], [331.0, 480.0], [446.0, 481.0]]


def picture(seed: int) -> np.ndarray:
    """(768, 768, 3) uint8: smooth colour with some detail."""
    random = np.random.default_rng(seed)
    coarse = random.uniform(40, 215, (12, 12, 3)).astype(np.float32)
    fine = random.normal(0, 25, (192, 192, 1)).astype(np.float32)
    grown = [cv2.resize(x, (768, 768), interpolation=cv2.INTER_CUBIC) for x in (coarse, fine)]
    return np.clip(grown[0] + grown[1][..., None], 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def portraits_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("portraits")
    entries = []
    for split, count in (("train", 2), ("validation", 1)):
        (folder / split).mkdir()
        for number in range(count):
            name = f"{split}/p{number}.png"
            cv2.imwrite(str(folder / name), picture(len(entries))[..., ::-1])
            entries.append({"file": name, "landmarks": LANDMARKS})
    (folder / "manifest.json").write_text(json.dumps(entries))
    return folder


@pytest.fixture(scope="session")
def portraits(portraits_folder: Path) -> list[Portrait]:
    return load_portraits(portraits_folder, "train")
