"""Several videos in one call, what goes where, and what is said first."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from vidrestore.cli import main
from vidrestore.errors import InputError, OutputError


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_one_session_serves_all_and_a_failure_is_not_that_of_the_others(api, capsys, here):
    def hook(call):
        if call.source == "b.mp4":
            raise InputError("b.mp4 is damaged")

    api.hook = hook
    assert main(["restore", "a.mp4", "b.mp4", "c.mp4", "new/"]) == 3
    assert [str(call.output) for call in api.calls] == ["new/a.mp4", "new/b.mp4", "new/c.mp4"]
    assert len(api.sessions) == 1
    out, err = capsys.readouterr()
    assert "3 results: 2 restored, 1 failed" in out
    assert "vidrestore: b.mp4 is damaged\n" in err
    assert "restoring c.mp4 to new/c.mp4 (3 of 3)\n" in err
    # The fake wrote nothing, so that the folder is not left behind.
    assert not (here / "new").exists()


def test_of_several_pieces_the_one_that_fails_is_named(api, capsys):
    def hook(call):
        if call.start == 5:
            raise InputError("a.mp4 has no frame in the range asked for")

    api.hook = hook
    words = ["--from", "0", "--to", "1", "--from", "5", "--to", "6"]
    assert main(["restore", "a.mp4", "new.mp4", "-q", *words]) == 3
    said = "vidrestore: new.2.mp4: a.mp4 has no frame in the range asked for\n"
    assert capsys.readouterr().err == said


def test_where_all_fail_the_code_is_that_of_the_first(api, capsys):
    def hook(call):
        raise InputError("no")

    api.hook = hook
    assert main(["restore", "a.mp4", "b.mp4", "new/", "-q"]) == 2
    assert capsys.readouterr().err == "vidrestore: a.mp4: no\nvidrestore: b.mp4: no\n"


def test_what_exists_is_skipped(api, capsys, here):
    (here / "new").mkdir()
    (here / "new" / "a.mp4").touch()
    assert main(["restore", "a.mp4", "b.mp4", "new", "--skip-existing"]) == 0
    assert [call.source for call in api.calls] == ["b.mp4"]
    out = capsys.readouterr().out
    assert "new/a.mp4: there already, skipped" in out
    assert "2 results: 1 restored, 1 skipped" in out


def test_an_interrupted_call_tells_what_is_finished(api, capsys):
    def hook(call):
        if call.source == "b.mp4":
            raise api.Interrupted

    api.hook = hook
    assert main(["restore", "a.mp4", "b.mp4", "c.mp4", "new/", "-q"]) == 130
    told = "vidrestore: interrupted; nothing was written; 1 were finished before\n"
    assert capsys.readouterr().err == told
    assert len(api.calls) == 2


def test_each_of_several_has_a_report(api, here):
    assert main(["restore", "a.mp4", "b.mp4", "new/", "--report", "told/"]) == 0
    found = sorted(path.name for path in (here / "told").iterdir())
    assert found == ["a.mp4.json", "b.mp4.json"]


def test_a_report_on_stdout_is_all_there_is(api, capsys):
    assert main(["restore", "a.mp4", "b.mp4", "--report", "-"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["output"] == "b.mp4"
    assert "1 face of 1 track restored" in err


def test_an_estimate_is_told_as_data(api, capsys, here):
    for words in (["--json"], ["--report", "-"]):
        assert main(["restore", "a", "b", "--dry-run", *words]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["frames"], told["fits"]) == (100, False)
    assert main(["restore", "a", "b", "--dry-run", "--report", "e.json"]) == 0
    assert json.loads((here / "e.json").read_text())["seconds"] == 75
    assert "report: e.json; nothing else was written\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a", "b", "c", "new/", "--report", "-"], "for one video"),
        (["a", "b", "c", "new/", "--report", "r.json"], "names a folder"),
        (["a", "-", "--report", "-"], "both the result and --report"),
    ],
)
def test_reports_that_could_not_be_told_apart_are_refused(api, capsys, words, said):
    assert main(["restore", *words]) == 2
    assert said in capsys.readouterr().err
    assert not api.calls


def test_a_video_on_stdout_leaves_words_to_stderr(api, monkeypatch, capfd):
    def hook(call):
        call.output.write(b"video")
        call.output.flush()

    api.hook = hook
    assert main(["restore", "a.mp4", "-"]) == 0
    out, err = capfd.readouterr()
    assert out == "video"
    assert "1 face of 1 track restored" in err


def test_a_terminal_gets_no_video(api, monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdout", Terminal())
    assert main(["restore", "a.mp4", "-"]) == 2
    assert "nothing for a terminal" in capsys.readouterr().err


def test_programs_get_a_line_of_json_for_each_step(api, capsys):
    assert main(["restore", "a.mp4", "b.mp4", "--progress", "json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert events[0] == {
        "event": "begin",
        "input": "a.mp4",
        "output": "b.mp4",
        "number": 1,
        "of": 1,
    }
    assert [event["event"] for event in events[1:3]] == ["progress", "progress"]
    assert (events[1]["phase"], events[2]["frames_total"]) == ("loading", 2)


def test_a_log_has_times_and_what_was_done(api, capsys, here):
    def hook(call):
        raise OutputError("no\x1b[31m room")

    assert main(["restore", "a.mp4", "b.mp4", "--log", "log.txt"]) == 0
    first = (here / "log.txt").read_text()
    assert "INFO vidrestore.cli: b.mp4: 1 face of 1 track restored" in first
    api.hook = hook
    assert main(["restore", "a.mp4", "c.mp4", "new/", "--log", "log.txt", "-q"]) == 2
    added = (here / "log.txt").read_text().removeprefix(first)
    assert "ERROR vidrestore.cli: a.mp4: no\\x1b[31m room" in added
    assert main(["restore", "a.mp4", "b.mp4", "--log", str(here)]) == 2
    assert "no regular file" in capsys.readouterr().err


def test_the_first_words_come_before_anything_is_loaded():
    code = (
        "import sys\n"
        "from vidrestore.cli.display import progress\n"
        "real = progress.Lines.loading\n"
        "def loading(lines):\n"
        "    real(lines)\n"
        "    print('LOADED', [n for n in ('torch', 'cv2', 'av', 'numpy') if n in sys.modules])\n"
        "    sys.exit(0)\n"
        "progress.Lines.loading = loading\n"
        "from vidrestore.cli import main\n"
        "main(['restore', 'a.mkv', 'b.mkv', '--progress', 'lines'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "restoring a.mkv to b.mkv\nloading the model\n"
    assert done.stdout == "LOADED []\n"
