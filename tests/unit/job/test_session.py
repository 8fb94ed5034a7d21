"""One session for many jobs; networks that count how often they are made stand in for real ones."""

from __future__ import annotations

import logging
import threading

import pytest

from tests import witness
from tests.made_files import odd_files
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from vidrestore import Config, Interrupted, ModelError, Session, build, restore_video
from vidrestore.build import finding
from vidrestore.errors import NoMemoryError
from vidrestore.job.networks import Networks

CONFIG = Config().with_options({"encoder.codec": "ffv1", "track.smoothing": 0})


class Made:
    """Counts the networks that are made in place of the real ones."""

    def __init__(self, monkeypatch):
        self.engines = self.detectors = 0
        self.failing = False
        monkeypatch.setattr(build, "build_engine", self.engine)
        monkeypatch.setattr(finding, "build_detector", self.detector)

    def engine(self, config):
        if self.failing:
            raise ModelError("no such model")
        self.engines += 1
        return build.given_engine(FakeRestorer(lambda crops: crops // 2), config)

    def detector(self, *_):
        self.detectors += 1
        return FakeDetector()


@pytest.fixture
def made(monkeypatch):
    return Made(monkeypatch)


@pytest.fixture
def clip(tmp_path):
    return make(tmp_path, Clip(count=12, width=96, height=96))


def pictures(path):
    return [(frame.pts, frame.digest) for frame in witness.frames(path)]


def test_a_library_that_lacks_memory_is_told_in_a_line_and_the_session_goes_on(tmp_path, clip):
    """So that of several videos the others are restored."""
    lacking = [True]

    def restored(crops):
        if lacking:
            # As torch says it.
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate")
        return crops

    with Session(CONFIG, restorer=FakeRestorer(restored), detector=FakeDetector()) as session:
        with pytest.raises(NoMemoryError, match="too little memory; close other programs"):
            session.restore(clip, tmp_path / "a.mkv")
        with pytest.raises(NoMemoryError):
            session.estimate(clip, tmp_path / "a.mkv")
        lacking.clear()
        assert session.restore(clip, tmp_path / "a.mkv").faces == 12
    assert sorted(path.name for path in tmp_path.glob("*.mkv")) == ["a.mkv", "clip.mkv"]


def test_what_begins_long_after_the_sound_is_estimated_too(tmp_path, made):
    options = {"preset": "ultrafast", "g": "5"}
    shape = {"width": 96, "height": 96, "audio": ("flac",), "seconds": 1.2}
    whole = make(tmp_path, Clip("a.mkv", count=30, options=options, **shape))
    late = odd_files.without_start(whole, "late.mkv", keyframes=3)
    with Session(CONFIG) as session:
        assert session.estimate(late, tmp_path / "b.mkv").basis.startswith("the first 10 frames")
        assert session.estimate(late, tmp_path / "b.mkv", end="0.7").frames == 3


def test_networks_are_made_when_first_needed_and_once(tmp_path, clip, made):
    with Session(CONFIG) as session:
        assert (made.engines, made.detectors) == (0, 0)
        assert session.inspect(clip).faces == 12
        assert (made.engines, made.detectors) == (0, 1)
        assert session.estimate(clip, tmp_path / "a.mkv").frames == 12
        for name in ("a.mkv", "b.mkv"):
            assert session.restore(clip, tmp_path / name).faces == 12
        list(session.restore_frames([]))
    assert (made.engines, made.detectors) == (1, 1)


def test_jobs_side_by_side_give_what_each_gives_alone(tmp_path, clip, made):
    restore_video(clip, tmp_path / "alone.mkv", CONFIG)
    outs = [tmp_path / f"{number}.mkv" for number in range(2)]
    with Session(CONFIG) as session:
        threads = [threading.Thread(target=session.restore, args=(clip, out)) for out in outs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
    assert made.engines == 2  # that of the lone job, and the session's
    for out in outs:
        assert pictures(out) == pictures(tmp_path / "alone.mkv")


def test_a_model_that_cannot_be_loaded_is_tried_again(tmp_path, clip, made):
    made.failing = True
    with Session(CONFIG) as session:
        with pytest.raises(ModelError):
            session.restore(clip, tmp_path / "out.mkv")
        made.failing = False
        assert session.restore(clip, tmp_path / "out.mkv").faces == 12


def test_a_stopped_job_leaves_the_session_usable(tmp_path, clip, made):
    stop = threading.Event()
    stop.set()
    with Session(CONFIG) as session:
        with pytest.raises(Interrupted):
            session.restore(clip, tmp_path / "out.mkv", stop=stop)
        assert session.restore(clip, tmp_path / "out.mkv").faces == 12


def test_a_closed_session_does_nothing_more(tmp_path, clip):
    session = Session(CONFIG)
    session.close()
    session.close()
    with pytest.raises(ValueError, match="closed"):
        session.restore(clip, tmp_path / "out.mkv")
    with pytest.raises(ValueError, match="closed"):
        session.restore_frames([])
    assert session.config is CONFIG


def test_the_callers_restorer_gets_the_template_and_batch_of_the_options():
    options = {"restore.template": "ffhq", "restore.batch": 7}
    restorer = FakeRestorer()
    named = build.given_engine(restorer, Config().with_options(options).restore)
    assert (named.template, named.batch) == ("ffhq", 7)
    assert build.given_engine(restorer, Config().restore).template == "gpen"


def test_jobs_are_logged_and_nothing_is_said(tmp_path, clip, made, caplog, capfd):
    with Session(CONFIG) as session:
        session.restore(clip, tmp_path / "a.mkv")
        with caplog.at_level(logging.INFO, "vidrestore"):
            session.restore(clip, tmp_path / "b.mkv")
    assert [record.getMessage() for record in caplog.records if "b.mkv" in record.getMessage()]
    assert all(record.name.startswith("vidrestore.") for record in caplog.records)
    assert capfd.readouterr() == ("", "")


def test_other_options_share_the_networks_that_they_do_not_change(tmp_path, clip, made):
    networks = Networks(CONFIG)
    networks.engine(), networks.finder()
    same = networks.configured(CONFIG.with_options({"paste.strength": 0.5, "paste.grain": 0}))
    assert same.engine() is networks.engine()
    assert same.finder() is networks.finder()
    other = networks.configured(CONFIG.with_options({"restore.batch": 3}))
    assert other.engine() is not networks.engine()
    assert other.finder() is networks.finder()
    assert (made.engines, made.detectors) == (2, 1)
