"""What a bug report needs, in one file."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from vidrestore.cli.checks.finding import Finding
from vidrestore.config import PHOTOS, PICTURES, VIDEOS
from vidrestore.errors import InputError, OutputError
from vidrestore.runtime import machine
from vidrestore.runtime.whole_file import unwritten, whole_file
from vidrestore.text.escaping import shown

_MOST_LOG = 5_000_000
# Of what else names are told: rare videos, options, reports, weights, lists, subtitles, sound.
_OTHERS = (
    *(".264", ".gxf", ".m1v", ".m2t", ".mod", ".tod"),
    *(".toml", ".json", ".html", ".csv", ".txt", ".log", ".zip", ".part", ".pth", ".pt", ".ckpt"),
    *(".onnx", ".safetensors", ".srt", ".ass", ".vtt", ".wav", ".flac", ".mp3", ".m4a", ".mka"),
)
_ENDINGS = "|".join(re.escape(each[1:]) for each in sorted(VIDEOS | PICTURES | {*PHOTOS, *_OTHERS}))
# Names may hold spaces, so a name goes from where it may begin to the last ending that is known.
# Versions ("2.13.0") and options ("encoder.crf") have no such form.
_FILE = re.compile(rf".*[^\s/\\]\.(?:{_ENDINGS})\b", re.IGNORECASE)
_RATE = r"(?:frames/s|\d+/\d+)(?![\w/])"  # the only words with a slash that are no paths
_FOLDERS = re.compile(rf".*(?:^|(?<=[\s(=]))(?![(=]|{_RATE})\S*[/\\]\S*")
_ROOTED = re.compile(r"(?:^|(?<=[\s(=]))(?:[A-Za-z]:[/\\]|~|\.{0,2}/(?=\S)|\\\\)")
_QUOTED = re.compile(r"""(?<![^\s(=])(['"])(.{1,1000}?)\1(?!\w)""")
# What the program says of a file comes after one of these, and so does the next name.
_PARTS = re.compile(r"(: |; |\s{2,}|\t)")


def write_bundle(
    file: Path, found: Sequence[Finding], log: str | None, *, paths: bool, overwrite: bool
) -> None:
    """Write findings, versions and a log into a ZIP file.

    Args:
        file: to be written.
        found: the doctor's.
        log: a log of a job; None for none. Its last megabytes are taken.
        paths: whether names of files and folders are kept.
        overwrite: whether an existing file may be replaced.

    Raises:
        InputError: the log cannot be read.
        OutputError: the file exists or cannot be written.
    """
    if file.exists() and not (overwrite and file.is_file()):
        raise OutputError(f"{shown(str(file))} exists; add --overwrite to replace it")
    findings = "".join(f"{'!!' if f.problem else '  '} {f.subject:<22} {f.text}\n" for f in found)
    run = {"versions": machine.versions(), "commit": machine.commit()}
    texts = {"doctor.txt": findings, "versions.json": json.dumps(run, indent=2) + "\n"}
    if log is not None:
        texts["log.txt"] = _end_of(log)
    try:
        with whole_file(file) as opened, zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as out:
            for name, text in texts.items():
                out.writestr(name, text if paths else without_names(text))
    except OSError as error:
        raise OutputError(f"cannot write {shown(str(file))}: {unwritten(file, error)}") from error


def without_names(text: str) -> str:
    """A text in which names of files and folders are left out, as far as they can be told.

    Between one ": ", "; " or wide space and the next, a path goes from its beginning to the last
    ending of files, or to the end; what is no whole path is left out with all that stands before
    it. A name without either form stays, and a part of one that holds such a mark may.
    """
    return "\n".join(_without(line) for line in text.split("\n"))


def _without(line: str) -> str:
    line = _QUOTED.sub(lambda found: f"{found[1]}{_unnamed(found[2])}{found[1]}", line)
    return "".join(map(_unnamed, _PARTS.split(line)))


def _unnamed(part: str) -> str:
    """A part of a line without the names in it."""
    rooted = _ROOTED.search(part)
    if rooted is None:
        return _relative(part)
    path = part[rooted.start() :]
    named = _FILE.match(path)
    rest = "" if named is None else _unnamed(path[named.end() :])
    return f"{_relative(part[: rooted.start()])}PATH{rest}"


def _relative(part: str) -> str:
    """The same for what has no beginning that can be told: it may be the part's."""
    ends = {"FILE": _FILE.match(part), "PATH": _FOLDERS.match(part)}
    found = {word: match.end() for word, match in ends.items() if match is not None}
    if not found:
        return part
    word = max(found, key=lambda each: found[each])
    return f"{word}{part[found[word] :]}"


def _end_of(log: str) -> str:
    try:
        return Path(log).read_bytes()[-_MOST_LOG:].decode("utf-8", "replace")
    except OSError as error:
        raise InputError(f"--log {shown(log)} cannot be read: {error.strerror}") from error
