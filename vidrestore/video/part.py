"""A segment's packets, kept in a file until all segments are put into one container."""

from __future__ import annotations

import io
import threading

import av
import av.container

from vidrestore.datatypes import Frame
from vidrestore.errors import OutputError
from vidrestore.video.demux.files import reason
from vidrestore.video.encode import packet_file
from vidrestore.video.encode.encoder import parameters_of
from vidrestore.video.target import Target


class PartSink:
    """Encodes the frames of one segment; implements ``stages.Sink``.

    Args:
        target: how the frames become packets.
        file: takes them; it is the caller's, who keeps it or not.

    Raises:
        OutputError: the encoder cannot be opened.
        ConfigError: the encoder refuses its options.
    """

    def __init__(self, target: Target, file: packet_file.Writable) -> None:
        self._file, self._lock = file, threading.RLock()
        self._frames = target.encoder()
        # Never written to: an encoder is opened for a container, which asks some for headers.
        self._scratch: av.container.OutputContainer = av.open(
            io.BytesIO(), "w", format=target.container
        )
        self._stream = self._frames.encoder.add_to(self._scratch)
        self._over = False
        packet_file.begin(file)

    @property
    def captions_lost(self) -> int:
        """Frames so far whose closed captions could not be kept."""
        return self._frames.captions.count

    @property
    def parameters(self) -> str:
        """SHA-256 of what a container must give decoders; the same for all segments of a job."""
        return parameters_of(self._stream)

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
        packets = self._frames.encode(frame)
        try:
            packet_file.write(self._file, packets)
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
        """Let go of the encoder; safe at any time, and twice."""
        self._frames.encoder.kill()
        with self._lock:
            self._over = True
            self._frames.close()
