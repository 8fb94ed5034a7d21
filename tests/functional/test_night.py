"""A night of sixty files and much trouble: the good ones are right, the bad ones have reasons."""

from __future__ import annotations

import random
import sys

import pytest

from tests.fuzzing.night import again, live, made, problems


@pytest.mark.timeout(1800)
@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX has them")
def test_a_night_of_trouble(tmp_path):
    drawn = random.Random(19)
    night = made(tmp_path, 60, drawn)
    live(night, drawn, kills=2)
    assert list(problems(night)) == []
    assert again(night).startswith("0 files to do, 0 of them new; 54 done before")
