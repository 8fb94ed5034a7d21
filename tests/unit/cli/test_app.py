from __future__ import annotations

import importlib
import inspect
import os
import signal
import subprocess
import sys

import pytest

from vidrestore import __version__
from vidrestore.cli import app, main
from vidrestore.cli.display.output import show_lines
from vidrestore.errors import DeviceError

HEAVY = ("torch", "cv2", "av", "scipy", "filterpy", "facexlib")


def refused(capsys, *words):
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("vidrestore: ")
    assert err.count("\n") == 1
    return err


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for command in ("restore", "inspect", "doctor", "models"):
        assert command in out


def test_without_words_it_helps(capsys):
    assert main([]) == 0
    assert "restore" in capsys.readouterr().out


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


def test_an_unknown_command_names_the_nearest(capsys):
    text = refused(capsys, "restre", "a", "b")
    assert "'restre' (did you mean restore?)" in text
    assert "inspect" in text


def test_a_users_error_is_one_line(api, capsys):
    def fail(call):
        raise DeviceError("no CUDA\nhere")

    api.hook = fail
    assert main(["restore", "a", "b", "--quiet"]) == 2
    assert capsys.readouterr().err == "vidrestore: no CUDA\\nhere\n"


@pytest.mark.parametrize("words", [["restore", "-clip.mp4", "b"], ["restore", "a", "-c.mkv"]])
def test_a_name_that_begins_with_a_dash_is_told_how_to_give(capsys, words):
    assert main(words) == 2
    name = next(word for word in words if word.startswith("-"))
    assert f"a file of that name is given as ./{name}" in capsys.readouterr().err


def test_a_file_named_like_an_option_is_told_how_to_give(tmp_path, monkeypatch, capsys):
    (tmp_path / "--clip").touch()
    monkeypatch.chdir(tmp_path)
    assert main(["inspect", "--clip"]) == 2
    assert "given as ./--clip" in capsys.readouterr().err


def test_a_bug_keeps_its_traceback(api):
    def fail(call):
        raise RuntimeError("a bug")

    api.hook = fail
    with pytest.raises(RuntimeError, match="a bug"):
        main(["restore", "a", "b", "--quiet"])


def test_ctrl_c_outside_a_job(api, capsys):
    def fail(call):
        raise KeyboardInterrupt

    api.hook = fail
    assert main(["inspect", "a", "--quiet"]) == 130
    assert capsys.readouterr().err == "vidrestore: interrupted\n"


@pytest.mark.parametrize("words", [["inspect", "a"], ["restore", "a", "b", "--dry-run"]])
def test_sigterm_ends_every_command(api, capsys, words):
    def interrupt(call):
        os.kill(os.getpid(), signal.SIGTERM)
        assert call.stop.wait(120)
        raise api.Interrupted

    api.hook = interrupt
    assert main([*words, "--quiet"]) == 130
    assert "interrupted" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["restore_video", "inspect_video", "estimate"])
def test_the_fake_takes_what_the_real_api_takes(fake_type, name):
    real = importlib.import_module("vidrestore.api")
    ours = dict(inspect.signature(getattr(fake_type, name)).parameters)
    del ours["self"]
    theirs = inspect.signature(getattr(real, name)).parameters
    for key, parameter in ours.items():
        assert theirs[key].kind is parameter.kind


@pytest.mark.parametrize("words", [["--help"], ["restore", "--help"], ["restore", "-"]])
def test_help_and_refusals_load_nothing_heavy(words):
    code = (
        "import sys\n"
        "from vidrestore.cli import main\n"
        "main(sys.argv[1:])\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_a_reader_that_has_gone_is_no_error():
    code = (
        "import os, sys\n"
        "from vidrestore.cli.display.output import show_lines\n"
        "reader, writer = os.pipe()\n"
        "os.close(reader)\n"
        "os.dup2(writer, 1)\n"
        "show_lines('words' * 100)\n"
        "show_lines('more')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, check=True
    )
    assert done.stderr == ""


def test_a_name_that_is_no_text_is_shown_with_escapes(capsys):
    show_lines("caf\udce9.mkv")
    assert capsys.readouterr().out == "caf\\udce9.mkv\n"


def test_the_module_runs_as_a_command():
    done = subprocess.run(
        [sys.executable, "-m", "vidrestore", "restore"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("vidrestore: IN is missing")
    assert done.stderr.count("\n") == 1


def test_ctrl_c_while_the_parser_is_loading_is_one_line(monkeypatch, capsys):
    def interrupted(argv):
        raise KeyboardInterrupt

    monkeypatch.setattr("vidrestore.cli.app.main", interrupted)
    assert main([]) == 130
    assert capsys.readouterr().err == "vidrestore: interrupted\n"


@pytest.mark.skipif(os.name != "posix", reason="the limits of POSIX shells")
@pytest.mark.parametrize(
    ("before", "code", "told"),
    [
        # Less than torch takes; enough for the parser.
        ("ulimit -v 400000", 4, "too little memory"),
        ("mkdir gone && cd gone && rmdir ../gone", 2, "the current folder is gone"),
    ],
)
def test_what_the_shell_took_away_is_one_line(tmp_path, before, code, told):
    (tmp_path / "in.mkv").write_bytes(b"no video")
    command = [sys.executable, "-m", "vidrestore", "restore", "in.mkv", "out.mkv"]
    done = subprocess.run(
        ["/bin/sh", "-c", f'{before}; exec "$@"', "sh", *command],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    *before, line = done.stderr.splitlines()
    assert before in ([], ["restoring in.mkv to out.mkv"])
    assert line.startswith("vidrestore: ")
    assert told in line


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ImportError("libtorch_cpu.so: cannot open", name="torch"), 2),
        (OSError("libcudart.so.12: cannot open shared object file"), 2),
    ],
)
def test_a_library_that_breaks_where_it_is_first_needed_is_told_in_a_line(
    monkeypatch, capsys, error, code
):
    def broken(*_, **__):
        raise error

    monkeypatch.setattr(app, "build_app", lambda _: broken)
    assert app.main(["inspect", "clip.mkv"]) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot be loaded (lib" in line
    assert "vidrestore doctor" in line


def test_a_module_of_our_own_that_is_missing_is_a_bug(monkeypatch):
    def broken(*_, **__):
        raise ModuleNotFoundError("No module named 'vidrestore.gone'", name="vidrestore.gone")

    monkeypatch.setattr(app, "build_app", lambda _: broken)
    with pytest.raises(ModuleNotFoundError):
        app.main(["inspect", "clip.mkv"])


# Calls in which a lone "-" is no name: what is said of it.
LONE = {
    "restore a.mp4 b.mkv --detect.every -": "--detect.every is '-'",
    "restore a.mp4 b.mkv --progress -": "--progress is '-'",
    "restore a.mp4 b.mkv -p -": "there is no preset '-'",
    "restore a.mp4 b.mkv --from -": "--from '-' is not a time",
    "restore a.mp4 b.mkv --jobs -": "--jobs '-' is none",
    "restore a.mp4 b.mkv --encoder.options -": "'-' is not NAME=VALUE",
    "restore a.mp4 b.mkv --scenes -": "--scenes - cannot be read",
    "restore a.mp4 b.mkv --name -": "--name is for results in a folder",
    "presets show -": "there is no preset '-'",
    "presets - x": "there is no command '-'",
    "presets list -": "'-' is too much",
}


@pytest.mark.parametrize("call", LONE)
def test_a_lone_dash_is_shown_as_it_was_typed(call, api, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert LONE[call] in refused(capsys, *call.split())


def test_a_lone_dash_may_be_a_value_or_a_name(api, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.mp4").touch()
    assert main(["restore", "a.mp4", "--name", "-", "--quiet"]) == 0
    assert main(["restore", "-", "b.mkv", "--quiet"]) == 0
    assert [str(call.output) for call in api.calls] == ["-.mp4", "b.mkv"]
    assert all("\0" not in str(call.source) for call in api.calls)
