"""Which options an encoder of the user's own FFmpeg takes: those, and no others of the program's.

FFmpeg's command line has options that open, write or call; some take no value, so that what follows
would be a second output. An option of the *encoder* always takes a value and stays inside it.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from difflib import get_close_matches

import av

from vidrestore.config import EncoderConfig
from vidrestore.errors import ConfigError
from vidrestore.text.escaping import quoted
from vidrestore.video.demux.files import reason

ASK_SECONDS = 60
# Of the program, but nothing more than a way to write an encoder's own.
_SHORT = frozenset({"q", "qscale"})
_LISTED = re.compile(r"^\s+-(\S+)\s+<", re.MULTILINE)


def own_options(config: EncoderConfig, codec: str) -> dict[str, str]:
    """The further options without their stream specifiers, every one known to the encoder.

    Args:
        config: what was asked for.
        codec: FFmpeg's name of the encoder.

    Raises:
        ConfigError: one is no option of the encoder, stands twice, or the binary cannot be asked.
    """
    if not config.options:
        return {}
    known = _SHORT.union(_general(), _private(config.ffmpeg, codec))
    chosen: dict[str, str] = {}
    for given, value in config.options.items():
        name, _, stream = given.partition(":")
        if name not in known or stream not in {"", "v", "v:0"}:
            near = get_close_matches(name, sorted(known), 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ConfigError(
                f"encoder.options: {quoted(given)} is no option of the encoder {codec}{hint}"
            )
        if name in chosen:
            raise ConfigError(f"encoder.options gives {name} twice; give it once")
        if "\0" in value:
            raise ConfigError(f"encoder.options: {name} is {quoted(value)}, which no program takes")
        chosen[name] = value
    return chosen


def _general() -> Iterator[str]:
    """Options that all video encoders of FFmpeg have."""
    for option in av.CodecContext.create("ffv1", "w").supported_options.generic:
        yield option.name


def _private(ffmpeg: str, codec: str) -> list[str]:
    """Options of one encoder, as the binary lists them; none if it has no such encoder."""
    line = [ffmpeg, "-hide_banner", "-h", f"encoder={codec}"]
    try:
        done = subprocess.run(  # noqa: S603 - the user's own program
            line, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=ASK_SECONDS
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise ConfigError(f"{ffmpeg} cannot be run: {reason(error)}") from error
    return _LISTED.findall(done.stdout.decode(errors="replace"))
