"""Clips made once per test run, and a way to pass one through source and sink."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import synthetic
from vidrestore.config import EncoderConfig, OutputConfig
from vidrestore.video import VideoSource, open_sink


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


def passed_through(source: Path, out: Path, **options: Any) -> list[str]:
    """Restore nothing: every frame from source to sink; gives the sink's warnings."""
    window = {key: options.pop(key) for key in ("start", "end") if key in options}
    overwrite = options.pop("overwrite", False)
    result = OutputConfig(**options.pop("output", {}))
    options.setdefault("speed", "ultrafast")
    frames = VideoSource(source, **window)
    sink = open_sink(frames, out, EncoderConfig(**options), result, overwrite=overwrite)
    for frame in frames:
        sink.push(frame)
    sink.finish()
    frames.close()
    return sink.warnings


@pytest.fixture(name="passed_through")
def _passed_through() -> Any:
    return passed_through
