"""Jobs of one process: what one of them sets is not for the next."""

from __future__ import annotations

import pytest
import torch
from PIL import Image

from tests.made_files.synthetic import Clip, make
from tests.made_pictures.photos import pixels
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from vidrestore import Session, build
from vidrestore.build import finding
from vidrestore.film.observe import LOOKAHEAD
from vidrestore.job.segments import grid
from vidrestore.restore.running import threads as counting

WHOLE = PLAIN.with_options({"encoder.codec": "ffv1", "job.segment": 0})
DIVIDED = WHOLE.with_options({"job.segment": 0.6})


@pytest.fixture
def used(monkeypatch):
    """How many threads torch had when faces were restored, by networks as if of ours."""
    found = set()

    def restored(crops):
        found.add(torch.get_num_threads())
        return crops

    def engine(config):
        return build.given_engine(FakeRestorer(restored), config)._replace(device="cpu")

    monkeypatch.setattr(build, "build_engine", engine)
    monkeypatch.setattr(finding, "build_detector", lambda *_: FakeDetector())
    monkeypatch.setattr(counting, "_counts", counting._Counts())
    monkeypatch.delenv("OMP_THREAD_LIMIT", raising=False)
    # As far as a segment of so short a clip looks around itself.
    around = grid.Around(context=2 * LOOKAHEAD, beside=1)
    monkeypatch.setattr(grid.Around, "of", lambda _: around)
    return found


@pytest.mark.parametrize("other", [WHOLE, DIVIDED])
def test_a_job_has_its_own_threads_whatever_was_done_before(tmp_path, used, other):
    options = {"g": "10", "preset": "ultrafast"}
    clip = make(tmp_path, Clip(count=60, width=96, height=96, options=options))
    torch.set_num_threads(3)

    def threads(session):
        used.clear()
        report = session.restore(clip, tmp_path / "out.mkv", overwrite=True)
        assert report.faces == report.frames == 60
        return used.copy()

    with Session(WHOLE) as plain, Session(other.with_options({"restore.threads": 1})) as one:
        divided = len(one.plan(clip, tmp_path / "out.mkv").segments) > 1
        assert divided == (other is DIVIDED)
        assert [threads(each) for each in (plain, one, plain)] == [{3}, {1}, {3}]


def test_photos_and_frames_have_their_own_threads_too(tmp_path, used):
    Image.fromarray(pixels(96, 96)).save(tmp_path / "in.png")
    torch.set_num_threads(3)

    def photo(session):
        used.clear()
        report = session.restore(tmp_path / "in.png", tmp_path / "out.png", overwrite=True)
        assert report.faces == 1
        return used.copy()

    def frames(session):
        used.clear()
        assert len(list(session.restore_frames([(pixels(96, 96), 0.0)]))) == 1
        return used.copy()

    one = WHOLE.with_options({"restore.threads": 1})
    with Session(WHOLE) as plain, Session(one) as other:
        for work in (photo, frames):
            assert [work(each) for each in (plain, other, plain)] == [{3}, {1}, {3}]
