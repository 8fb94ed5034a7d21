"""A worker of a batch that restores nothing, and so is quick: frames go through, without torch.

Run as ``python -m tests.stand_ins.quick_worker FOLDER``. Words in a source's name say what befalls
it; what is to happen once leaves a mark in FOLDER:

- ``crash``: the process crashes at it, each time; ``hang``: it stops for ever
- ``kill``: the process is killed at it, once; ``full``: the disk is full, once
- ``begun``: parts of it with other options lie there
- ``short``: torch finds too little memory, once
- ``bug``: an error that is nobody's fault but the program's
- ``greedy``: it holds half a gigabyte for ever; ``endless``: it computes for ever
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from vidrestore.config import Config
from vidrestore.datatypes import PastedFrame
from vidrestore.errors import Interrupted, OtherPartsError, OutputError
from vidrestore.job.batch.workers.worker import Worker
from vidrestore.report import CopyMade, Facts, ModelUsed
from vidrestore.report.html.excerpts import Excerpts
from vidrestore.video import VideoSink, VideoSource


class QuickSession:
    """Carries frames from a source to a result."""

    def __init__(self, config: Config, marks: Path) -> None:
        self._config, self._marks = config, marks

    def restore(self, source, output, *, overwrite=False, copies=None, **rest):
        progress, stop = rest["progress"], rest["stop"]
        facts, begun = Facts(), datetime.now(UTC)
        name = Path(source).name
        if "begun" in name and not rest["restart"]:
            raise OtherPartsError("parts of another job are there")
        with closing(VideoSource(source, config=self._config.input)) as frames:
            sink = VideoSink(
                frames.info,
                frames.format,
                output,
                self._config.encoder,
                self._config.output,
                overwrite=overwrite,
            )
            try:
                for index, frame in enumerate(frames):
                    if stop.is_set():
                        raise Interrupted("stopped")
                    if index == 4:
                        self._befall(name, stop)
                    sink.push(frame)
                    facts.observe(PastedFrame(frame, False, ()))
                    progress(facts.progress(None, 1.0))
                sink.finish()
            finally:
                sink.abort()
            # As a job tells them.
            for warning in dict.fromkeys((*frames.warnings, *sink.warnings)):
                facts.warn(warning)
        for copy in copies or {}:
            shutil.copy(output, copy)
        return facts.finish(
            source=str(source),
            output=str(output),
            frames_in=facts.frames,
            model=ModelUsed("none", "", ""),
            settings=self._config.model_dump(),
            timing={},
            version="quick",
            device="cpu",
            precision="none",
            started=begun,
            seconds=0.1,
            copies=[CopyMade(str(copy), {}) for copy in copies or {}],
        )

    def _befall(self, name: str, stop: threading.Event) -> None:
        if "crash" in name:
            ctypes.string_at(0)
        if "hang" in name:
            time.sleep(3600)
        if "bug" in name:
            raise ZeroDivisionError("a bug")
        if "short" in name and self._once(name):
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        if "greedy" in name:
            held = bytearray(b"x") * (1 << 29)
            time.sleep(3600 * len(held))
        while "endless" in name:
            pass
        if "kill" in name and self._once(name):
            os.kill(os.getpid(), signal.SIGKILL)
        if "full" in name and self._once(name):
            full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            raise OutputError(f"cannot write {name}: {full.strerror}") from full

    def _once(self, name: str) -> bool:
        mark = self._marks / name
        if mark.exists():
            return False
        mark.touch()
        return True


def main() -> None:
    marks = Path(sys.argv[1])

    @contextmanager
    def opens(config: Config) -> Iterator[QuickSession]:
        yield QuickSession(config, marks)

    Worker(
        opens,
        devices=lambda config, jobs: ["cpu"] * (jobs or 2),
        length=lambda path: 1.0,
        pictures=lambda report, config: Excerpts(),
        copy=copy_as,
    ).serve()


def copy_as(source: Path, output: Path, config: Config, **_: object) -> list[str]:
    """A further result is the first one, as it is."""
    shutil.copy(source, output)
    return []


if __name__ == "__main__":
    main()
