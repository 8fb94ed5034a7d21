"""The leader of several processes, whatever becomes of these."""

from __future__ import annotations

import io
import json
import sys
import threading
from fractions import Fraction
from pathlib import Path

import pytest

from vidrestore import InputError, Interrupted
from vidrestore.errors import NoMemoryError, VidrestoreError
from vidrestore.job.segments import worker, workers
from vidrestore.job.segments.plan import Plan, SourceIdentity
from vidrestore.job.segments.workers import Workers
from vidrestore.video import Segment

# A worker that restores nothing: it does what the plan's settings say for each number.
STAND_IN = """
import glob, json, os, signal, sys, time
together = int(sys.argv[1])  # nobody reads before so many have been started
if together:
    open(f"alive{os.getpid()}", "w").close()
    given_up = time.monotonic() + 120
    while len(glob.glob("alive*")) < together and time.monotonic() < given_up:
        time.sleep(0.01)
    if time.monotonic() > given_up:
        print(json.dumps({"error": "InputError", "text": "nobody else came"}), flush=True)
        sys.exit()
hello = json.loads(sys.stdin.readline())
does = hello["plan"]["settings"]
buried = os.path.join(hello["folder"], "buried")
for line in sys.stdin:
    number = json.loads(line)["segment"]
    what = does.get(str(number), "")
    first = os.path.join(hello["folder"], f"tried{number}")
    again = os.path.exists(first)
    open(first, "w").close()
    def say(told):
        print(json.dumps(told), flush=True)
    say({"step": [number, 1, 2, 3]})
    if what == "dies within a line" and not again:
        sys.stdout.write('{"writ')
        sys.stdout.flush()
    if what == "dies" or (what.startswith("dies ") and not again):
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "exits":
        sys.exit(3)
    if what == "refuses":
        say({"error": "InputError", "text": "no such thing"})
    if what == "lacks memory" and not again:
        say({"error": "NoMemoryError", "text": "there is too little memory"})
        break
    if what == "hangs":
        signal.pause()
    if what == "waits":  # until another has been buried
        while os.path.exists(f"/proc/{open(buried).read()}" if os.path.exists(buried) else "/"):
            time.sleep(0.01)
    say({"written": [number, "p", hello["device"], 7]})
    if what == "ends idle":
        with open(buried + ".new", "w") as file:
            file.write(str(os.getpid()))
        os.rename(buried + ".new", buried)
        os.kill(os.getpid(), signal.SIGKILL)
"""
SEGMENTS = tuple(map(Segment, range(6)))


@pytest.fixture
def crew(tmp_path, monkeypatch):
    """Makes a crew of stand-ins; all of them are gone in the end."""
    monkeypatch.chdir(tmp_path)
    made = []

    def make(does, devices=("cpu", "cpu"), stop=None, together=0):
        words = [sys.executable, "-c", STAND_IN, str(together)]
        monkeypatch.setattr(workers.child_process, "command", lambda _: words)
        plan = Plan(
            SourceIdentity("/in", 1, 2, ""), None, None, does, ("",), "1", Fraction(0), SEGMENTS
        )
        made.append(Workers(plan, tmp_path, Path("out.mkv"), devices, stop=stop))
        return made[-1]

    yield make
    for each in made:
        each.close()
        each.close()


def restore(crew, steps=None):
    steps = [] if steps is None else steps
    return sorted(done.number for done in crew.restore(SEGMENTS, steps.append))


def test_all_segments_are_done_and_told_of(crew):
    steps = []
    assert restore(crew({}), steps) == list(range(6))
    assert sorted(step.number for step in steps) == list(range(6))


def test_devices_are_shared_out(crew):
    found = crew({}, ("cuda:0", "cuda:1", "cuda:0")).restore(SEGMENTS, lambda _: None)
    assert {done.facts for done in found} <= {"cuda:0", "cuda:1"}


def test_a_plan_that_is_longer_than_a_pipe_holds_nobody_up(crew):
    does = {"more": "x" * 300_000}
    assert restore(crew(does, ("cpu",) * 3, together=3)) == list(range(6))


def test_a_process_that_dies_is_replaced_and_its_segment_done_again(crew):
    assert restore(crew({"1": "dies once", "4": "dies once"})) == list(range(6))


def test_a_process_that_dies_within_a_line_has_died(crew):
    assert restore(crew({"2": "dies within a line"})) == list(range(6))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="tells the living from the dead")
def test_a_process_that_dies_with_nothing_to_do_leaves_nothing_to_be_done_again(crew):
    assert restore(crew({"4": "ends idle", "5": "waits"})) == list(range(6))


@pytest.mark.parametrize("what", ["dies once", "lacks memory"])
def test_where_memory_is_short_fewer_work_on(crew, what):
    made, started = crew({"1": what, "4": "dies once"}, ("cpu",) * 3), []
    start = made._started
    made._started = lambda device: started.append(device) or start(device)
    assert sorted(done.number for done in made.restore(SEGMENTS, lambda _: None)) == list(range(6))
    assert (len(started), len(made._processes)) == (3, 1)


def test_a_segment_that_kills_twice_ends_the_job(crew):
    with pytest.raises(NoMemoryError, match=r"twice at segment 3.*use fewer jobs"):
        restore(crew({"2": "dies"}))


def test_a_process_that_ends_by_itself_is_told_with_its_code(crew):
    with pytest.raises(VidrestoreError, match=r"with code 3 twice at segment 1"):
        restore(crew({"0": "exits"}))


def test_what_a_process_is_refused_is_raised_as_it_was_there(crew):
    with pytest.raises(InputError, match="no such thing"):
        restore(crew({"3": "refuses"}))


def test_a_stop_is_heard_while_all_hang(crew):
    stop = threading.Event()
    made = crew({str(number): "hangs" for number in range(6)}, stop=stop)
    with pytest.raises(Interrupted):
        restore_until_first(made, stop)


def restore_until_first(made, stop):
    list(made.restore(SEGMENTS, lambda _: stop.set()))


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("Alloc: can't allocate memory")])
def test_a_worker_without_memory_says_so(monkeypatch, error):
    answers = io.BytesIO()

    def full(*_):
        raise error

    monkeypatch.setattr(worker.child_process, "answers", lambda: answers)
    monkeypatch.setattr(worker, "_listen", lambda *_: None)
    monkeypatch.setattr(worker, "_serve", full)
    worker.main()
    assert json.loads(answers.getvalue())["error"] == "NoMemoryError"
