from __future__ import annotations

import json
import os
import signal
from fractions import Fraction
from pathlib import Path

import pytest

from vidrestore.cli import interrupt, main
from vidrestore.cli.display.progress import described
from vidrestore.config import Config
from vidrestore.config.messages import sections
from vidrestore.datatypes import Reason
from vidrestore.errors import OutputError
from vidrestore.report import ModelUsed, Progress


def refused(capsys, *words):
    assert main(["restore", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("vidrestore: ")
    assert err.count("\n") == 1
    return err


def test_without_options_the_defaults_hold(api, capsys):
    assert main(["restore", "in.mkv", "out.mkv"]) == 0
    (call,) = api.calls
    assert (str(call.source), str(call.output)) == ("in.mkv", "out.mkv")
    assert call.config == Config()
    assert (call.start, call.end, call.overwrite) == (None, None, False)
    assert not call.stop.is_set()
    out, err = capsys.readouterr()
    assert "out.mkv: 1 face of 1 track restored in 2 frames, 1 of them changed" in out
    assert "0 of 2 frames, 0.0 frames/s" in err


def test_flags_outweigh_the_preset_and_the_preset_the_defaults(api):
    words = ["--preset", "cctv", "--detect.every", "2", "--paste.colour", "false"]
    assert main(["restore", "a", "b", *words]) == 0
    config = api.calls[0].config
    assert config.detect.every == 2
    assert config.paste.colour is False
    assert config.detect.max_side == Config.preset("cctv").detect.max_side
    assert config.encoder == Config.preset("cctv").encoder


def test_every_option_is_a_flag_in_help(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["restore", "--help"]) == 0
    assert "--detect.every" not in capsys.readouterr().out
    assert main(["restore", "--help-all"]) == 0
    out = capsys.readouterr().out
    for section, model in sections(Config).items():
        assert f"{section}: " in out
        for option in model.model_fields:
            assert f"--{section}.{option} " in out
    assert main(["preview", "--help"]) == 0
    out = capsys.readouterr().out
    assert "--try" in out
    assert "--detect.every" not in out


@pytest.mark.parametrize(
    ("words", "section", "option", "value"),
    [
        (["--detect.max-side", "320"], "detect", "max_side", 320),
        (["--detect.max_side=320"], "detect", "max_side", 320),
        (["--model", "my.pth"], "restore", "model", "my.pth"),
        (["--device", "cuda:1"], "restore", "device", "cuda:1"),
        (["--device", "cpu", "--restore.device", "cpu"], "restore", "device", "cpu"),
        (
            ["--encoder.options", "tune=film", "--encoder.options", "x264-params=a=1:b=2"],
            "encoder",
            "options",
            {"tune": "film", "x264-params": "a=1:b=2"},
        ),
    ],
)
def test_ways_to_write_an_option(api, words, section, option, value):
    assert main(["restore", "a", "b", *words]) == 0
    assert getattr(getattr(api.calls[0].config, section), option) == value


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--detect.evry", "3"], "no option --detect.evry (did you mean --detect.every?)"),
        (["--detct.every", "3"], "did you mean --detect.every?"),
        (["--presett", "cctv"], "did you mean --preset?"),
        (["--preset", "cctvv"], "no preset 'cctvv' (did you mean cctv?)"),
        (["--detect.every", "99"], "detect.every is '99', but must be a whole number from 1 to 30"),
        (["--temporal.blend", "-1"], "temporal.blend is '-1', but must be a number from 0"),
        (["--device", "gpu"], "restore.device is 'gpu'"),
        (["--device", "cpu", "--restore.device", "cuda"], "contradict each other"),
        (["--detect.every"], "--detect.every needs a value"),
        (["--detect.every", "2", "--detect.every", "3"], "given twice"),
        (["--encoder.options", "film"], "is not NAME=VALUE"),
        (["--from", "abc"], "--from 'abc' is not a time"),
        (["--to", "1:75"], "--to '1:75' is not a time"),
        (["--from", "10", "--to", "0:10"], "--to 0:10 leaves nothing"),
        (["--to", "0"], "--to 0 leaves nothing"),
        (["third"], "'third' is no folder, and a file cannot be the result of 2 videos"),
        (["-x"], "no option -x"),
        (["--verbos"], "did you mean --verbose?"),
        (["--output.height", "abc"], "must be a whole number from 16 to 8640"),
        (["--encoder.crf", "40", "--encoder.options", "crf=10"], "contradict each other"),
        (["-y", "--skip-existing"], "contradict each other"),
        (["--json"], "--json is for --dry-run"),
        (["--name", "{stem}"], "--name is for results in a folder"),
        (["--progress", "dots"], "dots"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_runs(api, capsys, words, said):
    assert said in refused(capsys, "a", "b", *words)
    assert api.calls == []


@pytest.mark.parametrize(("words", "name"), [([], "IN"), (["-"], "OUT")])
def test_missing_names(api, capsys, words, name):
    assert f"{name} is missing" in refused(capsys, *words)


def test_a_range_is_exact(api):
    assert main(["restore", "a", "b", "--from", "0.1", "--to", "1:00:00.003"]) == 0
    assert api.calls[0].start == Fraction(1, 10)
    assert api.calls[0].end == Fraction(3600003, 1000)


def test_quiet_says_nothing_but_what_is_wrong(api, capsys):
    api.warnings = ()
    assert main(["restore", "a", "b", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    api.warnings = ("careful",)
    assert main(["restore", "a", "b", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "vidrestore: warning: careful\n")


def test_warnings_and_missing_faces_are_told(api, capsys):
    api.warnings = ("careful",)
    api.faces = 0
    assert main(["restore", "a", "b"]) == 0
    out, err = capsys.readouterr()
    assert "no face was found; the pictures are the source's own" in out
    assert "left alone" not in out
    assert "vidrestore: warning: careful\n" in err


def test_faces_left_alone_are_not_called_missing(api, capsys):
    api.faces = 0
    api.left_alone = {Reason.SHARP: 2, Reason.SMALL: 1}
    assert main(["restore", "a", "b"]) == 0
    out = capsys.readouterr().out
    assert "no face was found" not in out
    assert "no face was restored; the pictures are the source's own" in out
    left = "2 sharper than the restored ones, 1 too small (--align.min_face)"
    assert f"3 faces left alone: {left}" in out


def test_the_summary_has_words_for_every_reason(api, capsys):
    seen = [reason for reason in Reason if reason != Reason.UNSEEN]
    api.left_alone = dict.fromkeys(seen, 3)
    assert main(["restore", "a", "b"]) == 0
    out = capsys.readouterr().out
    assert f"{3 * len(seen)} faces left alone: " in out
    assert "1 face of 1 track restored in 2 frames, 1 of them changed" in out


def test_the_hash_of_a_file_that_the_user_brought_is_told(api, capsys):
    assert main(["restore", "in.mkv", "out.mkv"]) == 0
    assert "SHA-256" not in capsys.readouterr().out
    api.model = ModelUsed("mine.pth", "models/mine.pth", "ab" * 32)
    assert main(["restore", "in.mkv", "out.mkv", "--model", "models/mine.pth"]) == 0
    assert f"model:  models/mine.pth, SHA-256 {'ab' * 32}" in capsys.readouterr().out


def test_a_report_is_written(api, tmp_path, capsys):
    file = tmp_path / "report.json"
    assert main(["restore", "a", "b", "--report", str(file)]) == 0
    found = json.loads(file.read_text())
    assert found["tracks"][0]["regions"] == [[0, 1, 2, 30, 40]]
    assert Config.from_mapping(found["settings"]) == Config()
    assert str(file) in capsys.readouterr().out


def test_a_report_that_cannot_be_is_refused_before_the_work(api, tmp_path, capsys):
    old = tmp_path / "old.json"
    old.write_text("old")
    words = ("in.mkv", "out.mkv", "--report")
    assert "exists already" in refused(capsys, *words, str(old))
    assert "is a folder" in refused(capsys, *words, str(tmp_path))
    assert "does not exist" in refused(capsys, *words, str(tmp_path / "none" / "r.json"))
    assert "the video itself" in refused(capsys, *words, "in.mkv", "--overwrite")
    assert "the result itself" in refused(capsys, *words, str(Path.cwd() / "out.mkv"))
    assert "the video itself" in refused(capsys, *words, str(Path.cwd() / "in.mkv"))
    assert api.calls == []
    assert old.read_text() == "old"
    assert main(["restore", *words, str(old), "--overwrite"]) == 0
    assert old.read_text() != "old"


def test_a_report_in_a_folder_that_is_read_only_is_refused(api, tmp_path, capsys, monkeypatch):
    # Asked through os.access, since tests may run as root, whom no mode stops.
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    text = refused(capsys, "in.mkv", "out.mkv", "--report", str(tmp_path / "r.json"))
    assert "cannot be written to" in text
    assert api.calls == []


def test_a_dry_run_only_estimates(api, capsys):
    assert main(["restore", "a", "b.mkv", "--dry-run", "--from", "1"]) == 0
    (call,) = api.calls
    assert call.start == 1
    out = capsys.readouterr().out
    assert "100 frames" in out
    assert "1 min 15 s" in out
    assert "2.0 MB" in out
    assert "NOT enough" in out
    assert "nothing was written" in out
    assert "100 frames, 4.0 s of video\n" in out
    assert main(["restore", "a.jpg", "b.jpg", "--dry-run"]) == 0
    assert "of video" not in capsys.readouterr().out, "a photo lasts no time"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_job_cleanly(api, capsys, number):
    before = signal.getsignal(number)

    def interrupt(call):
        os.kill(os.getpid(), number)
        assert call.stop.wait(120)
        raise api.Interrupted

    api.hook = interrupt
    assert main(["restore", "a", "b", "--quiet"]) == 130
    assert capsys.readouterr().err == (
        "vidrestore: stopping\nvidrestore: interrupted; nothing was written\n"
    )
    assert signal.getsignal(number) is before


def test_a_second_signal_does_not_wait(api, capsys, monkeypatch):
    # Where KeyboardInterrupt does not help in time the process ends: here that would be the tests'.
    monkeypatch.setattr(interrupt, "_PATIENCE_SECONDS", 60)

    def interrupted(call):
        os.kill(os.getpid(), signal.SIGINT)
        assert call.stop.wait(120)
        os.kill(os.getpid(), signal.SIGINT)
        call.stop.clear()
        raise AssertionError("the second signal was ignored")

    api.hook = interrupted
    assert main(["restore", "a", "b", "--quiet"]) == 130
    assert "interrupted" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "jobs"), [((), 0), (("--jobs", "auto"), 0), (("--jobs", "3"), 3)]
)
def test_processes_are_as_many_as_asked_for(words, jobs, api):
    assert main(["restore", "in.mkv", "out.mkv", *words]) == 0
    assert api.calls[0].jobs == jobs


@pytest.mark.parametrize("number", ["0", "-1", "many", "257", "1.5"])
def test_a_number_of_processes_that_is_none_is_refused(number, api, capsys):
    assert "write auto, or a number from 1 to 256" in refused(
        capsys, "in.mkv", "out.mkv", f"--jobs={number}"
    )


def test_parts_are_thrown_away_or_kept_as_asked(api):
    assert main(["restore", "in.mkv", "out.mkv", "--restart", "--keep-parts"]) == 0
    assert main(["restore", "in.mkv", "out.mkv"]) == 0
    assert [(c.restart, c.keep_parts) for c in api.calls] == [(True, True), (False, False)]


def test_what_is_left_of_a_job_is_told_with_how_it_ended(api, capsys):
    def end(kind):
        def hook(_):
            error = kind("out of luck")
            error.add_note("2 of 9 segments are kept")
            raise error

        return hook

    api.hook = end(api.Interrupted)
    assert main(["restore", "in.mkv", "out.mkv", "--quiet"]) == 130
    assert "interrupted; 2 of 9 segments are kept" in capsys.readouterr().err
    api.hook = end(OutputError)
    assert main(["restore", "in.mkv", "out.mkv", "--quiet"]) == 2
    assert "out of luck; 2 of 9 segments are kept" in capsys.readouterr().err


def test_progress_tells_segments_and_what_was_kept():
    now = Progress(60, 100, 12, 2.0, 64, frames_kept=50, segments_done=2, segments=4)
    assert described(now) == (
        "60 of 100 frames, 7.0 frames/s, 5.7 s left, 12 faces, segment 3 of 4, 50 by an earlier run"
    )
