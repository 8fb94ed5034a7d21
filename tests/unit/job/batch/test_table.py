"""The table: shared, taken over, kept up to what is found."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from vidrestore.config import BatchConfig
from vidrestore.errors import InputError, OutputError
from vidrestore.job.batch.files import settings
from vidrestore.job.batch.files.also import Also
from vidrestore.job.batch.files.scanning import Scan
from vidrestore.job.batch.files.settings import Settings
from vidrestore.job.batch.files.syncing import Syncing
from vidrestore.job.batch.records import editing, heart
from vidrestore.job.batch.records.row import State
from vidrestore.job.batch.records.schema import table_of
from vidrestore.job.batch.records.table import Table
from vidrestore.job.batch.records.trouble import Reason


@pytest.fixture
def night(tmp_path):
    """Three files, a table that knows them, and a way to look again."""
    source, output = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    output.mkdir()
    for name in ("a.mkv", "b.mkv", "c.mkv"):
        (source / name).write_bytes(name.encode())
    with Table(output, make=True) as table:
        table.enter()

        def look(also=None, rested=0.0, **options):
            scan = Scan(source, output)
            given = Settings("default", options, source)
            syncing = Syncing(table, given, BatchConfig().container, source, also)
            return syncing.sync(scan.found(), rested=rested)

        look()
        yield SimpleNamespace(source=source, output=output, table=table, look=look)


def finish(night, name="a.mkv"):
    row = night.table.claim("name")
    assert row.source.name == name
    (night.output / row.output).write_bytes(b"result")
    night.table.set_mine(row.number, state=State.DONE, owner=None, ours=True, done={"frames": 1})


def row_of(night, name="a.mkv"):
    return night.table.row(night.source / name)


def test_two_processes_never_have_the_same_file(night):
    with Table(night.output) as other:
        other.enter()
        names = [table.claim("name").source.name for table in (night.table, other, night.table)]
        assert names == ["a.mkv", "b.mkv", "c.mkv"]
        assert other.claim("name") is None
        other.leave()
        assert night.table.claim("name").source.name == "b.mkv"


def test_what_a_dead_process_had_is_taken_over(night):
    with Table(night.output) as dead:
        dead.enter()
        dead.claim("name")
        assert night.table.bury() == 0
        dead._do("UPDATE owners SET process = 999999999 WHERE id = ?", (dead.owner,))
        assert night.table.bury() == 1
        assert not dead.set_mine(row_of(night).number, state=State.DONE)
    assert row_of(night).state == State.WAITING


def test_a_process_that_beats_no_more_is_taken_for_dead(night):
    with Table(night.output) as stuck:
        stuck.enter()
        stuck.claim("name")
        stuck._do("UPDATE owners SET beat = beat - 61 WHERE id = ?", (stuck.owner,))
        stuck.beat(stuck.owner)
        assert night.table.bury() == 0
        stuck._do("UPDATE owners SET beat = beat - 61 WHERE id = ?", (stuck.owner,))
        assert night.table.bury() == 1


def test_a_process_that_has_slept_works_on(night):
    """A machine that is suspended makes every beat old, its own processes' too."""
    night.table.claim("name")
    night.table._do("UPDATE owners SET beat = beat - 3600")
    assert night.table.bury() == 0
    assert row_of(night).owner == night.table.owner
    with Table(night.output) as other:
        other.enter()
        night.table._do("UPDATE owners SET beat = beat - 3600 WHERE id = ?", (night.table.owner,))
        assert other.bury() == 1
        assert night.table.claim("name") is not None
        assert other.bury() == 1
        night.table.beat(night.table.owner)
        assert night.table.claim("name") is not None
        assert other.bury() == 0
    assert night.table.owner in night.table.owners()


def test_a_beat_that_cannot_be_noted_is_not_the_last(night, monkeypatch):
    beaten, tries = threading.Event(), []

    def beat(table, owner):
        tries.append(owner)
        if len(tries) == 1:
            raise OutputError("the disk is full")
        beaten.set()

    monkeypatch.setattr(Table, "beat", beat)
    monkeypatch.setattr(heart, "BEAT", 0.001)
    with heart.Heart(night.output, night.table.owner):
        assert beaten.wait(120)


def test_a_file_that_is_to_be_alone_comes_last_and_lets_nothing_beside_it(night):
    night.table.change(row_of(night).number, alone=True)
    assert [night.table.claim("name").source.name for _ in range(2)] == ["b.mkv", "c.mkv"]
    assert night.table.claim("name") is None
    for name in ("b.mkv", "c.mkv"):
        night.table.set_mine(row_of(night, name).number, state=State.WAITING, owner=None)
    night.table.change(row_of(night, "b.mkv").number, state=State.SKIPPED)
    night.table.change(row_of(night, "c.mkv").number, state=State.SKIPPED)
    assert night.table.claim("name").source.name == "a.mkv"
    night.table.change(row_of(night, "b.mkv").number, state=State.WAITING)
    assert night.table.claim("name") is None


def test_done_files_stay_done_until_something_changes(night):
    finish(night)
    seen = night.look()
    assert (seen.kept, seen.again, seen.added) == (1, [], [])
    assert night.look(**{"restore.device": "cpu"}).again == []
    (night.source / "a.mkv").write_bytes(b"longer than before")
    assert [why for _, why in night.look().again] == ["the source has changed"]


def test_no_further_result_has_the_name_of_another_file_s(night):
    """A copy beside its master may be a source, too; a.mkv and a.mp4 differ in their end alone."""
    for name in ("a.mp4", "A.MOV", "b.access.mkv"):
        (night.source / name).write_bytes(name.encode())
    also = Also("access.mkv", "home-video")
    assert also.rival(row_of(night).output, night.table, row_of(night).number) is None
    night.look(also)
    rows = night.table.rows()
    names = [str(name).lower() for row in rows for name in {row.output, also.name(row.output)}]
    assert len(names) == len(set(names)) == 12
    assert row_of(night).output == Path("a.mkv")
    assert all(also.rival(row.output, night.table, row.number) is None for row in rows)


def test_other_options_are_told_by_name(night):
    finish(night)
    assert [why for _, why in night.look(**{"encoder.crf": 20}).again] == [
        "encoder.crf was its default, is 20.0"
    ]
    assert row_of(night).ours


def test_what_makes_no_other_result_is_noted_for_files_that_wait(night):
    night.look(**{"restore.device": "cpu"})
    assert row_of(night).settings["restore"]["device"] == "cpu"
    assert row_of(night).state == State.WAITING


def test_a_result_that_is_gone_is_made_again_and_one_that_was_changed_is_left(night):
    finish(night)
    night.table.change(row_of(night).number, done={"frames": 1, "output_bytes": 6})
    (night.output / "a.mkv").write_bytes(b"edited by somebody")
    seen = night.look()
    assert seen.again == []
    assert "left as it is" in seen.notes[0][1]
    (night.output / "a.mkv").unlink()
    assert [why for _, why in night.look().again] == ["its result is gone"]


def test_a_source_that_was_only_copied_is_known_by_its_hash(night, monkeypatch):
    finish(night)
    known = "sha256:5c44d1b2e7f9ac0a" + "0" * 48
    night.table.change(row_of(night).number, done={"source_hash": known})
    os.utime(night.source / "a.mkv", ns=(1, 1))
    assert len(night.look().again) == 1
    finish(night)
    digest = "sha256:" + hashlib.sha256(b"a.mkv").hexdigest()
    night.table.change(row_of(night).number, done={"source_hash": digest})
    os.utime(night.source / "a.mkv", ns=(2, 2))
    hashed = []

    def file_hash(path, kind):
        hashed.append(path.name)
        assert not night.table._connection.in_transaction, "others wait for the table"
        return hashlib.new(kind, path.read_bytes()).hexdigest()

    monkeypatch.setattr(settings, "file_hash", file_hash)
    assert night.look().again == []
    assert hashed == ["a.mkv"]


def test_what_vanishes_is_told_and_may_come_back(night):
    (night.source / "b.mkv").rename(night.source / "elsewhere.bin")
    assert [path.name for path in night.look().vanished] == ["b.mkv"]
    assert row_of(night, "b.mkv").state == State.VANISHED
    (night.source / "elsewhere.bin").rename(night.source / "b.mkv")
    night.look()
    assert row_of(night, "b.mkv").state == State.WAITING


def test_options_that_are_none_fail_their_file_alone_until_they_are_mended(night):
    beside = night.source / "a.mkv.vidrestore.toml"
    beside.write_text("[paste]\nstrength = 7\n")
    night.look()
    row = row_of(night)
    assert (row.state, row.reason) == (State.FAILED, Reason.SETTINGS)
    assert "paste.strength" in row.error
    assert row_of(night, "b.mkv").state == State.WAITING
    beside.unlink()
    night.look()
    assert row_of(night).state == State.WAITING


def test_a_slip_in_the_options_undoes_nothing_that_is_done_or_left_out(night):
    finish(night)
    night.table.change(row_of(night).number, done={"frames": 1, "source_hash": "sha256:ab"})
    editing.skip(night.output, ["b.mkv"])
    beside = night.source / "vidrestore.toml"
    for slip in ("[paste]\nstrength = 7\n", "[paste]\nstrengh = 1\n"):
        beside.write_text(slip)
        seen = night.look()
        assert [path.name for path, _ in seen.refused] == ["a.mkv", "b.mkv", "c.mkv"]
        assert seen.kept == 1
        assert night.look().refused == [], "it is told once"
        states = [row_of(night, name).state for name in ("a.mkv", "b.mkv", "c.mkv")]
        assert states == [State.DONE, State.SKIPPED, State.FAILED]
    beside.unlink()
    seen = night.look()
    assert (seen.kept, [path.name for path, _ in seen.again]) == (1, ["c.mkv"])
    done, skipped = row_of(night), row_of(night, "b.mkv")
    assert (done.state, done.error, done.reason) == (State.DONE, None, None)
    assert done.done == {"frames": 1, "source_hash": "sha256:ab"}
    assert (skipped.state, skipped.error, skipped.reason) == (State.SKIPPED, None, None)
    assert row_of(night, "c.mkv").state == State.WAITING


def test_what_a_slip_once_failed_is_done_again_only_where_it_has_to_be(night):
    """Earlier versions had such files fail; a file that lacks its further result waits."""
    finish(night)
    failed = {"state": State.FAILED, "reason": Reason.SETTINGS, "error": "paste.strengh"}
    night.table.change(row_of(night).number, **failed)
    assert night.look().again == []
    assert (row_of(night).state, row_of(night).done) == (State.DONE, {"frames": 1})
    night.table.change(row_of(night).number, **failed)
    again = night.look(also=Also("access.mkv", "home-video")).again
    assert [why for _, why in again] == ["it has no a.access.mkv yet"]
    assert row_of(night).done == {"frames": 1}
    night.table.change(row_of(night).number, **failed)
    assert [why for _, why in night.look(**{"encoder.crf": 20}).again] == [
        "encoder.crf was its default, is 20.0"
    ]


def test_a_slip_fails_what_has_no_result_any_more(night):
    finish(night)
    (night.output / "a.mkv").unlink()
    (night.source / "vidrestore.toml").write_text("[paste]\nstrengh = 1\n")
    night.look()
    assert row_of(night).state == State.FAILED
    (night.source / "vidrestore.toml").unlink()
    assert ("a.mkv", "its result is gone") in [(path.name, why) for path, why in night.look().again]


def test_what_may_pass_is_tried_by_the_next_run_and_the_rest_is_not(night):
    for name, reason in (("a.mkv", Reason.FULL), ("b.mkv", Reason.REFUSED)):
        night.table.change(row_of(night, name).number, state=State.FAILED, reason=reason)
    night.look()
    assert row_of(night).state == State.WAITING
    assert row_of(night, "b.mkv").state == State.FAILED
    assert [row.source.name for row in editing.retry(night.output, ())] == ["b.mkv"]
    assert row_of(night, "b.mkv").state == State.WAITING


def test_files_are_left_out_until_they_are_named_again(night):
    assert [row.source.name for row in editing.skip(night.output, ["[ab].mkv"])] == [
        "a.mkv",
        "b.mkv",
    ]
    night.look()
    assert night.table.counts() == {State.SKIPPED: 2, State.WAITING: 1}
    editing.retry(night.output, [str(night.source / "a.mkv")])
    assert row_of(night).state == State.WAITING
    with pytest.raises(InputError, match="no file of this batch"):
        editing.skip(night.output, ["z.mkv"])


def test_a_table_of_a_later_version_and_what_is_none_are_refused(tmp_path):
    with pytest.raises(OutputError, match="holds no results"):
        Table(tmp_path)
    Table(tmp_path, make=True).close()
    with closing(sqlite3.connect(table_of(tmp_path))) as raw:
        raw.execute("PRAGMA user_version = 99")
    with pytest.raises(OutputError, match="later version"):
        Table(tmp_path)
    for left in table_of(tmp_path).parent.iterdir():
        left.unlink()
    table_of(tmp_path).write_bytes(b"no table at all, but something else" * 100)
    with pytest.raises(OutputError, match="damaged"):
        Table(tmp_path, make=True)


def test_a_network_file_system_is_refused_by_name(tmp_path, monkeypatch):
    there = [SimpleNamespace(mountpoint="/", fstype="ext4")]
    there.append(SimpleNamespace(mountpoint=str(tmp_path), fstype="fuse.sshfs"))
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: there)
    with pytest.raises(OutputError, match=r"network file system \(sshfs\)"):
        Table(tmp_path, make=True)
    assert list(tmp_path.iterdir()) == []


def test_the_order_is_as_asked_for(night):
    (night.source / "a.mkv").write_bytes(b"x" * 100)
    (night.source / "c.mkv").write_bytes(b"x")
    night.look()
    for name, length in (("a.mkv", 5.0), ("b.mkv", 1.5)):
        night.table.change(row_of(night, name).number, length=length)

    def order(word):
        rows = [night.table.claim(word) for _ in range(3)]
        night.table.leave()
        night.table.enter()
        return [row.source.stem for row in rows]

    assert order("name") == ["a", "b", "c"]
    assert order("size") == ["c", "b", "a"]
    assert order("shortest") == ["b", "a", "c"]  # of c nobody knows how long it is
    assert night.table.unprobed().source.name == "c.mkv"


def test_what_is_still_written_to_waits_until_it_has_rested(night):
    fresh = night.source / "d.mkv"
    fresh.write_bytes(b"so far")
    assert night.look(rested=30.0).added == []
    an_hour_ago = time.time() - 3600
    os.utime(fresh, (an_hour_ago, an_hour_ago))
    assert night.look(rested=30.0).added == [fresh]


def test_what_a_camera_has_dated_years_ahead_is_taken_up(night):
    ahead = night.source / "d.mkv"
    ahead.write_bytes(b"of a clock that is wrong")
    os.utime(ahead, (time.time() + 1e8, time.time() + 1e8))
    assert night.look(rested=30.0).added == [ahead]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_what_does_not_open_waits(night):
    shut = night.source / "d.mkv"
    shut.write_bytes(b"x")
    os.utime(shut, (0, 0))
    shut.chmod(0)
    assert night.look(rested=30.0).added == []
