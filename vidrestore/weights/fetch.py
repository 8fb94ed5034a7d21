"""Downloading a model of the catalogue: verified, resumed, whole or not at all.

pooch compares the SHA-256 and gives the file its name; what it calls to download goes on where an
earlier attempt was cut off. A part is kept in ``FILE.part`` beside its place. What begins at an
https address never goes on at an http one.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pooch
import requests

from vidrestore.errors import ModelError
from vidrestore.runtime.whole_file import whole_file
from vidrestore.weights.catalogue import RELEASE, Model, by_hand
from vidrestore.weights.folder import weights_folder
from vidrestore.weights.lock import locked
from vidrestore.weights.reading.weight_file import sha256_of

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are there and those that there will be, None if that is unknown."""

_CONNECT_SECONDS = 15.0
_SILENCE_SECONDS = 60.0
_PIECE = 1 << 16
_ACCEPTED = "licences.json"
_SLACK = 2
_SECURE = "https://"


def accepted(model: Model, folder: Path | None = None) -> bool:
    """Whether the model may be fetched: its licence is free, or was accepted before."""
    return not model.noncommercial or model.licence in _read_accepted(folder or weights_folder())


def accept(model: Model, folder: Path | None = None) -> None:
    """Remember that the user accepted the licence of a model, and of all others under it.

    Raises:
        ModelError: it cannot be written down.
    """
    folder = folder or weights_folder()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    file = folder / _ACCEPTED
    try:
        with locked(file):
            known = _read_accepted(folder) | {model.licence: now}
            with whole_file(file) as new:
                new.write(f"{json.dumps(known, indent=1)}\n".encode())
    except OSError as error:
        raise ModelError(f"cannot write {file}: {error.strerror}") from error


def _read_accepted(folder: Path) -> dict[str, str]:
    try:
        known = json.loads((folder / _ACCEPTED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def fetch(
    model: Model,
    folder: Path | None = None,
    *,
    release: str = RELEASE,
    progress: Progress | None = None,
    waiting: Callable[[], None] | None = None,
    silence: float = _SILENCE_SECONDS,
) -> Path:
    """Download a model's file, unless it is there and whole.

    Two that fetch one model take turns: the second finds what the first has fetched, or goes on
    where that broke off.

    Args:
        model: its catalogue entry; the licence is the caller's affair.
        folder: where to; None is the weights folder.
        release: address of the folder that the file is published in.
        progress: called after every piece.
        waiting: called once if the model is being fetched already, before it is waited for.
        silence: seconds without a byte after which to give up.

    Returns:
        The file, its SHA-256 compared.

    Raises:
        ModelError: no network, a server that fails, or other bytes than the published ones; nothing
            has the file's name then.
    """
    if model.sha256 is None:
        raise ModelError(f"{model.name} cannot be fetched: {by_hand(model)}")
    folder = folder or weights_folder()
    target = folder / model.file
    if target.is_file() and sha256_of(target) == model.sha256:
        return target
    part = target.with_name(target.name + ".part")
    download = _Resuming(model, part, progress, silence)
    logging.getLogger("pooch").setLevel(logging.WARNING)
    pooch.get_logger().setLevel(logging.WARNING)
    address, known = release + model.file, f"sha256:{model.sha256}"
    try:
        with locked(target, waiting):
            pooch.retrieve(address, known, model.file, folder, downloader=download)
    except requests.RequestException as error:
        have = part.stat().st_size if part.is_file() else 0
        kept = f"; {have} bytes are kept, run it again to go on" if have else ""
        raise ModelError(
            f"cannot fetch {model.file} from {release}: {_reason(error, address)}{kept}"
        ) from error
    except ValueError as error:
        raise ModelError(
            f"what {release} gave for {model.file} is not the published file: its SHA-256 is not "
            f"{model.sha256}; it was thrown away, run it again or get the file elsewhere"
        ) from error
    except OSError as error:
        raise ModelError(f"cannot write {target}: {error.strerror or error}") from error
    return target


def _reason(error: Exception, address: str) -> str:
    """The innermost cause of a failed request, shortened to what a user can do with."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answers {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.exceptions.InvalidSchema):
        which = "not https" if address.startswith(_SECURE) else "neither https nor http"
        return f"it leads to an address that is {which}"
    if isinstance(error, requests.ConnectTimeout):
        return "no connection; is there a network?"
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return "the server fell silent"
    if "Max retries" in str(error):
        return "no connection; is there a network?"
    return f"the connection broke ({(str(error).splitlines() or ['?'])[0][:80]})"


class _Resuming:
    """What pooch calls to download one file."""

    def __init__(self, model: Model, part: Path, progress: Progress | None, silence: float) -> None:
        self._model, self._part, self._silence = model, part, silence
        self._progress = progress

    def __call__(self, url: str, output_file: str, _: Any, /) -> None:
        """Complete the part and hand it over under the name that pooch gives."""
        have = self._part.stat().st_size if self._part.is_file() else 0
        with requests.Session() as session:
            if url.startswith(_SECURE):
                # Nothing is then sent to, or taken from, an open address that it is led to.
                session.adapters.pop("http://")
            with self._asked(session, url, have) as answer:
                if have and answer.status_code in (200, 416):
                    have = 0
                if answer.status_code != 416:
                    self._store(answer, have)
            if answer.status_code == 416:
                with self._asked(session, url, 0) as whole:
                    self._store(whole, 0)
        os.replace(self._part, output_file)  # noqa: PTH105 - pooch gives a string

    def _asked(self, session: requests.Session, url: str, have: int) -> requests.Response:
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        times = (_CONNECT_SECONDS, self._silence)
        return session.get(url, headers=headers, stream=True, timeout=times)

    def _store(self, answer: requests.Response, have: int) -> None:
        """Append an answer's bytes to the part, of which the first ``have`` are kept."""
        answer.raise_for_status()
        if have and not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            raise requests.ConnectionError("the server went on at another place")
        length = answer.headers.get("Content-Length", "")
        total = have + int(length) if length.isdecimal() else None
        most = _SLACK * self._model.megabytes * 1_000_000
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(self._part, flags, 0o644), "wb") as file:
            file.truncate(have)
            file.seek(have)
            for piece in answer.iter_content(_PIECE):
                have += len(piece)
                if have > most:
                    file.truncate(0)
                    raise requests.ConnectionError(f"it sends more than {most} bytes")
                file.write(piece)
                if self._progress is not None:
                    self._progress(have, total)
