from __future__ import annotations

import io
import json

import pytest

from vidrestore.cli.display import progress as progress_display
from vidrestore.cli.display.progress import Lines, Silent, TerminalBar, described, display
from vidrestore.report import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress(0, 50, 0, 0.0), "0 of 50 frames, 0.0 frames/s, 0 faces"),
        (Progress(20, 50, 18, 10.0), "20 of 50 frames, 2.0 frames/s, 15 s left, 18 faces"),
        (Progress(20, None, 18, 10.0), "20 frames, 2.0 frames/s, 18 faces"),
        (Progress(60, 50, 18, 10.0), "60 of 50 frames, 6.0 frames/s, 0.0 s left, 18 faces"),
    ],
)
def test_progress_in_words(progress, text):
    assert described(progress) == text


def test_lines_come_now_and_then(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress_display.time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    with Lines(stream, every=5.0) as show:
        for second in range(12):
            now[0] = 100.0 + second
            show(Progress(second, 12, 0, second))
    assert [line.split()[0] for line in stream.getvalue().splitlines()] == ["0", "5", "10"]


def test_scripts_hear_nothing_before_the_first_frame_so_that_a_refusal_is_one_line():
    steps = [Progress(0, None, 0, 0.0, phase="opening"), Progress(0, None, 0, 0.0, phase="loading")]
    for style, said in (("auto", ""), ("lines", "opening the video\nloading the model\n")):
        stream = io.StringIO()
        with display(stream, style, quiet=False) as show:
            for step in steps:
                show(step)
        assert stream.getvalue() == said


def test_that_the_model_is_loaded_is_said_once_and_before_all_else():
    phases = ("opening", "loading")
    for style, told in (
        ("auto", []),
        ("lines", ["loading the model", "opening the video", "opening the video"]),
        ("json", ["loading", "opening", "opening"]),
    ):
        stream = io.StringIO()
        show = display(stream, style, quiet=False)
        with show.loading():
            pass
        for _ in range(2):  # of two videos
            with show:
                for phase in phases:
                    show(Progress(0, None, 0, 0.0, phase=phase))
        lines = stream.getvalue().splitlines()
        assert [json.loads(line)["phase"] if style == "json" else line for line in lines] == told


def test_a_terminal_is_told_of_loading_until_the_bar_is_there():
    stream = Terminal()
    show = TerminalBar(stream)
    with show.loading():
        assert stream.getvalue() == "loading the model"
    assert stream.getvalue().endswith("\r\x1b[2K")
    for _ in range(2):
        with show:
            show(Progress(20, 50, 18, 10.0))
    assert "20/50" in stream.getvalue()


def test_a_terminal_gets_a_bar_that_is_cleared():
    stream = Terminal()
    with TerminalBar(stream) as show:
        show(Progress(0, None, 0, 0.0))
        show(Progress(20, 50, 18, 10.0))
        show(Progress(60, 50, 18, 10.0))
    text = stream.getvalue()
    assert "60/50, 6.0 frames/s, 0.0 s left, 18 faces" in text
    assert "\x1b[2K" in text


@pytest.mark.parametrize(
    ("stream", "quiet", "kind"),
    [
        (Terminal(), False, TerminalBar),
        (io.StringIO(), False, Lines),
        (Terminal(), True, Silent),
        (io.StringIO(), True, Silent),
    ],
)
def test_the_display_suits_the_stream(stream, quiet, kind):
    assert type(display(stream, quiet=quiet)) is kind


def test_silence():
    with Silent() as show:
        assert show(Progress(1, 2, 3, 4.0)) is None
