"""One run of a program that encodes: raw video goes into its input, packets come out."""

from __future__ import annotations

import re
import subprocess
import threading
from collections import deque
from fractions import Fraction
from typing import IO

import av
import av.container
import av.error
from av.video.stream import VideoStream

from vidrestore.datatypes import FrameFormat
from vidrestore.errors import OutputError
from vidrestore.video.demux.files import reason
from vidrestore.video.encode.encoder import Packets
from vidrestore.video.facts.media import MediaInfo

# A broken encoder may say the same thing for every frame.
_LINES_KEPT = 50


class RawWriter:
    """Writes pictures as raw video in NUT."""

    def __init__(self, file: IO[bytes], media: MediaInfo, fmt: FrameFormat) -> None:
        self._container = av.open(file, "w", format="nut")
        self._stream = self._container.add_stream(
            "rawvideo",
            rate=media.picture.rate or 25,
            width=fmt.width,
            height=fmt.height,
            time_base=media.stream.time_base or Fraction(1, 90_000),
        )
        assert isinstance(self._stream, VideoStream)
        self._stream.codec_context.pix_fmt = fmt.pix_fmt
        self._stream.codec_context.sample_aspect_ratio = media.picture.sample_aspect

    def write(self, picture: av.VideoFrame) -> None:
        """Write one picture at its own time."""
        self._container.mux(self._stream.encode(picture))

    def close(self) -> None:
        """Write the trailer; the file stays open."""
        self._container.close()


def cause(lines: list[str]) -> str:
    """The first thing that went wrong: what follows are its consequences."""
    reasons = (re.sub(r"^(\[[^\]]* @ 0x[0-9a-f]+\] ?)+", "", line.strip()) for line in lines)
    return next(filter(None, reasons), "it gave no reason")


class Session:
    """One run of the binary: a thread reads packets, another its messages, the caller writes."""

    def __init__(self, line: list[str], media: MediaInfo, fmt: FrameFormat) -> None:
        self.stream: VideoStream | None = None
        self._container: av.container.InputContainer | None = None
        self._name = line[0]
        self._packets: deque[av.Packet[VideoStream]] = deque()
        self._lines: list[str] = []
        self._failure: BaseException | None = None
        self._process = subprocess.Popen(  # noqa: S603 - the user's own program
            line,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Ctrl-C is for this program to handle; the encoder ends when its pipe does.
            start_new_session=True,
        )
        assert self._process.stdin is not None
        self._writer = RawWriter(self._process.stdin, media, fmt)
        self._threads = [
            threading.Thread(target=self._read, name="ffmpeg packets", daemon=True),
            threading.Thread(target=self._listen, name="ffmpeg messages", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def exchange(self, picture: av.VideoFrame | None) -> Packets:
        """Write a picture, or the end; give the packets that have come."""
        try:
            if picture is None:
                self._end()
            else:
                self._writer.write(picture)
        except (OSError, av.error.FFmpegError, ValueError) as error:
            raise self._error(error) from error
        if self._failure is not None:
            raise self._error(self._failure)
        return [self._packets.popleft() for _ in range(len(self._packets))]

    def _end(self) -> None:
        self._writer.close()
        assert self._process.stdin is not None
        self._process.stdin.close()
        for thread in self._threads:
            thread.join()
        if self._process.wait() != 0:
            raise OSError(f"exit status {self._process.returncode}")

    def _error(self, error: BaseException) -> OutputError:
        """What the binary said is worth more than what the pipe did."""
        self.kill()
        for thread in self._threads:
            thread.join()
        said = cause(self._lines) if self._lines else reason(error)
        return OutputError(f"{self._name} failed while encoding: {said}")

    def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            # Kept open: the output's stream is made after this one.
            self._container = av.open(self._process.stdout, "r", format="nut")
            self.stream = self._container.streams.video[0]
            for packet in self._container.demux(self.stream):
                if packet.size:
                    self._packets.append(packet)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            self._failure = error

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if len(self._lines) < _LINES_KEPT:
                self._lines.append(line.decode(errors="replace"))

    def kill(self) -> None:
        """End the program now."""
        self._process.kill()

    def close(self) -> None:
        """Kill, wait and close the pipes."""
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()
        if self._container is not None:
            self._container.close()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            try:
                pipe.close()
            except OSError:
                # What was buffered for a program that is gone.
                continue
