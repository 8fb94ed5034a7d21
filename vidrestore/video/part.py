"""A segment's packets, kept in a file until all segments are put into one container."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import av
import av.container

from vidrestore.datatypes import Frame
from vidrestore.errors import OutputError
from vidrestore.stages import Resizer
from vidrestore.video.demux.files import reason
from vidrestore.video.encode import packet_file
from vidrestore.video.encode.encoder import Packets, parameters_of
from vidrestore.video.target import Target


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the frames of a job become packets of one of its results.

    Attributes:
        target: encodes them.
        scaler: brings them to its size first; None where they have it.
    """

    target: Target
    scaler: Resizer | None = None


@dataclass(frozen=True, slots=True)
class Encoded:
    """What is known of a segment's packets of one result.

    Attributes:
        parameters: SHA-256 of what a container must give decoders; the same for all segments.
        captions_lost: frames whose closed captions could not be kept.
    """

    parameters: str
    captions_lost: int


class PartSink:
    """Encodes the frames of one segment, once for each result; implements ``stages.Sink``.

    Args:
        encodings: of each result, the first of which is number 0.
        file: takes all packets; it is the caller's, who keeps it or not.

    Raises:
        OutputError: an encoder cannot be opened.
        ConfigError: an encoder refuses its options.
    """

    def __init__(self, encodings: Sequence[Encoding], file: packet_file.Writable) -> None:
        self._file, self._lock = file, threading.RLock()
        self._over = False
        self._streams: list[_Stream] = []
        try:
            for encoding in encodings:
                self._streams.append(_Stream(encoding))
        except BaseException:
            self.abort()
            raise
        packet_file.begin(file)

    @property
    def encoded(self) -> tuple[Encoded, ...]:
        """Of each result, what is known of its packets; complete after ``finish``."""
        return tuple(stream.encoded for stream in self._streams)

    def push(self, frame: Frame, /) -> None:
        """Encode one frame.

        Raises:
            OutputError: if encoding or writing fails.
        """
        with self._lock:
            if self._over:
                raise OutputError("the segment was closed before its last frame")
            self._encode(frame)

    def _encode(self, frame: Frame | None) -> None:
        for number, stream in enumerate(self._streams):
            packets = stream.encode(frame)
            try:
                packet_file.write(self._file, packets, number)
            except (OSError, ValueError) as error:
                raise OutputError(f"cannot keep what was encoded: {reason(error)}") from error

    def finish(self) -> None:
        """Write what is held.

        Raises:
            OutputError: if that fails.
        """
        with self._lock:
            self._encode(None)
            self.abort()

    def abort(self) -> None:
        """Let go of the encoders; safe at any time, and twice."""
        for stream in self._streams:
            stream.kill()
        with self._lock:
            self._over = True
            for stream in self._streams:
                stream.close()


class _Stream:
    """The encoder of one result."""

    def __init__(self, encoding: Encoding) -> None:
        self._scaler, target = encoding.scaler, encoding.target
        self._frames = target.encoder()
        # Never written to: an encoder is opened for a container, which asks some for headers.
        self._scratch: av.container.OutputContainer = av.open(
            io.BytesIO(), "w", format=target.container
        )
        self._stream = self._frames.encoder.add_to(self._scratch)
        self.kill, self.close = self._frames.encoder.kill, self._frames.close

    @property
    def encoded(self) -> Encoded:
        return Encoded(parameters_of(self._stream), self._frames.captions.count)

    def encode(self, frame: Frame | None) -> Packets:
        if frame is not None and self._scaler is not None:
            frame = self._scaler(frame)
        return self._frames.encode(frame)
