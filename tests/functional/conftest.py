"""Some of the sample, restored once with the embedded model and a lossless encoder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import witness
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
    """Two seconds of it, around its cut: it takes long to restore."""
    source = tmp_path_factory.mktemp("sample") / "clip.mkv"
    part = ("-ss", "1.08", "-t", "2", "-map", "0", "-c", "copy", "-c:v", "libx264", "-crf", "12")
    witness.run("-i", SAMPLE, *part, source)
    folder = tmp_path_factory.mktemp("restored")
    output, report = folder / "clip.mkv", folder / "report.json"
    words = ["restore", str(source), str(output), "--report", str(report), "--quiet"]
    assert main([*words, "--encoder.codec", "ffv1"]) == 0
    assert sorted(folder.iterdir()) == [output, report]
    return Job(source, output, json.loads(report.read_text()))
