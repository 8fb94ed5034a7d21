"""Video files: looking into them, reading frames, writing results. Only here is PyAV known."""

from __future__ import annotations

from pathlib import Path

from vidrestore.config import EncoderConfig, OutputConfig
from vidrestore.video.media import MediaInfo
from vidrestore.video.probe import probe
from vidrestore.video.scaling import Scaler, scaler_for
from vidrestore.video.sink import VideoSink
from vidrestore.video.source import VideoSource

__all__ = ["MediaInfo", "Scaler", "VideoSink", "VideoSource", "open_sink", "probe", "scaler_for"]


def open_sink(
    source: VideoSource,
    path: str | Path,
    config: EncoderConfig,
    output: OutputConfig | None = None,
    *,
    overwrite: bool = False,
    scaler: Scaler | None = None,
) -> VideoSink:
    """The sink that the options ask for, ready for the frames of ``source``, scaled if they are.

    Raises:
        OutputError: if the result cannot be written there.
        ConfigError: if the encoder is missing or refuses its options.
    """
    return VideoSink(
        source.delivered,
        source.format if scaler is None else scaler.format,
        path,
        config,
        output,
        overwrite=overwrite,
        start=source.start,
        end=source.end,
    )
