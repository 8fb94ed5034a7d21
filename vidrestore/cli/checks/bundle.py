"""What a bug report needs, in one file."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from vidrestore.cli.checks.finding import Finding
from vidrestore.errors import InputError, OutputError
from vidrestore.runtime import machine
from vidrestore.runtime.whole_file import unwritten, whole_file
from vidrestore.text.escaping import shown

_MOST_LOG = 5_000_000
# A word with a separator of folders in it, or a name with the ending of a file: both may tell of
# people. Versions ("2.13.0") and options ("encoder.crf") have no such form.
_PATH = re.compile(r"(?:[A-Za-z]:)?[^\s,;'\"]*[/\\][^\s,;'\"]*")
_FILE = re.compile(
    r"[^\s,;'\"/\\]+\.(?:mkv|mp4|m4v|mov|webm|avi|mpe?g|ts|m2ts|vob|wmv|flv|dv|mxf|png|jpe?g|tiff?|"
    r"dpx|exr|toml|json|pth|onnx|safetensors)\b",
    re.IGNORECASE,
)


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
    """A text in which names of files and folders are left out."""
    return _FILE.sub("FILE", _PATH.sub("PATH", text))


def _end_of(log: str) -> str:
    try:
        return Path(log).read_bytes()[-_MOST_LOG:].decode("utf-8", "replace")
    except OSError as error:
        raise InputError(f"--log {shown(log)} cannot be read: {error.strerror}") from error
