"""Video files: looking into them, reading frames, writing results. Only here is PyAV known."""

from __future__ import annotations

import os
from pathlib import Path

from vidrestore.config import EncoderConfig, OutputConfig
from vidrestore.stages import Resizer
from vidrestore.video.demux.files import is_pattern
from vidrestore.video.demux.probe import probe
from vidrestore.video.demux.spool import Readable, name_of
from vidrestore.video.demux.timetable import Timetable, timetable
from vidrestore.video.encode.joining import joined_packets
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.facts.segment import WHOLE, Segment, Span
from vidrestore.video.glimpses import glimpses
from vidrestore.video.outputs.outfile import container_of
from vidrestore.video.outputs.outstream import Writable
from vidrestore.video.part import Encoded, Encoding, PartSink
from vidrestore.video.pictures import PictureSink
from vidrestore.video.pixels.hdr import check_base
from vidrestore.video.pixels.image import DecodedFrame, frame_from_rgb, frame_of, to_rgb
from vidrestore.video.pixels.scaling import Scaler, scaler_for
from vidrestore.video.sink import VideoSink
from vidrestore.video.source import VideoSource
from vidrestore.video.streamed import LiveSink, stream_sink
from vidrestore.video.target import Target
from vidrestore.video.viewing import PlainPicture, PlainVideo

__all__ = [
    "WHOLE",
    "DecodedFrame",
    "Encoded",
    "Encoding",
    "LiveSink",
    "MediaInfo",
    "PartSink",
    "PictureSink",
    "PlainPicture",
    "PlainVideo",
    "Readable",
    "Scaler",
    "Segment",
    "Span",
    "Target",
    "Timetable",
    "VideoSink",
    "VideoSource",
    "Writable",
    "container_of",
    "frame_from_rgb",
    "frame_of",
    "glimpses",
    "joined_packets",
    "name_of",
    "open_sink",
    "probe",
    "scaler_for",
    "timetable",
    "to_rgb",
]


def open_sink(
    source: VideoSource,
    path: str | Path | Writable,
    config: EncoderConfig,
    output: OutputConfig | None = None,
    *,
    overwrite: bool = False,
    scaler: Resizer | None = None,
) -> VideoSink | PictureSink:
    """The sink that the options ask for, ready for the frames of ``source``, scaled if they are.

    A pattern such as "out/frame_%05d.png" asks for numbered pictures; an open file gets Matroska.

    Raises:
        OutputError: if the result cannot be written there, or its colours would be wrong.
        ConfigError: if the encoder is missing or refuses its options.
    """
    check_base(source.info.picture.colour)
    fmt = source.format if scaler is None else scaler.format
    if not isinstance(path, str | Path):
        return stream_sink(
            source.delivered, fmt, path, config, output, start=source.start, end=source.end
        )
    if is_pattern(os.fspath(path)):
        return PictureSink(source.delivered, fmt, os.fspath(path), output, overwrite=overwrite)
    return VideoSink(
        source.delivered,
        fmt,
        path,
        config,
        output,
        overwrite=overwrite,
        start=source.start,
        end=source.end,
    )
