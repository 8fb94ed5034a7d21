"""Hashes of all frames of a video, in the form of FFmpeg's ``framemd5``, which its tools read."""

from __future__ import annotations

from pathlib import Path

import av
import av.error

from vidrestore.errors import OutputError
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
    making, count = target.with_name(f".{target.name}.part"), 0
    try:
        with (
            av.open(url(video)) as source,
            av.open(url(making), "w", format="framemd5") as hashes,
        ):
            stream = source.streams.video[0]
            told = hashes.add_stream("rawvideo")
            told.width, told.height = stream.width, stream.height
            told.pix_fmt, base = stream.pix_fmt, stream.time_base
            assert base is not None, "a file of our own tells it"
            told.time_base = told.codec_context.time_base = base
            for frame in source.decode(stream):
                hashes.mux(told.encode(frame))
                count += 1
            hashes.mux(told.encode(None))
        making.replace(target)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        making.unlink(missing_ok=True)
        raise OutputError(f"cannot write {target}: {reason(error)}") from error
    return count
