"""Runs with workers that restore nothing: what is kept, what is made later, and how it stops."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.made_files.synthetic import Clip, make
from vidrestore import batch
from vidrestore.batch import Asked, State, batch_config, files_of, run_batch, write_batch_report
from vidrestore.cli.display.batch import finished, table
from vidrestore.errors import ConfigError, OutputError
from vidrestore.job.batch import room, running
from vidrestore.job.batch.files.wanted import Wanted
from vidrestore.job.batch.records.table import Table
from vidrestore.job.batch.running import Run
from vidrestore.runtime import child_process


@pytest.fixture
def run(tmp_path):
    """Three clips in a folder, and a way to restore it."""
    source, marks = tmp_path / "in", tmp_path / "marks"
    for folder in (source, marks):
        folder.mkdir()
    for name in ("a.mkv", "b.mkv", "c.mkv"):
        make(source, Clip(name, count=6))
    worker = child_process.command("tests.stand_ins.quick_worker", str(marks))

    def go(pause=None, notify=None, limits=None, **asked):
        given = Asked(
            source,
            tmp_path / "out",
            **{"options": {"encoder.codec": "ffv1"}, **asked},
            batch=batch_config({"jobs": "1", "free": "0", "pause": "0", **(limits or {})}),
        )
        return run_batch(given, pause=pause, notify=notify, worker=worker)

    go.source, go.output, go.worker = source, tmp_path / "out", worker
    return go


def test_further_results_are_made_of_the_first_ones_also_later(run):
    assert run(exclude=("c.mkv",)).counts == {State.DONE: 2}
    before = (run.output / "a.mkv").stat().st_mtime_ns
    lines = []
    done = run(also=("access.mkv", "home-video"), logs=True, bag=True, notify=lines.append)
    assert done.counts == {State.DONE: 3}
    assert "a.mkv: again, it has no a.access.mkv yet" in " ".join(lines)
    assert (run.output / "a.mkv").stat().st_mtime_ns == before
    names = sorted(path.name for path in run.output.glob("*.mkv"))
    assert names == ["a.access.mkv", "a.mkv", "b.access.mkv", "b.mkv", "c.access.mkv", "c.mkv"]
    log = run.output / ".vidrestore" / "logs" / "c.mkv.jsonl"
    assert json.loads(log.read_text().splitlines()[0])["message"] == "c.mkv"
    assert (run.output.with_name("out.bag") / "data" / "c.access.mkv").is_file()
    manifest = (run.output / "manifest-sha256.txt").read_text()
    assert [line.split("  ")[1] for line in manifest.splitlines()] == names
    lines.clear()
    run(also=("access.mkv", "home-video"), notify=lines.append)
    assert lines[0].startswith("0 files to do, 0 of them new; 3 done before")


def test_a_run_is_known_to_work_until_its_papers_are_written(run, monkeypatch):
    """Another that ends meanwhile would take what is half written for what a dead one has left."""
    seen = []

    def papers(asked, algorithm, rows):
        hidden = run.output / "reports" / ".sources.1.part"
        hidden.touch()
        with Table(run.output) as other:
            seen.append(len(other.owners()))
            assert not any(row.state == State.RUNNING for row in other.rows())
        assert hidden.exists()

    monkeypatch.setattr(running, "write_fixity", papers)
    assert run().counts == {State.DONE: 3}
    assert seen == [1]
    with Table(run.output) as table:
        assert not table.owners()
    assert not list((run.output / "reports").glob(".*.part"))


def test_a_file_with_warnings_is_told_as_that(run):
    chaptered = Clip("a.mkv", count=6, subtitle="subrip", chapters=((0.0, 0.1, "One"),))
    make(run.source, chaptered)
    lines = []
    done = run(limits={"container": "avi"}, notify=lines.append)
    assert done.counts == {State.DONE: 3}
    assert done.warned == 1
    [told] = [line for line in lines if line.startswith("a.avi")]
    assert re.search(r"; \d+ warnings?$", told)
    summary = json.loads((run.output / "reports" / "summary.json").read_text())
    assert summary["warned"] == done.warned
    assert f"{done.warned} finished file" in " ".join(finished(done))
    [row] = [row for row in files_of(run.output) if row.output.name == "a.avi"]
    assert f"{row.warnings} warning" in " ".join(table([row]))


def test_what_tells_of_a_former_result_goes_with_it_or_is_told(run):
    kept = [run.output / "reports" / f"a.mkv{end}" for end in (".premis.xml", ".framemd5")]
    options = {"encoder.codec": "ffv1"}
    first = {"options": options | {"output.checksum": "sha512"}, "include": ("a.mkv",)}
    run(**first, premis=True, frame_hashes=True)
    assert all(path.is_file() for path in kept)
    lines = []
    again = {"options": options | {"paste.strength": 0.5}, "include": ("a.mkv",)}
    assert run(**again, notify=lines.append).counts == {State.DONE: 1}
    assert not any(path.exists() for path in kept)
    assert (run.output / "manifest-sha512.txt").is_file(), "nobody's file is removed"
    former = "manifest-sha512.txt is of an earlier run, and was not written anew; ask for it with"
    assert any(former in line and "--checksum sha512" in line for line in lines)


def test_a_run_that_finds_no_room_ends_and_names_the_option(run, monkeypatch):
    monkeypatch.setattr(room, "_PATIENCE", -1.0)
    done = run(limits={"free": "1000000000"})
    assert (done.stopped, done.left) == ("there was no room (--free)", 3)


def test_files_that_their_options_fail_are_told_at_once_and_not_counted_as_to_do(run):
    beside = run.source / "b.mkv.vidrestore.toml"
    beside.write_text("[paste]\nstrengh = 1\n")
    lines = []
    done = run(notify=lines.append)
    assert done.counts == {State.DONE: 2, State.FAILED: 1}
    assert lines[0] == "2 files to do, 2 of them new; 0 done before"
    failed = f"FAILED {run.source / 'b.mkv'}: there is no option paste.strengh in {beside}"
    assert lines[1].startswith(failed)
    lines.clear()
    run(notify=lines.append)
    assert lines[0] == "0 files to do, 0 of them new; 2 done before"
    assert not any(line.startswith("FAILED") for line in lines), "what is known is told in the end"


def test_a_slip_in_the_options_of_all_redoes_nothing(run):
    assert run(exclude=("c.mkv",)).counts == {State.DONE: 2}
    before = {path: path.stat().st_mtime_ns for path in run.output.glob("*.mkv")}
    beside = run.source / "vidrestore.toml"
    beside.write_text("[paste]\nstrengh = 1\n")
    lines = []
    assert run(notify=lines.append).counts == {State.DONE: 2, State.FAILED: 1}
    told = f"there is no option paste.strengh in {beside}"
    for name, how in (("a.mkv", "{} stays done, but "), ("c.mkv", "FAILED {}: ")):
        begins = how.format(run.source / name) + told
        assert any(line.startswith(begins) for line in lines)
    beside.unlink()
    assert run().counts == {State.DONE: 3}
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_whole_result_is_not_restored_again_because_its_papers_cannot_be_written(run):
    """What has their names cannot be replaced."""
    for end in (".json", ".premis.xml", ".framemd5", ".html"):
        (run.output / "reports" / f"a.mkv{end}" / "somebody's").mkdir(parents=True)
    lines = []
    asked = {"premis": True, "frame_hashes": True, "bag": True, "include": ("[ab].mkv",)}
    assert run(**asked, notify=lines.append).counts == {State.DONE: 2}
    row, other = files_of(run.output)
    for what in ("no report: ", "; no PREMIS: ", "; no hashes of frames: ", "; no page: "):
        assert what in row.error
    assert f"a.mkv is finished and whole, but has {row.error}" in lines
    assert other.error is None
    assert row.done["frames"] == other.done["frames"] == 6
    assert "report" in other.done.keys() - row.done.keys()
    assert (run.output.with_name("out.bag") / "data" / "a.mkv").is_file()
    assert (run.output / "reports" / "index.html").is_file()
    before = (run.output / "a.mkv").stat().st_mtime_ns
    assert run(**asked).counts == {State.DONE: 2}
    assert (run.output / "a.mkv").stat().st_mtime_ns == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk is always full here")
def test_a_log_that_cannot_be_written_costs_no_result(run):
    log = run.output / ".vidrestore" / "logs" / "a.mkv.jsonl"
    log.parent.mkdir(parents=True)
    log.symlink_to("/dev/full")
    assert run(include=("a.mkv",), logs=True).counts == {State.DONE: 1}


def test_a_bag_among_the_sources_is_none(run):
    asked = Asked(
        run.source,
        run.source / "out",
        options={"encoder.codec": "ffv1"},
        bag=True,
        batch=batch_config({"jobs": "1", "free": "0"}),
    )
    for _ in range(2):
        assert run_batch(asked, worker=run.worker).counts == {State.DONE: 3}
    assert (run.source / "out.bag" / "data" / "a.mkv").is_file()


def test_a_further_result_never_replaces_what_another_file_became(run):
    """Names were given without it, by an earlier run."""
    (run.source / "b.mkv").rename(run.source / "a.access.mkv")
    assert run(exclude=("c.mkv",)).counts == {State.DONE: 2}
    kept = (run.output / "a.access.mkv").read_bytes()
    done = run(exclude=("c.mkv",), also=("access.mkv", "home-video"), overwrite=True)
    assert {path.name: text[:37] for path, _, text in done.wrong} == {
        "a.mkv": "a.access.mkv would be a result of a.a",
        "a.access.mkv": "a.access.access.mkv would be a result",
    }
    assert (run.output / "a.access.mkv").read_bytes() == kept
    assert run(exclude=("c.mkv",)).counts == {State.DONE: 2}


def test_the_example_of_the_docs_runs(run, monkeypatch, capsys):
    text = (Path(__file__).parents[4] / "docs" / "batch.md").read_text()
    [code] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.setattr(batch, "run_batch", partial(run_batch, worker=run.worker))
    monkeypatch.chdir(run.source.parent)
    run.source.rename("tapes")
    exec(compile(code, "docs/batch.md", "exec"), {})
    assert "3" in capsys.readouterr().out
    assert len(list(Path("restored").glob("*.mkv"))) == 3


def test_what_was_begun_with_other_options_is_begun_anew(run):
    (run.source / "a.mkv").rename(run.source / "begun.mkv")
    assert run(include=("begun.mkv",)).counts == {State.DONE: 1}


def test_it_stops_after_the_file_under_way_and_goes_on(run):
    pause = threading.Event()

    def notify(line):
        if "12 frames" in line or "6 frames" in line:
            pause.set()

    done = run(pause=pause, notify=notify)
    assert (done.stopped, done.counts[State.DONE], done.left) == ("interrupted", 1, 2)
    assert run().counts == {State.DONE: 3}


def test_a_folder_that_is_away_for_a_while_is_looked_for_again(run):
    lines, away = [], run.source.with_name("away")
    asked = Asked(run.source, run.output, watch=True, batch=batch_config({"free": "0"}))
    wanted = Wanted(asked)
    with Table(run.output, make=True) as table:
        watching = Run(asked, wanted, table, pause=threading.Event(), notify=lines.append)

        def look():
            watching._looked = -1e9
            watching._look()

        run.source.rename(away)
        look()
        look()
        assert [line.endswith("; looked for again") for line in lines] == [True]
        away.rename(run.source)
        for name in ("a.mkv", "b.mkv", "c.mkv"):
            os.utime(run.source / name, (0, 0))
        look()
        assert table.counts() == {State.WAITING: 3}


def test_it_stops_when_its_time_has_come(run):
    past = datetime.now().astimezone() - timedelta(seconds=1)
    done = run(until=past)
    assert done.stopped is not None
    assert done.stopped.endswith("has come")
    assert done.counts == {State.WAITING: 3}


@pytest.mark.skipif(sys.platform != "linux", reason="no such limits there")
def test_a_file_that_takes_more_than_it_may_is_set_aside(run):
    """It is tried once more, alone; all others are done."""
    (run.source / "a.mkv").rename(run.source / "greedy.mkv")
    (run.source / "b.mkv").rename(run.source / "endless.mkv")
    lines = []
    done = run(notify=lines.append, limits={"memory": "0.4", "processor": str(3 / 3600)})
    assert done.counts == {State.DONE: 1, State.ASIDE: 2}
    assert {path.name: reason for path, reason, _ in done.wrong} == {
        "greedy.mkv": "memory limit",
        "endless.mkv": "processor limit",
    }
    assert sum("tried once more, alone" in line for line in lines) == 2
    assert sorted(path.name for path in run.output.glob("*.mkv")) == ["c.mkv"]


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_no_file_that_is_written_grows_beyond_its_limit(run):
    done = run(include=("a.mkv",), limits={"written": "0.000001", "tries": "1"})
    [(_, reason, text)] = done.wrong
    assert (reason, "too large" in text) == ("refused", True)
    assert not list(run.output.glob("*.mkv"))


def test_what_was_not_made_here_is_not_replaced(run):
    run.output.mkdir()
    (run.output / "b.mkv").write_bytes(b"somebody's")
    done = run()
    assert [(path.name, reason) for path, reason, _ in done.wrong] == [("b.mkv", "result exists")]
    assert (run.output / "b.mkv").read_bytes() == b"somebody's"
    assert run(overwrite=True).counts == {State.DONE: 3}


def test_index_table_and_summary_tell_the_same(run):
    (run.source / "d.mkv").write_bytes(b"no video")
    done = run()
    summary = json.loads(done.summary.read_text())
    assert summary["files"] == {"done": 3, "failed": 1}
    assert summary["failures"] == {"refused": 1}
    index = write_batch_report(run.output)
    assert json.loads(done.summary.read_text()) == summary  # how long it took, too
    text = index.read_text()
    for row in files_of(run.output):
        assert str(row.output) in text
        assert str(row.source) in (run.output / "reports" / "files.csv").read_text()
    assert (run.output / "reports" / "a.mkv.html").is_file()


def test_a_lack_of_memory_that_torch_reports_is_tried_again(run):
    make(run.source, Clip("short.mkv", count=6))
    lines = []
    done = run(notify=lines.append, exclude=("?.mkv",))
    assert done.counts == {State.DONE: 1}
    assert "short.mkv: there is too little memory; tried again in" in " ".join(lines)


def test_results_never_lie_among_their_sources(run):
    before = sorted(run.source.iterdir())
    with pytest.raises(OutputError, match="holds the sources"):
        run_batch(Asked(run.source, run.source / ".." / "in", overwrite=True))
    assert sorted(run.source.iterdir()) == before


def test_a_wrong_call_begins_nothing(run):
    with pytest.raises(ConfigError, match="--also"):
        run(also=("../x.mp4", "default"))
    with pytest.raises(ConfigError, match="preset"):
        run(also=("access.mp4", "nonsense"))
    run.output.write_bytes(b"")
    with pytest.raises(OutputError, match="cannot be made"):
        run()
