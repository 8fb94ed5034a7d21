"""Reports read back from their files, and the schema that they fit."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from tests.made_files.synthetic import Clip, make
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from vidrestore import InputError, Report, Session, read_report
from vidrestore.report import write_json
from vidrestore.report.schema import json_schema, schema_text

PAGE = Path(__file__).parents[3] / "docs" / "report.schema.json"


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Report:
    folder = tmp_path_factory.mktemp("reports")
    clip = make(folder, Clip(count=8, width=96, height=96, audio=("flac",)))
    with Session(PLAIN, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        return session.restore(clip, folder / "out.mkv", start="0.04")


@pytest.fixture
def file(report, tmp_path):
    write_json(report, tmp_path / "report.json")
    return tmp_path / "report.json"


def test_a_report_comes_back_whole(report, file):
    read = read_report(file)
    assert read.to_json() == report.to_json()
    assert (read.start, read.started, read.fixity) == (report.start, report.started, report.fixity)
    (track,) = read.tracks
    assert track.regions.dtype == np.int32
    assert (track.regions == report.tracks[0].regions).all()


def test_fields_of_later_versions_are_passed_over(report, file):
    told = json.loads(file.read_text()) | {"new": 5}
    file.write_text(json.dumps(told))
    assert read_report(file).to_json() == report.to_json()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 2}, r"is a report of schema 2, and .* reads schema 1; .* made it, 0\.1\.0$"),
        ({"schema": None}, "of schema None"),
        ({"faces": "many"}, r"no report \(faces: input should be a valid integer"),
        ({"duration": float("nan")}, "not JSON"),
        ({"model": None}, r"no report \(model: "),
        ({"start": "1/0"}, r"no report \(start"),
        ({"left_alone": {"bored": 1}}, r"left_alone\.bored"),
        ({"fixity": {"algorithm": "crc32", "source": None, "result": None}}, r"fixity\.algorithm"),
        ({"tracks": [{"track_id": 1}]}, r"tracks\.0\.first_frame: field required"),
    ],
)
def test_what_does_not_fit_is_told_in_a_line(file, change, said):
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(InputError, match=said) as caught:
        read_report(file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "regions",
    [[[1 << 40, 0, 0, 1, 1]], [[0, 1]], [[0, 0, 0, 1, True]], "rows", [[0, 0, 0, 1, 1]] * 9],
)
def test_rows_of_regions_are_five_whole_numbers(file, regions):
    told = json.loads(file.read_text())
    told["tracks"][0]["regions"] = regions
    file.write_text(json.dumps(told))
    with pytest.raises(InputError, match=r"tracks\.0"):
        read_report(file)


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 5000, "5", "\x00"])
def test_what_is_no_report_is_refused(file, text):
    file.write_text(text)
    with pytest.raises(InputError, match="is no report"):
        read_report(file)


def test_the_published_schema_is_that_of_the_types():
    assert PAGE.read_text(encoding="utf-8") == schema_text(), (
        "python -m vidrestore.report.schema > docs/report.schema.json"
    )
    assert {field.name for field in fields(Report)} < set(json_schema()["properties"])


def test_a_report_has_what_the_schema_names_and_no_more(report):
    schema, told = json_schema(), json.loads(report.to_json())
    assert set(told) == set(schema["properties"])
    assert set(schema["required"]) <= set(told)


def test_a_pipe_is_refused_at_once(tmp_path):
    """Whoever opens one waits until somebody writes into it."""
    pipe = tmp_path / "told.json"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="is a pipe"):
        read_report(pipe)
