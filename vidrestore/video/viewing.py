"""Writing pictures that are only to be looked at: RGB in, a plain video or a PNG out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import av.container
import av.error
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from vidrestore.config import EncoderConfig
from vidrestore.datatypes import FrameFormat, Image
from vidrestore.errors import OutputError
from vidrestore.video.demux.files import reason
from vidrestore.video.encode import codecs
from vidrestore.video.facts.tags import UNTAGGED, Colour
from vidrestore.video.outputs.outfile import PendingFile, container_of

_CONTAINERS = frozenset(("matroska", "mp4", "mov", "webm"))
_CONFIG = EncoderConfig(crf=16, speed="veryfast")
_BASE = Fraction(1, 90_000)
_BT709 = 1


class PlainVideo:
    """A video without sound, made of RGB pictures; it appears under its name only when whole.

    Args:
        path: the result's name: .mp4, .mkv, .mov or .webm.
        source: a file that is read, which must never be the result.
        colour: tags of the pictures' primaries and transfer function.
        overwrite: whether an existing file may be replaced.

    Raises:
        OutputError: the result cannot be written there.
    """

    def __init__(
        self,
        path: str | Path,
        source: str | Path,
        *,
        colour: Colour = UNTAGGED,
        overwrite: bool = False,
    ) -> None:
        if (container := container_of(Path(path))) not in _CONTAINERS:
            raise OutputError(f"{path}: this goes into .mp4, .mkv, .mov or .webm; name one of them")
        self._container, self._colour = container, colour
        self._pending = PendingFile(path, source, overwrite=overwrite, keep_time=False)
        self._file: av.container.OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._last = -1

    def push(self, picture: Image, time: Fraction) -> None:
        """Write a picture.

        Args:
            picture: (h, w, 3) uint8 RGB, of the first one's size.
            time: seconds, later than the last.

        Raises:
            OutputError: encoding or writing fails.
        """
        even = np.pad(picture, [(0, n % 2) for n in picture.shape[:2]] + [(0, 0)], mode="edge")
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
        frame = frame.reformat(
            format="yuv420p",
            src_color_range=ColorRange.JPEG,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        self._last = frame.pts = max(round(time / _BASE), self._last + 1)
        frame.time_base = _BASE
        try:
            if self._stream is None:
                self._stream = self._opened(frame)
            self._write(self._stream.encode(frame))
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise self._failed(error) from error

    def _opened(self, first: av.VideoFrame) -> VideoStream:
        fmt = FrameFormat(first.width, first.height, "yuv420p")
        config = codecs.resolved(_CONFIG, self._container, fmt)
        encoder = codecs.encoder_name(config.codec)
        options = codecs.rate_options(config, encoder)
        self._file = av.open(str(self._pending.temporary), "w", format=self._container)
        stream = cast("VideoStream", self._file.add_stream(encoder, rate=25, options=options))
        context = stream.codec_context
        context.width, context.height = first.width, first.height
        context.pix_fmt, context.time_base = "yuv420p", _BASE
        context.color_primaries, context.color_trc = self._colour.primaries, self._colour.transfer
        context.colorspace, context.color_range = _BT709, ColorRange.MPEG
        return stream

    def _write(self, packets: list[Any]) -> None:
        assert self._file is not None
        for packet in packets:
            self._file.mux(packet)

    def finish(self) -> None:
        """Write what is held, and publish the video.

        Raises:
            OutputError: that fails, or there was no picture; nothing is left behind then.
        """
        try:
            if self._file is None or self._stream is None:
                raise OutputError(f"no picture was written to {self._pending.path}")
            self._write(self._stream.encode(None))
            self._file.close()
            self._pending.publish()
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Leave nothing behind of a video that was not finished; safe to call twice."""
        if self._file is not None:
            self._file.close()
        self._pending.discard()

    def _failed(self, error: BaseException) -> OutputError:
        return OutputError(f"cannot write {self._pending.path}: {reason(error)}")


class PlainPicture:
    """A PNG file of an RGB picture; it appears under its name only when whole.

    Args:
        path: the result's name.
        source: a file that is read, which must never be the result.
        overwrite: whether an existing file may be replaced.

    Raises:
        OutputError: the result cannot be written there.
    """

    def __init__(self, path: str | Path, source: str | Path, *, overwrite: bool = False) -> None:
        self._pending = PendingFile(
            path, source, overwrite=overwrite, container="png", keep_time=False
        )

    def write(self, picture: Image) -> None:
        """Write (h, w, 3) uint8 RGB, and publish the file.

        Raises:
            OutputError: that fails.
        """
        done, data = cv2.imencode(".png", picture[..., ::-1])
        assert done, "any picture can be encoded"
        try:
            self._pending.temporary.write_bytes(data.tobytes())
        except OSError as error:
            raise OutputError(f"cannot write {self._pending.path}: {reason(error)}") from error
        self._pending.publish()

    def close(self) -> None:
        """Leave nothing behind of a picture that was not written; safe to call twice."""
        self._pending.discard()
