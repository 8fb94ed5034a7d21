"""A report that stays with its result."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

from tests import witness
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from vidrestore import Session
from vidrestore.api import verify_report
from vidrestore.errors import OutputError
from vidrestore.job import attached
from vidrestore.report import write_json
from vidrestore.report.keeping.seal import unbroken
from vidrestore.video.mux import attachment

ATTACHED = PLAIN.with_options({"output.report": "attached", "encoder.codec": "ffv1"})
NAME = "vidrestore.json"


def restored(tmp_path: Path, name: str = "out.mkv", **clip):
    source = make(tmp_path, Clip(width=96, height=96, **clip))
    with Session(ATTACHED, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        return source, session.restore(source, tmp_path / name)


def attachments(path: Path) -> dict[str, bytes]:
    with av.open(str(path)) as file:
        return {each.name: bytes(each.data) for each in file.streams.attachments}


@pytest.mark.parametrize("font", [False, True])
def test_a_copy_of_the_report_is_attached_beside_what_the_source_has(tmp_path, font):
    source, report = restored(tmp_path, font=font, audio=("flac",))
    found = attachments(tmp_path / "out.mkv")
    assert len(found) == 1 + font
    assert unbroken(found[NAME])
    told = json.loads(found[NAME])
    assert told["fixity"]["source"]["digest"] == report.fixity.source.digest
    assert told["fixity"]["result"] is None
    hashed = ("-map", "0:v:0", "-f", "hash", "-hash", "sha256", "-")
    digest = witness.run("-i", tmp_path / "out.mkv", *hashed).stdout.strip().partition("=")[2]
    assert told["fixity"]["frames"] == report.fixity.frames == digest
    assert told["model"]["name"] == "FakeRestorer"
    assert len(told["tracks"][0]["regions"]) == 12
    # All else is as it was: FFmpeg, which checks the sums, reads the same frames and sound.
    for stream in ("0:v:0", "0:a:0"):
        mine, theirs = (witness.packets(path, stream) for path in (tmp_path / "out.mkv", source))
        assert len(mine) == len(theirs)
    assert not witness.run("-v", "error", "-i", tmp_path / "out.mkv", "-f", "null", "-").stderr


def test_the_frames_are_those_of_the_stream_that_was_restored(tmp_path):
    """A camera's other view, which is copied, may come before it."""
    with av.open(str(tmp_path / "two.mkv"), "w") as file:
        for _ in range(2):
            stream = file.add_stream("ffv1", rate=25)
            stream.width, stream.height, stream.pix_fmt = 96, 96, "yuv420p"
        for index in range(3):
            for number, stream in enumerate(file.streams.video):
                grey = np.full((144, 96), 90 * number + 20 * index, np.uint8)
                picture = av.VideoFrame.from_ndarray(grey, format="yuv420p")
                picture.pts = index
                file.mux(stream.encode(picture))
        for stream in file.streams.video:
            file.mux(stream.encode(None))
    config = ATTACHED.with_options({"input.stream": 1})
    with Session(config, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        report = session.restore(tmp_path / "two.mkv", tmp_path / "out.mkv")
    hashed = ("-map", "0:v:1", "-f", "hash", "-hash", "sha256", "-")
    digest = witness.run("-i", tmp_path / "out.mkv", *hashed).stdout.strip().partition("=")[2]
    assert report.fixity.frames == digest
    write_json(report, tmp_path / "report.json")
    checks = {check.what: check for check in verify_report(tmp_path / "report.json").checks}
    assert checks["frames"].right


def test_frames_that_cannot_be_hashed_cost_no_result(tmp_path, monkeypatch):
    def fails(*_):
        raise OutputError("nothing here decodes it")

    monkeypatch.setattr(attached, "hash_of_frames", fails)
    _, report = restored(tmp_path)
    assert (report.fixity.frames, report.frames) == (None, 12)
    assert any("no hash of frames: nothing here decodes it" in line for line in report.warnings)
    assert unbroken(attachments(tmp_path / "out.mkv")[NAME])


def test_a_container_that_holds_none_is_told(tmp_path, monkeypatch):
    config = ATTACHED.with_options({"encoder.codec": "libx264"})
    source = make(tmp_path, Clip(width=96, height=96))
    with Session(config, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        report = session.restore(source, tmp_path / "out.mp4")
        assert any("not attached" in warning for warning in report.warnings)
        assert report.fixity.frames is None
        monkeypatch.setattr(attached, "_LEAST", 100)
        monkeypatch.setattr(attached, "_PER_FRAME", 0)
        report = session.restore(source, tmp_path / "out.mkv")
    assert any("too long" in warning for warning in report.warnings)
    assert "too long" in json.loads(attachments(tmp_path / "out.mkv")[NAME])["note"]


def test_where_there_is_no_room_nothing_is_written(tmp_path):
    clip = make(tmp_path, Clip(font=True))
    before = clip.read_bytes()
    with pytest.raises(ValueError, match=r"no attachment vidrestore\.json"):
        attachment.fill(clip, NAME, b"{}")
    plain = make(tmp_path, Clip("plain.mkv"))
    with pytest.raises(ValueError, match="no attachments"):
        attachment.fill(plain, NAME, b"{}")
    assert clip.read_bytes() == before
