"""Opening what is on disk, and saying in one line why that fails."""

from __future__ import annotations

import os
import re
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from vidrestore.config import PICTURES, InputConfig
from vidrestore.errors import InputError
from vidrestore.video.demux.accepted import DEMUXERS, PLAYLISTS
from vidrestore.video.demux.opening import most_pixels, try_header
from vidrestore.video.demux.playlist import check_playlist
from vidrestore.video.facts.tag_text import mend

# Demuxers that make a picture of any text or bytes: nobody means them by "a video".
TEXT_FORMATS = frozenset({"tty", "bin", "xbin", "adf", "idf"})

# "frame_%05d.png": the width may be left out.
PATTERN = re.compile(r"%(?:0(\d+))?d")

# By the clock, while FFmpeg waits for a file; no disk takes as long.
OPEN_SECONDS = 120.0

# How far FFmpeg looks for what streams hold, where its first five seconds do not say: bytes, and
# microseconds.
_FURTHER = {"probesize": "100000000", "analyzeduration": "100000000"}

# How reading a file that is open fails; PyAV raises the last for streams that appear on the way.
READ_ERRORS = (av.error.FFmpegError, OSError, IndexError)


def url(path: str | Path) -> str:
    """The path as FFmpeg must be told, so that a colon in a name is not taken for a protocol."""
    return f"file:{os.fspath(path)}"


def reason(error: BaseException) -> str:
    """What went wrong, in a few words and without paths."""
    said = getattr(error, "strerror", None) or str(error)
    line = next(iter(str(said).splitlines()), "") or type(error).__name__
    return line[:1].lower() + line[1:]


def exists(path: str) -> bool:
    """Whether there is something of this name; a name that none can have is that of nothing."""
    return os.path.exists(path)  # noqa: PTH110 - pathlib's raises for names that are too long


def is_folder(path: str) -> bool:
    """Whether this is the name of a folder."""
    return os.path.isdir(path)  # noqa: PTH112 - as above


def is_pattern(path: str) -> bool:
    """Whether a name stands for a numbered sequence and not for a file that is called so."""
    return _like_a_pattern(path) and not exists(path)


def _like_a_pattern(path: str) -> bool:
    name = Path(path).name
    return len(PATTERN.findall(name)) == 1 and Path(name).suffix.lower() in PICTURES


def check_readable(path: str | Path) -> None:
    """Refuse what cannot be a video file at all.

    Raises:
        InputError: if the path is missing, a directory, empty, or may not be read.
    """
    name = os.fspath(path)
    try:
        if is_folder(name):
            raise InputError(f"{name} is a directory; name a video file")
        if _like_a_pattern(name) and exists(name):
            raise InputError(
                f"{name} is a file and also the pattern of numbered pictures; rename the file"
            )
        with Path(name).open("rb") as file:
            if not file.read(1):
                raise InputError(f"{name} is empty")
    except FileNotFoundError as error:
        raise InputError(f"{name} does not exist; check the path") from error
    except PermissionError as error:
        raise InputError(f"{name} may not be read; check its permissions") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{name} cannot be read: {reason(error)}") from error


def learned(stream: Stream) -> bool:
    """Whether FFmpeg has seen enough of a stream to know what it holds."""
    context = stream.codec_context
    if isinstance(stream, av.AudioStream) and context is not None:
        return bool(stream.codec_context.sample_rate and stream.codec_context.channels)
    cover = bool(stream.disposition & Disposition.attached_pic)
    if isinstance(stream, VideoStream) and context is not None and not cover:
        return bool(stream.codec_context.width and stream.codec_context.height)
    return True


def _opened(
    path: str | Path, options: dict[str, str], *, sequence: bool
) -> av.container.InputContainer:
    """Open a file, looking as far into it as its streams need."""
    for further in ({}, _FURTHER):
        container = av.open(
            url(path),
            mode="r",
            format="image2" if sequence else None,
            metadata_errors="surrogateescape",
            options=options | further,
            timeout=(OPEN_SECONDS, None),
        )
        if further or all(map(learned, container.streams)):
            break
        container.close()
    return container


def open_input(
    path: str | Path, config: InputConfig | None = None, *, first: bool = False
) -> av.container.InputContainer:
    """Open a file, or a sequence by its pattern, for reading; the caller closes it.

    Args:
        path: of the file, or the pattern.
        config: limits; the defaults if None.
        first: whether nobody has opened it before: what its header asks for is tried out then.

    Raises:
        InputError: in one line, if it is missing, unreadable, empty, or not media.
    """
    return open_and_read_tags(path, config, first=first)[0]


def open_and_read_tags(
    path: str | Path, config: InputConfig | None = None, *, first: bool = False
) -> tuple[av.container.InputContainer, str]:
    """The same, and in which encoding its tags were taken to be; empty for UTF-8.

    Raises:
        InputError: as above.
    """
    config = config or InputConfig()
    # Nothing reaches for the network. Looking for streams already decodes a frame.
    options = {
        "protocol_whitelist": "file,crypto,data",
        "format_whitelist": DEMUXERS,
        "max_pixels": str(most_pixels(config)),
        # A file may be called picture%03d.png.
        "pattern_type": "none",
    }
    sequence = is_pattern(os.fspath(path))
    if sequence:
        options["framerate"] = str(Fraction(config.rate).limit_denominator(1001))
        options["pattern_type"] = "sequence"
    else:
        check_readable(path)
        if check_playlist(path, allowed=config.playlist == "below"):
            options["format_whitelist"] = f"{DEMUXERS},{PLAYLISTS}"
    if first and not sequence:
        try_header(url(path), os.fspath(path), options)
    try:
        container = _opened(path, options, sequence=sequence)
    except av.error.ExitError as error:
        raise InputError(
            f"{os.fspath(path)} was not opened within {OPEN_SECONDS:g} s; copy it to another disk"
        ) from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise InputError(
            f"{os.fspath(path)} is not a video that FFmpeg can read ({reason(error)}); "
            "if it should be one, it is damaged or incomplete"
        ) from error
    if container.format.name in TEXT_FORMATS:
        container.close()
        raise InputError(f"{os.fspath(path)} is not a video: it looks like text")
    return container, mend(container)
