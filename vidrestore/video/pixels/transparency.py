"""Transparency: decoding what VP8 and VP9 keep beside the picture, and telling its loss."""

from __future__ import annotations

import av
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from vidrestore.datatypes import FrameFormat
from vidrestore.errors import OutputError
from vidrestore.video.facts.containers import is_ebml

# FFmpeg's own decoders pass over the second picture that holds it; libvpx's do not.
_SEEING = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


def decoder_of(stream: VideoStream) -> VideoCodecContext:
    """The decoder that shows all that the stream holds: its own wherever that does."""
    own = stream.codec_context
    name = _SEEING.get(own.codec.canonical_name)
    marks = {key.lower(): value for key, value in stream.metadata.items()}
    if name is None or marks.get("alpha_mode") != "1":
        return own
    seeing = av.CodecContext.create(name, "r")
    assert isinstance(seeing, VideoCodecContext)
    # What the container states of the picture, and the decoder cannot know.
    seeing.width, seeing.height = own.width, own.height
    seeing.color_primaries, seeing.color_trc = own.color_primaries, own.color_trc
    seeing.colorspace, seeing.color_range = own.colorspace, own.color_range
    return seeing


def lost(fmt: FrameFormat, codec: str, container: str, *, kept: bool, strict: bool) -> list[str]:
    """The loss of the pictures' transparency, in a line.

    Args:
        fmt: of the pictures.
        codec: as the options name it.
        container: FFmpeg's name of the format.
        kept: whether the encoder writes it.
        strict: whether nothing may be lost.

    Raises:
        OutputError: if it would be lost and must not.
    """
    beside = "vp8" in codec or "vp9" in codec or codec == "libvpx"
    if not fmt.alpha or (kept and not (beside and not is_ebml(container))):
        return []
    who = f"{codec} in {container}" if kept else codec
    line = f"the picture's transparency is lost: {who} cannot hold it"
    if strict:
        raise OutputError(
            f"{line}; choose encoder.codec ffv1 or prores in *.mkv, or libvpx-vp9 in *.webm, or "
            "run without output.strict"
        )
    return [line]
