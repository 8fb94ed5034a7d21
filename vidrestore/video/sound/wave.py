"""What Matroska keeps as WAV and AVI files do: its codecs "A_MS/ACM" and "V_MS/VFW/FOURCC".

WMA, ADPCM, mu-law, A-law; WMV, MS-MPEG-4 and more. FFmpeg's Matroska muxer writes them, but says
that it does not when it is asked beforehand, so the stream is added under a codec that it admits to
and then given the real one's parameters.
"""

from __future__ import annotations

import io

import av
import av.container
import av.error
from av.bitstream import BitStreamFilterContext
from av.stream import Stream
from av.video.stream import VideoStream

_ADMITTED, _ADMITTED_VIDEO = "pcm_s16le", "h264"


def add_wave(output: av.container.OutputContainer, stream: av.AudioStream) -> Stream:
    """Add a copy of a sound to a Matroska file by its number in WAV files.

    Raises:
        ValueError: if FFmpeg does not know the codec, or WAV has no number for it, or not the one
            that readers expect.
    """
    if stream.codec_context is None:
        raise ValueError("FFmpeg does not know the codec")
    codec = stream.codec_context.codec.canonical_name
    header = io.BytesIO()
    try:
        with av.open(header, "w", format="wav") as scratch:
            # Writing its header gives the stream the codec's number, whatever it came from.
            numbered = scratch.add_stream_from_template(stream, opaque=True)
            scratch.start_encoding()
            copy = output.add_mux_stream(_ADMITTED, rate=stream.codec_context.sample_rate)
            BitStreamFilterContext("null", in_stream=numbered, out_stream=copy)
        header.seek(0)
        with av.open(header, format="wav") as back:
            understood = back.streams.audio[0].codec_context.codec.canonical_name
    except av.error.FFmpegError as error:
        raise ValueError(f"WAV files cannot hold {codec}") from error
    if understood != codec:
        raise ValueError(f"WAV files take {codec} for {understood}")
    copy.time_base = stream.time_base
    return copy


def add_avi_video(output: av.container.OutputContainer, stream: VideoStream) -> Stream:
    """Add a copy of a video to a Matroska file by its four letters in AVI files.

    Raises:
        ValueError: if FFmpeg does not know the codec, or AVI has no letters for it.
    """
    if stream.codec_context is None:
        raise ValueError("FFmpeg does not know the codec")
    codec = stream.codec_context.codec.canonical_name
    try:
        with av.open(io.BytesIO(), "w", format="avi") as scratch:
            lettered = scratch.add_stream_from_template(stream, opaque=True)
            scratch.start_encoding()
            width, height = stream.codec_context.width, stream.codec_context.height
            copy = output.add_mux_stream(_ADMITTED_VIDEO, width=width, height=height)
            BitStreamFilterContext("null", in_stream=lettered, out_stream=copy)
    except av.error.FFmpegError as error:
        raise ValueError(f"AVI files cannot hold {codec}") from error
    copy.time_base = stream.time_base
    return copy
