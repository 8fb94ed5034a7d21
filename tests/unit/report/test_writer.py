from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidrestore.config import Config
from vidrestore.datatypes import Reason
from vidrestore.errors import OutputError
from vidrestore.report import Cut, ModelUsed, Report, TrackReport, Untouched, to_json, write_json


def report(**changes):
    values = {
        "input": "in.mkv",
        "output": "out.mkv",
        "frames_in": 2,
        "frames_out": 2,
        "duration": 0.08,
        "faces": 1,
        "frames_restored": 1,
        "frames_without_faces": 0,
        "left_alone": {Reason.SHARP: 1},
        "tracks": (
            TrackReport(
                1,
                0,
                1,
                0.0,
                0.04,
                1,
                np.array([[0, 1, 2, 30, 40]], dtype=np.int32),
                np.array([0.25]),
                (Untouched(1, 1, Reason.SHARP),),
            ),
        ),
        "cuts": (Cut(1, 0.04),),
        "model": ModelUsed("default", "default.safetensors", "0" * 64, "Apache-2.0"),
        "settings": Config().model_dump(),
        "timing": {"restore": 0.5},
        "warnings": ("careful",),
        "version": "0.1.0",
        "device": "cpu",
        "precision": "float32",
        "started": datetime(2026, 1, 1, tzinfo=UTC),
        "seconds": 0.5,
    }
    return Report(**values | changes)


def strict(text):
    def refuse(name):
        raise AssertionError(f"{name} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_a_report_says_everything_in_strict_json():
    found = strict(to_json(report()))
    assert found["frames_out"] == 2
    assert found["frames_per_second"] == 4.0
    assert found["cuts"] == [{"frame": 1, "time": 0.04}]
    assert found["tracks"][0]["regions"] == [[0, 1, 2, 30, 40]]
    assert found["tracks"][0]["faces_restored"] == 1
    assert found["tracks"][0]["shares"] == [0.25]
    assert found["left_alone"] == {"sharp": 1}
    assert found["tracks"][0]["left_alone"] == [
        {"first_frame": 1, "last_frame": 1, "reason": "sharp"}
    ]
    assert found["model"]["sha256"] == "0" * 64
    assert found["started"] == "2026-01-01T00:00:00+00:00"
    assert Config.from_mapping(found["settings"]) == Config()


def test_numbers_that_json_lacks_become_null():
    found = strict(to_json({"a": math.nan, "b": [math.inf, np.float64("nan"), 1.5]}))
    assert found == {"a": None, "b": [None, None, 1.5]}


def test_exact_times_and_paths():
    found = strict(to_json({"base": Fraction(1, 90000), "file": Path("a/b"), 3: np.int64(4)}))
    assert found == {"base": "1/90000", "file": "a/b", "3": 4}


def test_what_has_no_form_is_a_bug():
    with pytest.raises(TypeError, match="object"):
        to_json({"a": object()})


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values.filter(lambda value: not isinstance(value, float) or math.isfinite(value)))
def test_plain_values_come_back(value):
    def finite(entry):
        if isinstance(entry, float):
            return entry if math.isfinite(entry) else None
        if isinstance(entry, list):
            return [finite(each) for each in entry]
        if isinstance(entry, dict):
            return {key: finite(each) for key, each in entry.items()}
        return entry

    assert strict(to_json(value)) == finite(value)


def test_writing_replaces_whole_and_leaves_nothing_else(tmp_path):
    target = tmp_path / "report.json"
    target.write_text("old")
    write_json(report(), target)
    assert strict(target.read_text())["faces"] == 1
    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]


def test_a_name_that_is_not_utf8_can_be_reported(tmp_path):
    target = tmp_path / "report.json"
    write_json({"input": "caf\udce9.mkv"}, target)
    assert strict(target.read_text())["input"] == "caf\udce9.mkv"


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(OutputError, match=r"cannot write the report .*No such file"):
        write_json(report(), tmp_path / "none" / "report.json")


def test_a_failure_keeps_the_old_report(tmp_path):
    target = tmp_path / "report.json"
    target.write_text("old")
    with pytest.raises(TypeError):
        write_json({"a": object()}, target)
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(OutputError):
        write_json(report(), tmp_path / "folder.json")
    assert target.read_text() == "old"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder.json", "report.json"]


def test_regions_must_match_the_count():
    with pytest.raises(ValueError, match="regions"):
        TrackReport(1, 0, 0, 0.0, 0.0, 2, np.zeros((1, 5), np.int32), np.ones(2))
    with pytest.raises(ValueError, match="shares"):
        TrackReport(1, 0, 0, 0.0, 0.0, 2, np.zeros((2, 5), np.int32), np.ones(1))
