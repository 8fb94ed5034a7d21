"""The sample, restored once with the embedded model and a lossless encoder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from vidrestore.cli import main

SAMPLE = Path(__file__).parents[2] / "samples" / "clip.mkv"


@dataclass(frozen=True)
class Job:
    """A finished job: both files and the report as another program would read it."""

    source: Path
    output: Path
    report: dict[str, Any]


@pytest.fixture(scope="session")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    folder = tmp_path_factory.mktemp("sample")
    output, report = folder / "clip.mkv", folder / "report.json"
    words = ["restore", str(SAMPLE), str(output), "--report", str(report), "--quiet"]
    assert main([*words, "--encoder.codec", "ffv1"]) == 0
    assert sorted(folder.iterdir()) == [output, report]
    return Job(SAMPLE, output, json.loads(report.read_text()))
