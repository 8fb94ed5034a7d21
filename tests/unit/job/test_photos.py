"""A photo through the whole job, with stand-ins for the networks."""

from __future__ import annotations

import threading
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from tests.made_pictures.photos import exif, jpeg, pixels
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from vidrestore import ConfigError, InputError, Interrupted, OutputError, Session


@pytest.fixture(scope="module")
def session():
    restorer = FakeRestorer(lambda crops: 255 - crops)
    with Session(PLAIN, restorer=restorer, detector=FakeDetector()) as made:
        yield made


def opened(path):
    with Image.open(path) as image:
        return np.asarray(image).astype(int)


def test_faces_change_and_nothing_else(session, tmp_path):
    picture = pixels(300, 400)
    Image.fromarray(picture).save(tmp_path / "in.png")
    report = session.restore(tmp_path / "in.png", tmp_path / "out.png")
    assert (report.frames, report.faces, report.frames_restored) == (1, 1, 1)
    assert report.picture["kind"] == "photo"
    changed = np.abs(opened(tmp_path / "out.png") - picture).max(axis=2) > 0
    ((_, x0, y0, x1, y1),) = report.tracks[0].regions.tolist()
    assert changed[y0:y1, x0:x1].mean() > 0.3
    changed[y0:y1, x0:x1] = False
    assert not changed.any()


def test_a_photo_on_its_side_is_restored_upright(session, tmp_path):
    Image.fromarray(pixels(300, 400)).save(tmp_path / "in.png", exif=exif(6))
    report = session.restore(tmp_path / "in.png", tmp_path / "out.png")
    assert (report.picture["width"], report.picture["height"]) == (300, 400)
    assert opened(tmp_path / "out.png").shape == (400, 300, 3)


def test_pages_count_as_frames_and_their_faces_as_people(session, tmp_path):
    pages = [Image.fromarray(pixels(300 + 20 * n, 400)) for n in range(3)]
    pages[0].save(tmp_path / "in.tif", save_all=True, append_images=pages[1:])
    report = session.restore(tmp_path / "in.tif", tmp_path / "out.tif")
    assert (report.frames, report.faces) == (3, 3)
    assert [track.track_id for track in report.tracks] == [1, 2, 3]
    assert [track.first_frame for track in report.tracks] == [0, 1, 2]


def test_a_larger_result(session, tmp_path):
    Image.fromarray(pixels(300, 400)).save(tmp_path / "in.png", dpi=(300, 300))
    config = PLAIN.with_options({"output.scale": 2})
    with Session(config, restorer=FakeRestorer(), detector=FakeDetector()) as large:
        large.restore(tmp_path / "in.png", tmp_path / "out.png")
    assert opened(tmp_path / "out.png").shape == (600, 800, 3)


def test_a_dry_run_and_a_plan_write_nothing(session, tmp_path):
    (tmp_path / "in.jpg").write_bytes(jpeg(pixels(300, 400)))
    estimate = session.estimate(tmp_path / "in.jpg", tmp_path / "out.jpg")
    assert estimate.frames == 1
    assert estimate.output_bytes > 1000
    plan = session.plan(tmp_path / "in.jpg", tmp_path / "out.jpg")
    assert len(plan.segments) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["in.jpg"]


def test_what_is_refused_leaves_nothing_behind(session, tmp_path):
    source = tmp_path / "in.jpg"
    source.write_bytes(jpeg(pixels(300, 400)))
    with pytest.raises(ConfigError, match="no times"):
        session.restore(source, tmp_path / "out.jpg", start=Fraction(1))
    with pytest.raises(OutputError, match="is the input itself"):
        session.restore(source, source, overwrite=True)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        session.restore(source, tmp_path / "out.jpg", stop=stop)
    source.write_bytes(source.read_bytes()[:2000])
    with pytest.raises(InputError, match="damaged or incomplete"):
        session.restore(source, tmp_path / "out.jpg")
    assert [path.name for path in tmp_path.iterdir()] == ["in.jpg"]
