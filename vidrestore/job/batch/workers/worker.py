"""What runs in each process of a batch: ``python -m vidrestore.job.batch.workers.worker``.

It takes one file after the other until nobody sends any more. Messages are lines of JSON, of which
each has one key: ``hello``, ``job``, ``probe`` and ``stop`` come; ``ready``, ``step``, ``done``,
``failed``, ``stopped`` and ``length`` go.
"""

from __future__ import annotations

import errno
import faulthandler
import json
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, Final, Protocol

from vidrestore.config import Config
from vidrestore.errors import (
    DeviceFullError,
    ExitCode,
    Interrupted,
    NoMemoryError,
    OtherPartsError,
    OutputHeldError,
    VidrestoreError,
    exit_code,
)
from vidrestore.job.batch.records.trouble import Reason
from vidrestore.job.batch.workers.keeping import Kept, Pictures, keep
from vidrestore.job.batch.workers.logs import logged
from vidrestore.report import Progress, Report
from vidrestore.report.keeping.fixity import hashed
from vidrestore.runtime import child_process
from vidrestore.runtime.memory import lacks_memory

_EVERY: Final = 0.5  # seconds between two words on how far a file is
_HOUR: Final = 3600
_GIGABYTE: Final = 10**9

_log = logging.getLogger(__name__)

Requests = SimpleQueue[dict[str, Any]]


class Restores(Protocol):
    """What a worker needs of a session."""

    def restore(
        self,
        source: str | Path,
        output: str | Path,
        *,
        overwrite: bool = False,
        restart: bool = False,
        copies: Mapping[str | Path, Config] | None = None,
        progress: Callable[[Progress], None] | None = None,
        stop: threading.Event | None = None,
        pause: threading.Event | None = None,
    ) -> Report:
        """As ``Session.restore``."""
        ...


Opens = Callable[[Config], AbstractContextManager[Restores]]


class Worker:
    """Serves requests.

    Args:
        opens: makes a session.
        devices: where each of so many processes computes (0: as many as pay), for these options.
        length: seconds of a video; None if nobody knows.
        pictures: cuts out what the page of a file shows.
        copy: encodes a result that is there once more; see ``job.copying.copy_as``.
    """

    def __init__(
        self,
        opens: Opens,
        devices: Callable[[Config, int], list[str]],
        length: Callable[[Path], float | None],
        pictures: Pictures,
        copy: Callable[..., list[str]],
    ) -> None:
        self._opens, self._devices, self._length = opens, devices, length
        self._pictures, self._copy = pictures, copy
        self._requests: Requests = SimpleQueue()
        self._stop, self._pause = threading.Event(), threading.Event()
        self._held: tuple[Config, AbstractContextManager[Restores], Restores] | None = None
        self._limit = 0.0
        self._sending = threading.Lock()

    def serve(self) -> None:
        """Work until nobody asks for more."""
        self._answers = child_process.answers()
        # The stack of a crash goes to stderr, which its leader keeps in a file.
        faulthandler.enable()
        threading.Thread(target=self._listen, args=(sys.stdin.buffer,), daemon=True).start()
        while True:
            [(kind, payload)] = self._requests.get().items()
            if kind == "hello":
                self._greet(payload)
            elif kind == "probe":
                self._send("length", self._probe(Path(payload)))
            else:
                self._send(*self._restored(payload))

    def _listen(self, stream: IO[bytes]) -> None:
        """Take requests; end the process, whatever it is at, when there is nobody to send any."""
        for line in stream:
            request = json.loads(line)
            if "stop" in request:
                (self._stop if request["stop"] == "now" else self._pause).set()
            else:
                # A word to rest is for the file that it was said at.
                self._pause.clear()
                self._requests.put(request)
        os._exit(0)

    def _send(self, kind: str, payload: Any) -> None:
        with self._sending:
            self._answers.write(json.dumps({kind: payload}).encode() + b"\n")
            self._answers.flush()

    def _greet(self, payload: Mapping[str, Any]) -> None:
        if payload["nice"] and hasattr(os, "nice"):
            os.nice(payload["nice"])
        if payload["written"]:
            child_process.limit_file(round(payload["written"] * _GIGABYTE))
        self._limit = payload["processor"] * _HOUR
        devices = None
        if payload["jobs"] is not None:
            devices = self._devices(Config.model_validate(payload["settings"]), payload["jobs"])
        self._send("ready", devices)

    def _probe(self, path: Path) -> float | None:
        try:
            return self._length(path)
        except VidrestoreError:
            return None

    def _restored(self, job: Mapping[str, Any]) -> tuple[str, Any]:
        """Restore a file; give what is to be reported of it."""
        if self._limit:
            child_process.limit_time(self._limit)
        try:
            with logged(None if job["log"] is None else Path(job["log"])):
                return "done", self._done(job)
        except Interrupted as stopped:
            return "stopped", "; ".join(getattr(stopped, "__notes__", ()))
        except VidrestoreError as error:
            text = "; ".join((str(error), *getattr(error, "__notes__", ())))
            return "failed", [_reason(error), text]
        except Exception as error:  # a bug costs this file, and not the night
            if lacks_memory(error):
                return "failed", [Reason.SHORT, "there is too little memory"]
            traceback.print_exc()
            where = traceback.extract_tb(error.__traceback__)[-1]
            text = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
            return "failed", [Reason.BUG, text]

    def _done(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """Make what is wanted; give what the table is to know."""
        _log.info("%s", job["output"])
        try:
            if job["done"]:
                return dict(job["done"]) | self._also(job)
            try:
                return self._restored_with(job, restart=False)
            except OtherPartsError as error:
                # Its options, or the source, have changed since it was begun.
                _log.info("%s", error)
                return self._restored_with(job, restart=True)
        except VidrestoreError as error:
            _log.error("%s", error)
            raise
        except Exception as error:
            _log.exception("too little memory" if lacks_memory(error) else "a bug")
            raise

    def _restored_with(self, job: Mapping[str, Any], *, restart: bool) -> dict[str, Any]:
        """The result, and the further one with it."""
        config, folder = Config.model_validate(job["settings"]), Path(job["folder"])
        also = {} if job["also"] is None else dict([job["also"]])
        report = self._session(config).restore(
            os.fsdecode(bytes.fromhex(job["source"])),
            folder / job["output"],
            overwrite=True,
            restart=restart,
            copies={folder / name: Config.model_validate(also[name]) for name in also},
            progress=self._step(),
            stop=self._stop,
            pause=self._pause,
        )
        facts = keep(report, Kept.of(job), config, self._pictures)
        for name, made in zip(also, report.copies, strict=True):
            facts |= {"also": name, "also_lost": list(made.warnings)}
            if made.file is not None and report.fixity is not None:
                facts["also_hash"] = f"{report.fixity.algorithm}:{made.file.digest}"
        return facts

    def _also(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """The further result, of the one that is there."""
        if job["also"] is None:
            return {}
        folder, (name, settings) = Path(job["folder"]), job["also"]
        lost = self._copy(
            folder / job["output"],
            folder / name,
            Config.model_validate(settings),
            overwrite=True,
            progress=self._step(),
            stop=self._stop,
        )
        for line in lost:
            _log.warning("%s: %s", name, line)
        facts = {"also": name, "also_lost": lost}
        algorithm = job["settings"]["output"]["checksum"]
        if algorithm != "none" and (made := hashed(folder / name, algorithm)) is not None:
            facts["also_hash"] = f"{algorithm}:{made.digest}"
        return facts

    def _session(self, config: Config) -> Restores:
        """A session with these options: the one of the file before, if they are the same."""
        if self._held is not None and self._held[0] != config:
            self._held[1].__exit__(None, None, None)
            self._held = None
        if self._held is None:
            opened = self._opens(config)
            self._held = config, opened, opened.__enter__()
        return self._held[2]

    def _step(self) -> Callable[[Progress], None]:
        """Tells how far a file is, now and then."""
        due = 0.0

        def report(now: Progress) -> None:
            nonlocal due
            if time.monotonic() >= due:
                due = time.monotonic() + _EVERY
                with suppress(OSError):  # nobody listens: the process is about to end
                    self._send(
                        "step", [now.frames_done, now.frames_total, now.frames_taken, now.phase]
                    )

        return report


def _reason(error: VidrestoreError) -> Reason:
    if isinstance(error, OutputHeldError):
        return Reason.HELD
    if isinstance(error, NoMemoryError | DeviceFullError):
        return Reason.SHORT
    if exit_code(error) != ExitCode.MAY_PASS:
        return Reason.REFUSED
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return Reason.FULL
        if isinstance(cause, MemoryError):
            return Reason.SHORT
        cause = cause.__cause__
    return Reason.PASSING


def main() -> None:
    """Serve with sessions of this program."""
    # The rest of the package, and torch, are loaded here alone.
    from vidrestore.job.batch.workers.sessions import copy, devices, length, opened, pictures  # noqa: PLC0415

    Worker(opened, devices, length, pictures, copy).serve()


if __name__ == "__main__":
    main()
