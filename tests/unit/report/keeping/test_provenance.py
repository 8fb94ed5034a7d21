"""What a result says of itself."""

from __future__ import annotations

import av
import pytest

from tests.made_files.synthetic import Clip, make
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from vidrestore import Session
from vidrestore.report import ModelUsed
from vidrestore.report.keeping import provenance

NAMES = ("vidrestore", "digital_source_type")


def told(path):
    with av.open(str(path)) as file:
        return {name.lower(): value for name, value in file.metadata.items()}


@pytest.mark.parametrize("name", ["out.mkv", "out.mp4", "out.mov", "out.webm"])
def test_a_result_tells_what_restored_its_faces_beside_all_that_its_source_told(tmp_path, name):
    clip = make(tmp_path, Clip(width=96, height=96, metadata={"title": "A film"}))
    with Session(PLAIN, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        session.restore(clip, tmp_path / name)
        # Restored once more, it says so once.
        session.restore(tmp_path / name, tmp_path / f"again-{name}")
    for file in (name, f"again-{name}"):
        tags = told(tmp_path / file)
        assert tags["title"] == "A film"
        assert tags["vidrestore"].startswith("processed by vidrestore ")
        assert tags["vidrestore"].endswith("model FakeRestorer")
        assert tags["digital_source_type"] == provenance.MADE_BY_A_MODEL


def test_an_avi_file_tells_it_in_its_comment(tmp_path):
    clip = make(tmp_path, Clip(width=96, height=96, metadata={"comment": "Reel 7"}))
    out, again = tmp_path / "out.avi", tmp_path / "again.avi"
    with Session(PLAIN, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        session.restore(clip, out)
        session.restore(out, again)
    for file in (out, again):
        first, restored, kind = told(file)["comment"].split("; ")
        assert first == "Reel 7"
        assert restored.endswith("model FakeRestorer")
        assert kind == provenance.MADE_BY_A_MODEL


def test_it_says_nothing_where_that_is_not_wanted(tmp_path):
    clip = make(tmp_path, Clip(width=96, height=96))
    config = PLAIN.with_options({"output.provenance": "none", "output.checksum": "none"})
    with Session(config, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        report = session.restore(clip, tmp_path / "out.mkv")
    assert not {*told(tmp_path / "out.mkv")} & {*NAMES}
    assert report.fixity is None


def test_without_a_model_nothing_is_made_up():
    tags = provenance.tags(ModelUsed("none", "no file", ""), "1.0")
    assert tags["digital_source_type"] == provenance.ENHANCED
    assert "no model" in tags["vidrestore"]
    model = provenance.tags(ModelUsed("default", "x", "ab" * 32), "1.0")
    assert model["vidrestore"].endswith("SHA-256 " + "ab" * 32)
