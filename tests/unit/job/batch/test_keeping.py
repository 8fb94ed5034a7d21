"""What is kept beside a result: written, or noted as not written; it never costs the result."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime

import pytest

from vidrestore import Config
from vidrestore.errors import InputError, OutputError
from vidrestore.job.batch.records.row import unwritten
from vidrestore.job.batch.workers import keeping
from vidrestore.job.batch.workers.keeping import Kept, keep
from vidrestore.report import Facts, ModelUsed
from vidrestore.report.html.excerpts import Excerpts

WRITERS = {
    "report": "write_json",
    "premis": "write_premis",
    "frame_hashes": "write_frame_hashes",
    "page": "write_page",
}
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def kept(tmp_path, monkeypatch):
    (tmp_path / "a.mkv").write_bytes(b"result")
    monkeypatch.setattr(keeping, "write_frame_hashes", lambda *_: None)
    return Kept(tmp_path, (tmp_path / "a.mkv").relative_to(tmp_path), True, True)


def report():
    return Facts().finish(
        source="a.avi",
        output="a.mkv",
        frames_in=0,
        model=ModelUsed("none", "", ""),
        settings=Config().model_dump(),
        timing={},
        version="1",
        device="cpu",
        precision="none",
        started=datetime.now(UTC),
        seconds=0.1,
    )


def facts_of(kept):
    return keep(report(), kept, Config(), lambda *_: Excerpts())


def test_all_that_can_be_is_written_and_nothing_is_noted(kept):
    facts = facts_of(kept)
    assert unwritten(facts) is None
    assert (facts["report"], facts["page"]) == ("reports/a.mkv.json", "reports/a.mkv.html")
    assert facts["output_bytes"] == 6


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OutputError("the disk is full"), "the disk is full"),
        (InputError("it holds no frames"), "it holds no frames"),
        (FULL, "cannot be replaced: "),
        (ValueError("not of the grammar"), "ValueError: not of the grammar (test_keeping.py:"),
        (ZeroDivisionError("a bug"), "ZeroDivisionError: a bug (test_keeping.py:"),
    ],
)
@pytest.mark.parametrize("what", WRITERS)
def test_what_cannot_be_written_is_noted_and_all_else_is_written(
    what, error, told, kept, monkeypatch
):
    def fails(*_):
        raise error

    before = facts_of(kept)
    monkeypatch.setattr(keeping, WRITERS[what], fails)
    facts = facts_of(kept)
    assert told in facts.pop(f"no_{what}")
    assert facts == {name: value for name, value in before.items() if name != what}


def test_what_tells_of_a_former_result_does_not_outlive_it(kept, monkeypatch):
    facts_of(kept)
    assert kept.beside(".json").is_file()

    def fails(*_):
        raise OutputError("the disk is full")

    for writer in WRITERS.values():
        monkeypatch.setattr(keeping, writer, fails)
    facts_of(kept)
    assert list((kept.folder / "reports").iterdir()) == []


def test_a_folder_of_reports_that_cannot_be_made_is_noted(kept):
    (kept.folder / "reports").write_bytes(b"a file")
    facts = facts_of(kept)
    assert {f"no_{what}" for what in WRITERS} <= facts.keys()
    assert facts["frames"] == 0
