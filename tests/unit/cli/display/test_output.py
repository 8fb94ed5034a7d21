"""Words that cannot be written stop nothing, and words from outside move nothing."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import unicodedata

import pytest

from vidrestore.cli.display.output import Words, complain, show_lines, write_lines, write_result
from vidrestore.errors import ExitCode, OutputError, exit_code
from vidrestore.report import to_json

EVIL = "\x1b[2J\x1b]0;title\a\nvidrestore: FORGED all is well \u202egnp.exe\u2028\x85\udcff"


class Full(io.StringIO):
    def flush(self):
        raise OSError(28, "No space left on device")


class Closed(io.StringIO):
    def write(self, text):
        raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize("stream", [None, Full(), Closed(), io.StringIO()])
def test_a_stream_that_fails_is_not_written_to_again(stream):
    words = Words(stream)
    for _ in range(3):
        assert words.write("word") == 4
        words.flush()
    assert (words.lost is None) == (stream is None or type(stream) is io.StringIO)
    assert words.isatty() is False


def test_a_closed_stream_is_no_error():
    stream = io.StringIO()
    stream.close()
    words = Words(stream)
    words.write("word")
    assert isinstance(words.lost, ValueError)


def test_every_line_is_escaped_and_of_a_sane_length(capsys):
    show_lines(EVIL, "b" * 100_000)
    complain(EVIL)
    out, err = capsys.readouterr()
    for text, lines in ((out, 2), (err, 1)):
        assert text.count("\n") == lines
        assert len(text) < 5000
        assert not any(
            unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Cs"} for c in text if c != "\n"
        )


def test_json_escapes_them_as_json_does_and_keeps_the_value():
    text = to_json({"title": EVIL + "\U000e0041", EVIL: [1, 2]})
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} for c in text if c != "\n")
    assert json.loads(text) == {"title": EVIL + "\U000e0041", EVIL: [1, 2]}


def test_a_result_that_cannot_be_written_is_an_error_and_a_mention_is_none(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Full())
    show_lines("done")
    with pytest.raises(OutputError, match="No space left") as caught:
        write_result("{}")
    assert exit_code(caught.value) is ExitCode.MAY_PASS
    monkeypatch.setattr(sys, "stdout", Closed())
    write_lines("a", "b")
    monkeypatch.setattr(sys, "stdout", None)
    write_lines("a", "b")


@pytest.mark.skipif(os.name != "posix", reason="handles of POSIX")
def test_closed_handles_are_given_to_the_null_device(tmp_path):
    """What is opened next must not become stdout or stderr."""
    code = (
        "import os, sys\n"
        "from vidrestore.cli.display.output import occupy_standard_handles, complain, show_lines\n"
        "occupy_standard_handles()\n"
        "file = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY)\n"
        "os.write(2, b'words of a library')\n"
        "complain('a'); show_lines('b')\n"
        "sys.exit(3 if file > 2 else 4)\n"
    )
    line = [sys.executable, "-c", code, str(tmp_path / "film")]
    closing = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    assert subprocess.run([*closing, *line], check=False).returncode == 3
    assert (tmp_path / "film").read_bytes() == b""
