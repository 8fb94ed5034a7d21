"""Sources and results: what a job reads frames from, and what it writes them to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from vidrestore.config import Config, OutputConfig
from vidrestore.datatypes import Frame, FrameFormat
from vidrestore.errors import ConfigError
from vidrestore.restore.background.redraw import Redraw
from vidrestore.stages import Resizer
from vidrestore.stills import enlarging, with_room_for_colour
from vidrestore.video import (
    PictureSink,
    Readable,
    Scaler,
    Target,
    VideoSink,
    VideoSource,
    Writable,
    container_of,
    open_sink,
    scaler_for,
)

if TYPE_CHECKING:
    from vidrestore.restore.background.upscaler import Upscaler


def build_source(
    config: Config,
    source: str | Path | Readable,
    start: Fraction | None,
    end: Fraction | None,
    stop: threading.Event | None,
) -> VideoSource:
    """The frames of a video, ready to be read; see :class:`VideoSource`."""
    if config.input.mask is not None:
        raise ConfigError("input.mask is for photos; leave it out, or try film.repair")
    return VideoSource(
        source,
        start=start,
        end=end,
        interlaced=config.interlaced,
        config=config.input,
        stop=stop,
        strict=config.output.strict,
    )


def build_scaler(config: Config, frames: VideoSource) -> Resizer | None:
    """What brings a video's frames to the size asked for; None where they stay as they are."""
    if config.restore.task == "colorize" and frames.format.layout == "gray":
        raise ConfigError(
            f"{frames.path} holds gray samples alone, and has no room for colour; convert it to "
            "yuv420p first"
        )
    turned = frames.info.picture.upright in {90, 270}
    upscaler = build_upscaler(config)
    if upscaler is None:
        return scaler_for(frames.format, config.output, turned=turned)
    scaler = scaler_for(frames.format, sized_output(config.output, upscaler), turned=turned)
    return RedrawScaler(upscaler, scaler, frames.format)


def build_upscaler(config: Config) -> Upscaler | None:
    """The network that redraws what is not face; None where none does.

    Raises:
        ModelError: its package is missing, or its weights are refused.
        DeviceError: the device is missing.
    """
    if config.output.background is None:
        return None
    from vidrestore.restore.background.upscaler import load_upscaler  # noqa: PLC0415

    return load_upscaler(config.output.background, config.restore.device)


def build_photo_scaler(
    config: Config, fmt: FrameFormat, upscaler: Upscaler | None
) -> Callable[[Frame], Frame] | None:
    """What brings a page of a photo to the size asked for; None where it stays as it is.

    Args:
        config: all options.
        fmt: of the page.
        upscaler: redraws what is not face.
    """
    output = config.output if upscaler is None else sized_output(config.output, upscaler)
    scale = enlarging(fmt, output, config.input)
    if upscaler is not None:
        scale = Redraw(upscaler, scale)
    return with_room_for_colour(scale) if config.restore.task == "colorize" else scale


class RedrawScaler(Redraw):
    """What redraws a video's frames; ``format`` is theirs then."""

    def __init__(self, upscaler: Upscaler, scaler: Scaler | None, fmt: FrameFormat) -> None:
        super().__init__(upscaler, scaler)
        self.format = fmt if scaler is None else scaler.format


def sized_output(output: OutputConfig, upscaler: Upscaler) -> OutputConfig:
    """The options of the result, as large as an upscaler makes it unless a size is asked for."""
    if output.scale != 1 or output.height is not None:
        return output
    return output.model_copy(update={"scale": float(upscaler.scale)})


def build_sink(
    config: Config,
    frames: VideoSource,
    scaler: Resizer | None,
    output: str | Path | Writable,
    *,
    overwrite: bool,
) -> VideoSink | PictureSink:
    """What writes the result; see :func:`open_sink`."""
    return open_sink(
        frames, output, config.encoder, config.output, overwrite=overwrite, scaler=scaler
    )


def build_copy_scaler(config: Config, frames: VideoSource, fmt: FrameFormat) -> Scaler | None:
    """What brings frames of a result to the size of a copy of it; None where they have it.

    Args:
        config: of the copy.
        frames: the source of the result.
        fmt: of the result's frames.
    """
    turned = frames.info.picture.upright in {90, 270}
    return scaler_for(fmt, config.output, turned=turned)


def target_of(
    config: Config, frames: VideoSource, scaler: Resizer | None, output: str | Path
) -> Target:
    """How frames are encoded for a result of that name, by its sink or by others for it."""
    return Target(
        frames.delivered,
        frames.format if scaler is None else scaler.format,
        config.encoder,
        config.output,
        path=Path(output),
        container=container_of(Path(output)),
        start=frames.start,
        end=frames.end,
    )
