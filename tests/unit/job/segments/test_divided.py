"""A job in segments gives what it gives in one piece, and goes on where it was stopped."""

from __future__ import annotations

import hashlib
import json
import threading
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests import witness
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from vidrestore import ConfigError, Interrupted, OutputError, Session
from vidrestore.film.observe import LOOKAHEAD
from vidrestore.job.segments import grid
from vidrestore.job.segments.plan import Plan
from vidrestore.report import Report
from vidrestore.report.writer import plain

DIVIDED = PLAIN.with_options({"encoder.codec": "ffv1", "detect.every": 1, "job.segment": 0.6})
WHOLE = DIVIDED.with_options({"job.segment": 0})


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    # As far as dissolves are looked for; nothing else of these jobs looks further.
    around = grid.Around(context=2 * LOOKAHEAD, beside=1)
    monkeypatch.setattr(grid.Around, "of", lambda _: around)


@pytest.fixture
def clip(tmp_path):
    return make(
        tmp_path, Clip(count=60, width=96, height=96, audio=("aac",), seconds=2.4, options=GROUPS)
    )


GROUPS = {"g": "10", "preset": "ultrafast"}
# Two segments, of thirty frames together.
SHORT = Fraction(6, 5)


def session(config=DIVIDED):
    darker = FakeRestorer(lambda crops: crops // 2)
    return Session(config, restorer=darker, detector=FakeDetector())


def told(report):
    """All but what differs between two runs."""
    found = {key: value for key, value in plain(report).items() if key not in Report.VARYING}
    return {key: value for key, value in found.items() if key not in {"settings", "output"}}


@pytest.mark.parametrize("cut", [(None, None), (Fraction(1, 5), Fraction(2))])
def test_a_divided_job_gives_what_an_undivided_one_gives(cut, clip, tmp_path):
    reports = []
    for name, config in (("whole", WHOLE), ("divided", DIVIDED)):
        with session(config) as held:
            out = tmp_path / f"{name}.mkv"
            reports.append(held.restore(clip, out, start=cut[0], end=cut[1]))
    whole, divided = tmp_path / "whole.mkv", tmp_path / "divided.mkv"
    assert witness.frames(divided) == witness.frames(whole)
    for stream in ("0:v:0", "0:a:0"):
        assert witness.packets(divided, stream) == witness.packets(whole, stream)
    assert told(reports[1]) == told(reports[0])
    assert len(reports[1].tracks) == 1  # the person is one, whatever segment shows them
    assert not list(tmp_path.glob("*.part"))


def test_reordered_pictures_are_muxed_in_step(clip, tmp_path):
    config = DIVIDED.with_options({"encoder.codec": "libx264", "encoder.options": {"bf": "3"}})
    for name in ("out.mp4", "out.mkv"):
        with session(config) as held:
            assert len(held.plan(clip, tmp_path / name, end=SHORT).segments) == 2
            held.restore(clip, tmp_path / name, end=SHORT)
        packets = witness.packets(tmp_path / name, "0:v:0")
        assert len(packets) == 30
        assert [f.pts for f in witness.frames(tmp_path / name)] == [
            Fraction(n, 25) for n in range(30)
        ]


@pytest.mark.parametrize(("config", "end"), [(DIVIDED, Fraction(1)), (WHOLE, Fraction(1, 5))])
def test_copies_are_encoded_from_the_same_frames(config, end, clip, tmp_path):
    """A lossless copy has the result's frames, a larger one their faces; divided or not."""
    out, same, large = (tmp_path / name for name in ("out.mkv", "same.mkv", "large.mp4"))
    larger = {"encoder.codec": "libx264", "encoder.speed": "fast", "output.scale": 2}
    with session(config) as held:
        report = held.restore(clip, out, end=end, copies={same: config, large: larger})
    assert report.faces == report.frames
    assert witness.frames(same) == witness.frames(out)
    assert witness.packets(same, "0:a:0") == witness.packets(out, "0:a:0")
    frames = witness.frames(large)
    assert [frame.pts for frame in frames] == [Fraction(n, 25) for n in range(report.frames)]
    means = {path: luma(path) for path in (clip, out, large)}
    assert abs(means[large] - means[out]) < 1 < abs(means[clip] - means[out])
    for made in report.copies:
        assert made.file.digest == hashlib.sha256(Path(made.output).read_bytes()).hexdigest()
    assert not list(tmp_path.glob("*.part"))


def luma(path):
    """The mean of a video's last picture."""
    with av.open(str(path)) as file:
        *_, last = file.decode(video=0)
    return last.to_ndarray(format="gray").mean()


def test_a_copy_that_cannot_be_made_ends_the_job_before_any_work(clip, tmp_path):
    (tmp_path / "there.mkv").write_bytes(b"somebody's")
    with session() as held:
        for name in ("there.mkv", "copy.xyz", "copy_%d.png", "out.mkv"):
            with pytest.raises((OutputError, ConfigError), match=name):
                held.restore(clip, tmp_path / "out.mkv", copies={tmp_path / name: None})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mkv", "there.mkv"]


def test_a_job_that_is_to_pause_finishes_its_segment(clip, tmp_path):
    pause = threading.Event()
    pause.set()
    with session() as held:
        with pytest.raises(Interrupted) as told:
            held.restore(clip, tmp_path / "out.mkv", end=SHORT, pause=pause)
        assert told.value.__notes__[0].startswith("1 of 2 segments are finished")
        report = held.restore(clip, tmp_path / "out.mkv", end=SHORT)
    assert report.resumed.segments == 1
    assert report.frames == 30


def test_a_stopped_job_goes_on_to_the_same(clip, tmp_path):
    out, stop, end = tmp_path / "out.mkv", threading.Event(), Fraction(9, 5)

    def progress(now):
        if now.segments_done == 2:
            stop.set()

    with session() as held:
        reference = held.restore(clip, tmp_path / "reference.mkv", end=end)
        assert reference.resumed.segments == 0
        with pytest.raises(Interrupted) as stopped:
            held.restore(clip, out, end=end, progress=progress, stop=stop)
        assert "segments are finished and kept in" in stopped.value.__notes__[0]
        assert not out.exists()
        seen = []
        report = held.restore(clip, out, end=end, progress=seen.append)
    assert report.resumed.segments >= 2
    first = next(step for step in seen if step.phase == "working")
    assert first.frames_kept == report.resumed.frames == first.frames_done
    assert seen[-1].frames_done == seen[-1].frames_total == 45
    assert seen[-1].segments_done == seen[-1].segments
    assert told(report) == told(reference)
    assert witness.packets(out, "0:v:0") == witness.packets(tmp_path / "reference.mkv", "0:v:0")
    assert not list(tmp_path.glob("*.part"))


def test_a_job_stopped_before_its_first_segment_leaves_nothing(clip, tmp_path):
    stop = threading.Event()
    with session() as held, pytest.raises(Interrupted) as stopped:
        held.restore(clip, tmp_path / "out.mkv", progress=lambda _: stop.set(), stop=stop)
    assert not hasattr(stopped.value, "__notes__")
    assert [entry.name for entry in tmp_path.iterdir()] == [clip.name]


def test_kept_parts_are_used_again_unless_the_job_is_another(clip, tmp_path):
    out = tmp_path / "out.mkv"
    with session() as held:
        held.restore(clip, out, end=SHORT, keep_parts=True)
        assert (tmp_path / "out.mkv.part").is_dir()
        again = held.restore(clip, out, end=SHORT, keep_parts=True, overwrite=True)
        assert again.resumed.frames == 30
    with session(DIVIDED.with_options({"paste.feather": 0.2})) as held:
        with pytest.raises(OutputError, match=r"paste\.feather was 0\.1, is 0\.2.*restart=True"):
            held.restore(clip, out, end=SHORT, overwrite=True)
        begun = held.restore(clip, out, end=SHORT, overwrite=True, restart=True)
        assert begun.resumed.frames == 0
    assert not (tmp_path / "out.mkv.part").exists()


def test_networks_of_the_callers_work_in_one_process(clip, tmp_path):
    with session() as held:
        with pytest.raises(ConfigError, match="in this process alone"):
            held.restore(clip, tmp_path / "out.mkv", jobs=2)
        assert held.restore(clip, tmp_path / "out.mkv", end=SHORT, jobs=0).frames == 30


def test_a_plan_is_the_same_each_time_and_goes_through_json(clip, tmp_path):
    with session() as held:
        plan = held.plan(clip, tmp_path / "out.mkv")
        assert held.plan(clip, tmp_path / "out.mkv") == plan
    assert len(plan.segments) == 4
    assert Plan.from_dict(json.loads(json.dumps(plan.as_dict()))) == plan
    assert plan.settings["restore"]["threads"] > 0
    assert [entry.name for entry in tmp_path.iterdir()] == [clip.name]


@pytest.mark.parametrize("name", ["out.avi", "pictures/out_%d.png"])
def test_what_cannot_be_put_together_is_not_divided(name, clip, tmp_path):
    with session(DIVIDED.with_options({"encoder.codec": "auto"})) as held:
        assert len(held.plan(clip, tmp_path / name).segments) == 1
