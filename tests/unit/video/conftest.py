"""Clips made once per test run, and a way to pass one through source and sink."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.made_files import synthetic
from tests.stand_ins.passing import passed_through


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> synthetic.ClipMaker:
    """Makes a clip, once for each description."""
    made: dict[str, Path] = {}

    def make(description: synthetic.Clip) -> Path:
        key = repr(description)
        if key not in made:
            made[key] = synthetic.make(tmp_path_factory.mktemp("clip"), description)
        return made[key]

    return make


@pytest.fixture(name="passed_through")
def _passed_through() -> Any:
    return passed_through
