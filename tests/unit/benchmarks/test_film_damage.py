from __future__ import annotations

import numpy as np
import pytest

from benchmarks.film_damage import BAD, DAMAGES, FRAMES, IN_ONE
from tests.made_pictures.faces import landmarks


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_where_it_is_said_to_be(name: str) -> None:
    random = np.random.default_rng(0)
    clip = [random.integers(0, 200, (96, 128, 3), dtype=np.uint8) for _ in range(FRAMES)]
    points = np.stack([landmarks(64, 48, 40)] * FRAMES)
    source, truth, found = DAMAGES[name](clip, clip, points)
    assert len(source) == len(truth) == len(found) == FRAMES - (name == "missing")
    changed = [t for t in range(len(source)) if not np.array_equal(source[t], truth[t])]
    expected = {"scratch": list(range(BAD - 4, BAD + 6)), "jump": [], "missing": []}
    assert changed == expected.get(name, [BAD])
    assert (name in IN_ONE) == (name not in expected)
