"""Hashes of the decoded frames of a video, in forms that FFmpeg's own tools write and read."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import av
import av.error

from vidrestore.errors import Interrupted, OutputError
from vidrestore.video.demux.files import reason, url


def write_frame_hashes(video: Path, target: Path) -> int:
    """Write the MD5 of every decoded frame, as ``ffmpeg -i VIDEO -map 0:v:0 -f framemd5`` does.

    Args:
        video: whole, and of one's own making.
        target: appears only when whole.

    Returns:
        How many frames there are.

    Raises:
        OutputError: a file cannot be read or written.
    """
    making = target.with_name(f".{target.name}.part")
    try:
        count = sum(1 for _ in _muxed(video, making, "framemd5", {}))
        making.replace(target)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        making.unlink(missing_ok=True)
        raise OutputError(f"cannot write {target}: {reason(error)}") from error
    return count


def hash_of_frames(video: Path, algorithm: str, stop: threading.Event | None = None) -> str:
    """One hash over the samples of all frames, as ``ffmpeg -i VIDEO -map 0:v:0 -f hash`` tells it.

    Args:
        video: whole, and of one's own making.
        algorithm: "sha256", "sha512" or "md5".
        stop: set it from anywhere to end early.

    Raises:
        Interrupted: it was set.
        OutputError: the file cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="vidrestore-") as folder:
        file = Path(folder) / "hash.txt"
        try:
            for _ in _muxed(video, file, "hash", {"hash": algorithm}):
                if stop is not None and stop.is_set():
                    raise Interrupted("stopped before the end")
            return file.read_text().strip().rpartition("=")[2]
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise OutputError(f"{video} cannot be hashed: {reason(error)}") from error


def _muxed(video: Path, target: Path, form: str, options: dict[str, str]) -> Iterator[None]:
    """Give all frames, decoded, to one of FFmpeg's muxers; one step for each."""
    with (
        av.open(url(video)) as source,
        av.open(url(target), "w", format=form, options=options) as hashes,
    ):
        stream = source.streams.video[0]
        stream.thread_type = "AUTO"
        samples = hashes.add_stream("rawvideo")
        samples.width, samples.height = stream.width, stream.height
        samples.pix_fmt, base = stream.pix_fmt, stream.time_base
        assert base is not None, "a file of our own tells it"
        samples.time_base = samples.codec_context.time_base = base
        for frame in source.decode(stream):
            hashes.mux(samples.encode(frame))
            yield
        hashes.mux(samples.encode(None))
