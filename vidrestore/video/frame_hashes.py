"""Hashes of the decoded frames of a video, in forms that FFmpeg's own tools write and read."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

import av
import av.error

from vidrestore.config import InputConfig
from vidrestore.datatypes import StreamFate
from vidrestore.errors import InputError, Interrupted, OutputError
from vidrestore.video.demux.files import open_input, reason, url


def place_of_restored(streams: Sequence[StreamFate]) -> int:
    """Which of a result's video streams is the restored one, 0 the first.

    Args:
        streams: what became of the source's, in the file's order.
    """
    before = takewhile(lambda each: each["fate"] != "restored", streams)
    return sum(each["kind"] == "video" and each["fate"] == "copied" for each in before)


def write_frame_hashes(video: Path, stream: int, target: Path, config: InputConfig) -> int:
    """Write the MD5 of every decoded frame, as FFmpeg's framemd5 muxer does.

    ``ffmpeg -i VIDEO -map 0:v:STREAM -fps_mode passthrough -f framemd5 -`` gives the same hashes.

    Args:
        video: whole.
        stream: of its video streams, 0 the first.
        target: appears only when whole.
        config: limits.

    Returns:
        How many frames there are.

    Raises:
        InputError: the video cannot be opened, or holds no frames.
        OutputError: a file cannot be read or written.
    """
    making = target.with_name(f".{target.name}.part")
    try:
        count = sum(1 for _ in _muxed(video, stream, making, "framemd5", config))
        making.replace(target)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise OutputError(f"cannot write {target}: {reason(error)}") from error
    finally:
        making.unlink(missing_ok=True)
    return count


def hash_of_frames(
    video: Path,
    stream: int,
    algorithm: str,
    config: InputConfig,
    stop: threading.Event | None = None,
) -> str:
    """One hash over the samples of all frames, as FFmpeg's hash muxer tells it.

    ``ffmpeg -i VIDEO -map 0:v:STREAM -fps_mode passthrough -f hash -`` gives the same.

    Args:
        video: whole.
        stream: of its video streams, 0 the first.
        algorithm: "sha256", "sha512" or "md5".
        config: limits.
        stop: set it from anywhere to end early.

    Raises:
        Interrupted: it was set.
        InputError: the video cannot be opened, or holds no frames.
        OutputError: it cannot be read to its end.
    """
    with tempfile.TemporaryDirectory(prefix="vidrestore-") as folder:
        file = Path(folder) / "hash.txt"
        try:
            for _ in _muxed(video, stream, file, "hash", config, hash=algorithm):
                if stop is not None and stop.is_set():
                    raise Interrupted("stopped before the end")
            return file.read_text().strip().rpartition("=")[2]
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise OutputError(f"{video} cannot be hashed: {reason(error)}") from error


def _muxed(
    video: Path,
    number: int,
    target: Path,
    form: str,
    config: InputConfig,
    **options: str,
) -> Iterator[None]:
    """Give all frames of a stream, decoded, to one of FFmpeg's muxers; one step for each."""
    with (
        open_input(video, config) as source,
        av.open(url(target), "w", format=form, options=options) as hashes,
    ):
        found = source.streams.video[number : number + 1]
        if not found or not found[0].pix_fmt:
            raise InputError(f"{video} holds no frames")
        stream = found[0]
        stream.thread_type = "AUTO"
        samples = hashes.add_stream("rawvideo")
        samples.width, samples.height = stream.width, stream.height
        samples.pix_fmt, base = stream.pix_fmt, stream.time_base
        assert base is not None, "FFmpeg has a time base for every stream"
        samples.time_base = samples.codec_context.time_base = base
        for frame in source.decode(stream):
            hashes.mux(samples.encode(frame))
            yield
        hashes.mux(samples.encode(None))
