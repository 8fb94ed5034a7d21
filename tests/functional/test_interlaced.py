"""A job on interlaced material says so, in the report and on inspection."""

from __future__ import annotations

from tests import witness
from tests.made_files import interlaced
from tests.made_files.interlaced import make_scanned
from tests.stand_ins.fakes import FakeRestorer
from vidrestore import Config, inspect_video, restore_video
from vidrestore.cli.inspect import described


def test_report_and_inspection_tell_of_interlacing(tmp_path):
    source = make_scanned(tmp_path / "in.mkv", interlaced.bottom_first, flag="bff")
    report = restore_video(source, tmp_path / "out.mp4", Config(), restorer=FakeRestorer())
    assert report.frames_in == report.frames_out == report.picture["deinterlaced"] == 24
    assert report.picture["scan"]["first_field"] == "bottom"
    assert report.picture["written"] == "as frames"
    assert "progressive" in witness.describe(tmp_path / "out.mp4")
    found = "\n".join(described(inspect_video(source)))
    assert "interlaced, bottom field first, flagged as interlaced" in found
    assert "bt601 (assumed, not tagged), limited range" in found


def test_twice_the_rate_gives_twice_the_frames(tmp_path):
    source = make_scanned(tmp_path / "in.mkv", interlaced.top_first, flag="tff")
    config = Config().with_options({"interlaced.rate": "field"})
    report = restore_video(source, tmp_path / "out.mkv", config, restorer=FakeRestorer())
    assert report.frames_out == len(witness.frames(tmp_path / "out.mkv")) == 48
    assert report.picture["rate"] == "50"


def test_pulldown_is_told(tmp_path):
    source = make_scanned(tmp_path / "in.mkv", interlaced.pulled_down, 40)
    found = inspect_video(source)
    assert found.picture["scan"]["kind"] == "telecined"
    assert any("3:2 pulldown" in warning for warning in found.warnings)
