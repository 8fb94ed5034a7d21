"""Finding out beforehand whether a container can hold a stream: by writing a little of it."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import av.container
import av.error
from av.stream import Discard, Stream
from av.video.stream import VideoStream

from vidrestore.video.copy import avi
from vidrestore.video.copy.whole import is_whole
from vidrestore.video.demux.files import READ_ERRORS, open_input
from vidrestore.video.encode import codecs
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.sound.adts import is_adts, parameters
from vidrestore.video.sound.wave import add_avi_video, add_wave

# First packets are looked for in this much of the file; a later one is tried by its header.
_PACKETS, _BYTES = 2000, 64 << 20

# What players take for a number of channels without a layout, by FFmpeg's names.
_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}


def add_copy(output: av.container.OutputContainer, stream: Stream) -> Stream:
    """Add a stream to the output that holds the same as ``stream``.

    Raises:
        ValueError, FFmpegError: if the format does not take it.
    """
    if output.format.name == avi.FORMAT and avi.is_packed(stream):
        return tagged(avi.add_packed(output, stream), stream)
    try:
        copy = output.add_stream_from_template(stream, opaque=True)
    except ValueError:
        if output.format.name != "matroska":
            raise
        if isinstance(stream, av.AudioStream):
            return tagged(add_wave(output, stream), stream)
        if isinstance(stream, VideoStream):
            return tagged(add_avi_video(output, stream), stream)
        raise
    if isinstance(copy, av.AudioStream):
        layout = plain_layout(copy.codec_context)
        if layout != copy.codec_context.layout.name:
            copy.codec_context.layout = layout
    if isinstance(copy, VideoStream) and isinstance(stream, VideoStream):
        if copy.codec_context.extradata:
            codecs.tag(output.format.name, copy)
        if stream.sample_aspect_ratio:
            # Told by the source's container alone, where its codec does not.
            copy.codec_context.sample_aspect_ratio = stream.sample_aspect_ratio
    return tagged(copy, stream)


def add_cover(
    output: av.container.OutputContainer,
    source: av.container.InputContainer,
    stream: Stream,
    kind: tuple[str, str],
) -> None:
    """Attach cover art, as Matroska keeps it; ``kind`` is its usual ending and MIME type."""
    ending, mimetype = kind
    for packet in source.demux(stream):
        if packet.size:
            name = stream.metadata.get("filename", f"cover.{ending}")
            output.add_attachment(name, stream.metadata.get("mimetype", mimetype), bytes(packet))
            return


def plain_layout(context: av.AudioCodecContext) -> str:
    """The layout of channels; of a bare number of them ("2 channels") what players take it for."""
    name: str = context.layout.name
    return _LAYOUTS.get(context.channels, name) if name.endswith("channels") else name


def tagged(copy: Stream, stream: Stream) -> Stream:
    """The output's stream with the tags and disposition of the source's."""
    copy.metadata.update(stream.metadata)
    copy.disposition = stream.disposition
    return copy


class Trial:
    """Tries streams of one file against containers.

    Args:
        media: the file; the stream that is restored is not copied.

    Attributes:
        packets: the data of one of each stream's first packets, by its number.
    """

    def __init__(self, media: MediaInfo) -> None:
        self.packets: dict[int, bytes] = {}
        container = open_input(media.path, media.limits)
        try:
            self._look(container, media)
        finally:
            container.close()

    def _look(self, container: av.container.InputContainer, media: MediaInfo) -> None:
        """Keep the first packet of every stream, within reason."""
        skip = media.restored
        container.streams[skip].discard = Discard.all
        kinds = {"audio", "subtitle", "video", "data"}
        wanted = {s.index for s in container.streams if s.index != skip and s.type in kinds}
        seen = size = 0
        try:
            for packet in container.demux():
                if packet.stream_index in wanted and packet.size:
                    data = bytes(packet)
                    # What is damaged tells nothing of what a container can hold.
                    codec = media.streams[packet.stream_index].codec
                    whole = parameters(data) if is_adts(packet.stream) else is_whole(codec, packet)
                    if whole:
                        wanted.discard(packet.stream_index)
                        self.packets[packet.stream_index] = data
                seen += 1
                size += packet.size
                if not wanted or seen > _PACKETS or size > _BYTES:
                    break
        except READ_ERRORS:
            # Damage is met again, and reported, when the file is read for good.
            return

    def fits(self, stream: Stream, container: str) -> bool:
        """Whether the container takes the stream's header, first packet and trailer, readably."""
        if is_adts(stream) and stream.index not in self.packets:
            # AAC without its configuration, and none in its packets either.
            return False
        file = io.BytesIO()
        scratch = av.open(file, "w", format=container)
        try:
            copy = add_copy(scratch, stream)
            scratch.start_encoding()
            data = self.packets.get(stream.index)
            if data is not None:
                packet = av.Packet(data)
                packet.pts = packet.dts = 0
                packet.time_base = stream.time_base or Fraction(1, 1000)
                packet.is_keyframe = True
                packet.stream = copy
                scratch.mux_one(packet)
            scratch.close()
            if data is not None:
                # Some of what a muxer lacks it tells nobody but the reader.
                file.seek(0)
                with av.open(file, "r", format=container) as written:
                    return len(written.streams) > 0
        except (av.error.FFmpegError, ValueError, OSError):
            return False
        return True
