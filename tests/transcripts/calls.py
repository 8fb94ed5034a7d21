"""The calls whose words are kept, and running them in this process at 80 columns."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import vidrestore
from tests.transcripts.stand_in import StandIn
from vidrestore.cli import main

PAGES = Path(__file__).parent / "pages"
COLUMNS = 80
# A page each: a title, and the calls on it. None of them loads a network; the work of those that
# restore is done by a stand-in, which reports what a real job might.
CALLS = {
    "help": ("", "--version"),
    "help_restore": ("restore --help",),
    "help_batch": ("batch --help", "batch status --help", "batch retry --help"),
    "help_others": tuple(
        f"{command} --help"
        for command in (
            *("preview", "compare", "inspect", "clean", "doctor", "verify", "completion"),
            *("models", "models list", "models fetch", "models convert", "models inspect"),
            *("presets", "presets list", "presets show", "presets diff", "presets save"),
        )
    ),
    "presets": ("presets list", "presets diff cctv", "presets diff old-film home-video"),
    "restoring": (
        "restore in.mkv out.mkv",
        "restore in.mkv out.mkv --quiet",
        "restore in.mkv out.mkv --progress json",
        "restore in.mkv out.mkv --dry-run",
        "restore in.mkv out.mkv --also small.mp4",
        "restore other.mkv there.mkv --skip-existing",
        "restore full.mkv out.mkv",
        "restore stopped.mkv out.mkv",
        "restore damaged.mp4 b.mp4 done/",
    ),
    "inspecting": ("inspect in.mkv", "inspect damaged.mkv"),
    "refusals": (
        "restor a b",
        "restore",
        "restore a b c",
        "restore https://host/a.mp4 b.mp4",
        "restore a b --verbos",
        "restore a b --preset cctvv",
        "restore a b --detect.evry 2",
        "restore a b --detect.every 99",
        "restore a b --output.height abc",
        "restore a b --output.audio keep",
        "restore a b --encoder.codec x265",
        "restore a b --encoder.crf 40 --encoder.options crf=10",
        "restore a b --from soon",
        "restore a b --jobs many",
        "restore a b --progress dots",
        "restore a b c new/ --name {sten}",
        "restore there.mkv other.mkv .",
        "restore a b --report nowhere/r.json",
        "restore a b --also small.png",
        "restore a b c new/ --also small/x.mp4",
        "restore a b --log .",
        "restore -clip.mp4 b",
        "inspect",
        "inspect a b",
        "models fetch gpen-bfr-521",
        "models lst",
        "presets show cctvv",
        "presets save mine.txt",
        "completion tcsh",
    ),
}


def page(name: str, folder: Path) -> str:
    """What all calls of a page say, in a folder with two videos of a name alone.

    Stdout and stderr stand in the order in which they come; the exit code follows where it is not
    0.
    """
    for file in ("there.mkv", "other.mkv"):
        (folder / file).touch()
    return "\n".join(_transcript(call, folder) for call in CALLS[name])


def _transcript(call: str, folder: Path) -> str:
    words: Any = io.StringIO()
    environment = {"COLUMNS": str(COLUMNS), "LINES": "50", "NO_COLOR": "1", "TERM": "dumb"}
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(words),
        contextlib.redirect_stderr(words),
        mock.patch.dict(os.environ, environment),
        mock.patch.object(vidrestore, "api", StandIn(), create=True),
        mock.patch.object(sys, "argv", ["vidrestore", *shlex.split(call)]),
    ):
        code = main()
    text = words.getvalue().replace(str(folder), "HERE")
    told = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
    ending = f"[exit code {int(code)}]\n" if code else ""
    return f"$ vidrestore {call}".rstrip() + f"\n{told}{ending}"
