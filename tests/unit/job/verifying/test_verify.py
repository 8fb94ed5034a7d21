"""A finished job, looked at again: what is right, and every way in which it may not be."""

from __future__ import annotations

import json
import shutil
import wave
from fractions import Fraction
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest

from tests import witness
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from vidrestore import InputError, Session
from vidrestore.api import verify_report
from vidrestore.cli import main
from vidrestore.datatypes import Frame, FrameFormat
from vidrestore.job.verifying.outside import compare_outside
from vidrestore.report import to_json, write_json
from vidrestore.report.keeping.seal import sealed

LOSSLESS = PLAIN.with_options({"encoder.codec": "ffv1", "detect.every": 1})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    clip = make(folder, Clip(count=8, width=97, height=95, codec="ffv1", options={}))
    darker = FakeRestorer(lambda crops: crops // 2)
    with Session(LOSSLESS, restorer=darker, detector=FakeDetector()) as session:
        report = session.restore(clip, folder / "out.mkv")
    assert report.faces == 8
    write_json(report, folder / "report.json")
    return folder


@pytest.fixture
def job(made, tmp_path):
    for name in ("clip.mkv", "out.mkv", "report.json"):
        shutil.copy(made / name, tmp_path)
    return SimpleNamespace(folder=tmp_path, report=tmp_path / "report.json")


def checks(job, **given):
    files = {"source": job.folder / "clip.mkv", "output": job.folder / "out.mkv"}
    found = verify_report(job.report, **{**files, **given})
    return found.right, {check.what: check.right for check in found.checks}


def test_a_job_that_nobody_touched_is_right(job):
    right, told = checks(job)
    assert right
    assert told == {
        "report": True,
        "source": True,
        "result": True,
        "model": None,
        "outside the faces": True,
    }


@pytest.mark.parametrize("name", ["clip.mkv", "out.mkv"])
def test_a_file_that_differs_in_one_byte_is_wrong(job, name):
    content = bytearray((job.folder / name).read_bytes())
    content[-20] ^= 1
    (job.folder / name).write_bytes(content)
    right, told = checks(job)
    assert not right
    assert told["source" if name == "clip.mkv" else "result"] is False


def test_a_report_with_another_digit_is_wrong(job):
    text = job.report.read_text()
    job.report.write_text(text.replace('"seconds": 0', '"seconds": 1', 1))
    if job.report.read_text() == text:
        job.report.write_text(text.replace('"frames_in": 8', '"frames_in": 9', 1))
    right, told = checks(job)
    assert (right, told["report"], told["result"]) == (False, False, True)


def test_a_region_that_was_made_smaller_shows_what_changed_outside(job):
    told = json.loads(job.report.read_text())
    told.pop("digest")
    for row in told["tracks"][0]["regions"]:
        row[3] = row[1] + 2
    job.report.write_text(sealed(to_json(told)))
    right, found = checks(job)
    assert (right, found["report"], found["outside the faces"]) == (False, True, False)


def test_files_may_have_moved_beside_the_report(job):
    text = job.report.read_bytes()
    elsewhere = job.folder / "elsewhere"
    elsewhere.mkdir()
    for name in ("clip.mkv", "out.mkv"):
        (job.folder / name).rename(elsewhere / name)
    (elsewhere / "report.json").write_bytes(text.replace(b"/made", b"/gone"))
    found = verify_report(elsewhere / "report.json")
    told = {check.what: check.right for check in found.checks}
    assert [told[what] for what in ("source", "result", "outside the faces")] == [True] * 3


def test_a_bag_that_was_moved_is_looked_at_where_it_is(job):
    """Files lie to their report as they did; of two of a name the hash tells the right one."""
    data = job.folder / "moved.bag" / "data"
    (data / "reports" / "tapes").mkdir(parents=True)
    (data / "tapes").mkdir()
    shutil.copy(job.folder / "out.mkv", data / "tapes" / "out.mkv")
    shutil.copy(job.folder / "clip.mkv", data / "reports" / "tapes" / "out.mkv")
    text = job.report.read_text().replace("/out.mkv", "/gone/tapes/out.mkv")
    report = data / "reports" / "tapes" / "out.mkv.json"
    report.write_text(text)
    found = verify_report(report, source=job.folder / "clip.mkv")
    told = {check.what: check for check in found.checks}
    assert told["result"].right
    assert str(data / "tapes" / "out.mkv") in told["result"].text
    assert told["outside the faces"].right


def test_copies_are_looked_at_too(job, tmp_path):
    clip, out, copy = job.folder / "clip.mkv", tmp_path / "new.mkv", tmp_path / "copy.mkv"
    with Session(LOSSLESS, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        write_json(session.restore(clip, out, copies={copy: None}), tmp_path / "r.json")
    assert {c.what: c.right for c in verify_report(tmp_path / "r.json").checks}["copy"] is True
    copy.write_bytes(copy.read_bytes()[:-1] + b"x")
    assert {c.what: c.right for c in verify_report(tmp_path / "r.json").checks}["copy"] is False
    copy.unlink()
    assert {c.what: c.right for c in verify_report(tmp_path / "r.json").checks}["copy"] is None


def test_one_report_that_cannot_be_read_does_not_hide_the_others(job, capsys):
    bad = job.folder / "bad.json"
    bad.write_text("{}")
    assert main(["verify", str(bad), str(job.report)]) == 3
    said = capsys.readouterr().out.splitlines()
    assert said[0] == str(bad)
    assert said[1].startswith("WRONG  report:")
    assert any(line.startswith("right  result") for line in said)
    assert main(["verify", str(bad), str(job.report), "--result", str(bad)]) == 2
    assert "are for one report" in capsys.readouterr().err
    assert main(["verify", str(bad)]) == 2


def test_what_is_missing_is_named(job):
    (job.folder / "out.mkv").unlink()
    assert main(["verify", str(job.report), "--result", str(job.folder / "out.mkv")]) == 3


def test_a_folder_stands_for_the_reports_below_it(job, capsys):
    (job.folder / "summary.json").write_text("{}")
    (job.folder / "none").mkdir()
    assert main(["verify", str(job.folder)]) == 0
    assert "right  result" in capsys.readouterr().out
    assert main(["verify", str(job.folder / "none")]) == 2
    assert "holds no reports" in capsys.readouterr().err


def test_what_is_no_report_is_refused(job):
    for text in ("", "[]", "{}", "[" * 5000, '{"fixity": {"algorithm": "crc32"}}'):
        job.report.write_text(text)
        with pytest.raises(InputError, match="no report"):
            verify_report(job.report)


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.update(start="1/0"),
        lambda told: told["tracks"][0].update(regions=[[1 << 40, 0, 0, 1, 1]]),
        lambda told: told["tracks"][0].update(regions=[[0, 1]]),
        lambda told: told.update(model=None),
    ],
)
def test_numbers_that_are_none_are_refused(job, change):
    told = json.loads(job.report.read_text())
    change(told)
    job.report.write_text(json.dumps(told))
    with pytest.raises(InputError, match="no report"):
        verify_report(job.report)


def altered(job, change):
    """The report with something else in it."""
    told = json.loads(job.report.read_text())
    change(told)
    told.pop("digest")
    job.report.write_text(to_json(told))


@pytest.mark.parametrize(
    ("section", "option", "value", "why"),
    [
        ("input", "mask", "/gone/file.png", "what a mask covers was filled in"),
        ("output", "background", "/gone/file.pth", "what is not face was redrawn"),
        ("output", "height", 720, "the picture was enlarged"),
        ("film", "repair", "frame", "specks and scratches were taken out of whole frames"),
    ],
)
def test_what_was_asked_for_outside_the_faces_is_no_fault(job, section, option, value, why):
    altered(job, lambda told: told["settings"][section].update({option: value}))
    found = {check.what: check for check in verify_report(job.report).checks}
    assert found["outside the faces"].right is None
    assert found["outside the faces"].text == f"not compared: {why}"


def test_faces_that_fill_all_frames_prove_nothing(job):
    def change(told):
        regions = [[index, 0, 0, 97, 95] for index in range(8)]
        told["tracks"][0].update(regions=regions)

    altered(job, change)
    assert checks(job)[1]["outside the faces"] is None


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.update(input="a" * 5000),
        lambda told: told.update(output="a/" * 2500),
        lambda told: told.update(copies=[{"output": "a" * 5000, "settings": {}}]),
        lambda told: told.update(start=1e300),
    ],
)
def test_names_and_times_that_no_file_has_are_told_in_a_line(job, change):
    altered(job, change)
    found = verify_report(job.report)
    assert not found.right
    assert all("\n" not in check.text for check in found.checks)


@pytest.mark.parametrize("content", [b"ffconcat version 1.0\nfile clip.mkv\n", None])
def test_a_result_that_is_no_video_any_more_has_no_frames(job, content):
    """It opens no other file, either."""
    altered(job, lambda told: told["fixity"].update(frames="0" * 64))
    if content is None:
        with wave.open(str(job.folder / "out.mkv"), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(8000))
    else:
        (job.folder / "out.mkv").write_bytes(content)
    found = verify_report(job.report, output=job.folder / "out.mkv")
    (frames,) = [check for check in found.checks if check.what == "frames"]
    assert frames.right is False
    assert "other frames" not in frames.text


def test_a_report_has_nothing_run(job):
    told = json.loads(job.report.read_text())
    told["settings"]["encoder"]["ffmpeg"] = "/tmp/evil"
    told.pop("digest")
    job.report.write_text(sealed(to_json(told)))
    found = verify_report(job.report, again=True)
    texts = {check.what: check.text for check in found.checks}
    assert "may not name programs" in texts["restored anew"]


def test_restored_anew_it_is_the_same(tmp_path, capsys):
    clip = make(tmp_path, Clip(count=6, width=96, height=96))
    config = LOSSLESS.with_options({"restore.model": "none"})
    with Session(config) as session:
        write_json(session.restore(clip, tmp_path / "out.mkv"), tmp_path / "r.json")
    assert main(["verify", str(tmp_path / "r.json"), "--again"]) == 0
    said = capsys.readouterr().out
    assert "right  restored anew: equal in every sample of 6 frames (on cpu)" in said


def test_a_call_without_a_report_is_refused(capsys):
    assert main(["verify"]) == 2
    assert "REPORT is missing" in capsys.readouterr().err


def test_an_archive_restored_anew_by_the_embedded_model_is_the_same(tmp_path):
    """By the report that is attached; the one beside it knows the file, too."""
    clip, out = make(tmp_path, Clip(width=96, height=96, count=4)), tmp_path / "out.mkv"
    with Session("archive") as session:
        write_json(session.restore(clip, out), tmp_path / "r.json")
    with av.open(str(out)) as file:
        (tmp_path / "attached.json").write_bytes(file.streams.attachments[0].data)
    told = {c.what: c.right for c in verify_report(tmp_path / "attached.json", again=True).checks}
    assert (told["model"], told["frames"], told["restored anew"]) == (True, True, True)
    told = {c.what: c.right for c in verify_report(tmp_path / "r.json").checks}
    assert (told["result"], told["frames"], told["outside the faces"]) == (True, True, True)


def test_an_attached_copy_knows_the_frames(tmp_path):
    clip = make(tmp_path, Clip(width=96, height=96))
    out, copy = tmp_path / "out.mkv", tmp_path / "copy.json"
    config = LOSSLESS.with_options({"output.report": "attached"})
    with Session(config, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        session.restore(clip, out)
    with av.open(str(out)) as file:
        copy.write_bytes(file.streams.attachments[0].data)
    other, negative = tmp_path / "other.mkv", tmp_path / "negative.mkv"
    witness.run("-i", out, "-map", "0:v", "-c", "copy", other)
    witness.run("-i", out, "-map", "0:v", "-vf", "negate", "-c:v", "ffv1", negative)
    for result, right in ((out, True), (other, True), (negative, False)):
        found = verify_report(copy, source=clip, output=result)
        told = {check.what: check.right for check in found.checks}
        assert (told["result"], told["frames"]) == (None, right)


@pytest.mark.parametrize(("end", "right"), [("png", True), ("jpg", None)])
def test_photos_are_compared_too(tmp_path, end, right):
    picture = np.random.default_rng(1).integers(0, 255, (96, 97, 3), np.uint8)
    assert cv2.imwrite(str(tmp_path / f"a.{end}"), picture)
    darker = FakeRestorer(lambda crops: crops // 2)
    with Session(LOSSLESS, restorer=darker, detector=FakeDetector()) as session:
        report = session.restore(tmp_path / f"a.{end}", tmp_path / f"b.{end}")
    assert report.faces
    write_json(report, tmp_path / "r.json")
    checks = {check.what: check for check in verify_report(tmp_path / "r.json").checks}
    assert checks["outside the faces"].right is right
    assert checks["outside the faces"].text.endswith(" 1 page"), "a photo has no frames"
    assert checks["result"].right is True


def test_pictures_that_are_many_files_are_not_restored_anew_and_that_is_told(tmp_path):
    clip = make(tmp_path, Clip(count=2, width=96, height=96))
    with Session(LOSSLESS, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        write_json(session.restore(clip, tmp_path / "stills" / "%d.png"), tmp_path / "r.json")
    found = verify_report(tmp_path / "r.json", again=True)
    told = {check.what: (check.right, check.text) for check in found.checks}
    assert told["restored anew"] == (None, "not compared: pictures are many files")


def frame(value, change=()):
    form = FrameFormat(6, 4, "yuv420p")
    planes = [np.full(shape, value, np.uint8) for shape in form.plane_shapes()]
    for plane, y, x in change:
        planes[plane][y, x] += 1
    for plane in planes:
        plane.flags.writeable = False
    return Frame(0, 0, 1, Fraction(1), tuple(planes), form)


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ([(0, 1, 1), (0, 2, 3), (1, 0, 0), (2, 1, 1)], 0),
        ([(0, 0, 1)], 1),
        ([(0, 3, 3)], 1),
        ([(0, 1, 4)], 1),
        ([(1, 0, 2)], 1),
    ],
)
def test_a_chroma_sample_may_change_where_a_face_covers_a_part_of_it(change, changed):
    regions = np.array([[0, 1, 1, 4, 3]], np.int32)
    found = compare_outside(iter([frame(9)]), iter([frame(9, change)]), regions)
    assert (found.frames, found.changed) == (1, changed)
