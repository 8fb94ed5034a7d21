"""A copy of the report that stays with the result."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from vidrestore.config import Config
from vidrestore.errors import InputError, OutputError
from vidrestore.report import Report
from vidrestore.report.keeping.seal import encoded
from vidrestore.stages import ResultSink
from vidrestore.video.frame_hashes import hash_of_frames, place_of_restored

# Bytes that are kept free: for options and streams, and for a frame with some faces.
_LEAST: Final = 1 << 18
_PER_FRAME: Final = 200
_MOST: Final = 1 << 26
_TOO_LONG: Final = b'{"note": "the report was too long to be attached"}\n'


class AttachedReport:
    """Makes a report of a job that is nearly over, if one is asked for.

    It holds hashes of the source, the model and the frames that the result decodes to, but not the
    result's own, of which it is a part.

    Args:
        config: all options; they say whether one is attached, and which hashes are wanted.
        frames: of the result, estimated; None if nobody knows.
        stop: set it from anywhere to end early.

    Attributes:
        room: bytes to keep for it; 0 for none.
        digest: of the result's frames; None until it is made, and where none is wanted.
        warnings: why it is not there, a line.
    """

    def __init__(self, config: Config, frames: int | None, *, stop: threading.Event | None) -> None:
        self._wanted = config.output.report == "attached"
        self._algorithm, self._limits, self._stop = config.output.checksum, config.input, stop
        self.room = min(_MOST, _LEAST + (frames or 0) * _PER_FRAME) if self._wanted else 0
        self.digest: str | None = None
        self.warnings: list[str] = []

    def put(self, sink: ResultSink, report: Callable[[str | None], Report]) -> None:
        """Have it made when the result is whole.

        Args:
            sink: not yet finished.
            report: makes the report, given the hash of the result's frames.
        """
        if self._wanted and sink.no_report:
            self.warnings.append(sink.no_report)
        elif self._wanted:
            stream = place_of_restored(sink.streams)
            sink.attach(lambda result: self._content(result, stream, report))

    def _content(self, result: Path, stream: int, report: Callable[[str | None], Report]) -> bytes:
        if self._algorithm != "none":
            try:
                self.digest = hash_of_frames(
                    result, stream, self._algorithm, self._limits, self._stop
                )
            except (InputError, OutputError) as error:  # the result is whole all the same
                self.warnings.append(f"the attached report has no hash of frames: {error}")
        content = encoded(report(self.digest).to_json())
        if len(content) <= self.room:
            return content
        self.warnings.append("the report is too long to be attached")
        return _TOO_LONG
