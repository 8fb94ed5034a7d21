"""What becomes of each stream beside the restored one, decided before any work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from av.stream import Discard, Disposition, Stream

from vidrestore.config import CONTAINERS, OutputConfig
from vidrestore.errors import OutputError
from vidrestore.video.copy import avi
from vidrestore.video.copy.conversion import convertible, target_codec
from vidrestore.video.copy.trial import Trial
from vidrestore.video.demux.files import learned
from vidrestore.video.encode.playing import plays_everywhere, unheard
from vidrestore.video.facts.containers import facts_of
from vidrestore.video.facts.media import MediaInfo, StreamInfo

# Pictures that Matroska keeps as attachments, with the ending and type that it wants to know.
COVER_TYPES = {"mjpeg": ("jpg", "image/jpeg"), "png": ("png", "image/png")}


class Fate(Enum):
    """What becomes of a stream; the values are what reports say."""

    RESTORED = "restored"
    COPIED = "copied"
    CONVERTED = "converted"
    REMADE = "written anew from the tags"
    ATTACHED = "attached as a cover"
    DROPPED = "left out as asked"
    LOST = "left out: the container cannot hold it"


def _option(info: StreamInfo) -> str | None:
    """The option of the section "output" that a stream obeys; None if there is none."""
    if info.kind == "attachment" or "attached_pic" in info.disposition:
        return "attachments"
    return {"audio": "audio", "subtitle": "subtitles", "video": "video"}.get(info.kind)


def asked_of(info: StreamInfo, config: OutputConfig) -> str:
    """What the options ask for a stream: "copy", "convert", "fit" or "drop"."""
    option = _option(info)
    if option is None:
        return "fit"
    general, single = _asked(str(getattr(config, option)))
    return single.get(info.index, general)


def _asked(text: str) -> tuple[str, dict[int, str]]:
    """For all streams of a kind, and for single ones: from text such as "fit,2=drop"."""
    general, single = "fit", {}
    for part in text.split(","):
        number, equals, fate = part.partition("=")
        if equals:
            single[int(number)] = fate
        else:
            general = part
    return general, single


class Selection:
    """Decides on every stream of a file.

    Args:
        media: what is in the file.
        streams: of the open file.
        container: FFmpeg's name of the target format.
        config: what to do with streams that it cannot hold.
        unfit: why streams do not fit although the container holds their codecs, by their numbers.

    Attributes:
        fates: of each stream, by its number.
        becomes: the codec of each stream that is converted, by its number.
        warnings: streams that had to be left out, one line each.
        firsts: the data of one of each stream's first packets, by its number.

    Raises:
        OutputError: names a stream that the target cannot hold, and a container or an option that
            helps.
    """

    def __init__(
        self,
        media: MediaInfo,
        streams: Sequence[Stream],
        container: str,
        config: OutputConfig,
        unfit: Mapping[int, str],
    ) -> None:
        self.fates: dict[int, Fate] = {}
        self.becomes: dict[int, str] = {}
        self.warnings: list[str] = []
        self._media, self._streams = media, streams
        self._container, self._config, self._unfit = container, config, unfit
        self._trial = Trial(media)
        self.firsts = self._trial.packets
        self._check_numbers()
        for stream in streams:
            self.fates[stream.index] = self._fate(stream)

    def _check_numbers(self) -> None:
        """Refuse what the options ask for streams that are not of that kind."""
        for option in ("audio", "subtitles", "video", "attachments"):
            for number in _asked(str(getattr(self._config, option)))[1]:
                there = [s.index for s in self._media.streams if _option(s) == option]
                if number not in there:
                    listed = ", ".join(map(str, there)) or "none"
                    raise OutputError(
                        f"output.{option} names stream {number}, which is not one of that kind; "
                        f"those of {self._media.path} are: {listed}"
                    )

    def _fate(self, stream: Stream) -> Fate:
        info = self._media.streams[stream.index]
        asked = asked_of(info, self._config)
        found = None
        if stream.index == self._media.restored:
            found = Fate.RESTORED
        elif asked == "drop":
            found = Fate.DROPPED
        elif self._remade(stream):
            found = Fate.REMADE
        elif self._is_passed_over(stream) or not learned(stream):
            found = None
        elif self._is_cover(stream):
            found = Fate.ATTACHED
        elif self._to_play(stream, asked):
            found = self._converted(info, "aac", "does not play everywhere")
        elif self._fits(stream, self._container):
            found = Fate.COPIED
            self.warnings += unheard(self._container, info)
        elif asked in {"convert", "fit"} and (codec := self._target(stream)):
            why = self._lack(stream.index) if asked == "fit" else ""
            found = self._converted(info, codec, why)
        return found or self._left_out(info)

    def _to_play(self, stream: Stream, asked: str) -> bool:
        """Whether a sound that fits is converted nevertheless, so that it plays everywhere."""
        info = self._media.streams[stream.index]
        wanted = self._config.compatible and asked != "copy" and info.kind == "audio"
        if not wanted or plays_everywhere(self._container, info):
            return False
        return convertible(stream, "aac", self._container)

    def _converted(self, info: StreamInfo, codec: str, why: str) -> Fate:
        self.becomes[info.index] = codec
        if why:
            self.warnings.append(f"{info} {why}: it becomes {codec}")
        return Fate.CONVERTED

    def _target(self, stream: Stream) -> str | None:
        """The codec that a stream can be written in with all its channels, if there is one."""
        codec = target_codec(self._media.streams[stream.index], self._container)
        return codec if codec and convertible(stream, codec, self._container) else None

    def _left_out(self, info: StreamInfo) -> Fate:
        """The last resort.

        Raises:
            OutputError: where the user must decide.
        """
        if self._may_go(info):
            lost = f"{info} {self._lack(info.index)}"
            if self._config.strict:
                raise OutputError(f"{lost}; run without output.strict to leave it out")
            self.warnings.append(f"{lost}, and is left out")
            return Fate.LOST
        raise self._refusal(info)

    def _may_go(self, info: StreamInfo) -> bool:
        """Whether a job may go on without this stream."""
        # Fonts go where the lines that they are for are rewritten.
        rewritten = info.kind == "attachment" and _asked(self._config.subtitles)[0] != "copy"
        unseen = not learned(self._streams[info.index])
        return rewritten or unseen or asked_of(info, self._config) == "fit"

    def _lack(self, index: int) -> str:
        """Why a stream that may go does."""
        if self._is_passed_over(self._streams[index]):
            return "cannot be copied, for its samples last no time"
        if not learned(self._streams[index]):
            if index in self._trial.packets:
                return "is there, but FFmpeg cannot tell what it holds"
            return "is announced, but does not come where FFmpeg looks for streams"
        return f"cannot be written to {self._container}"

    def _fits(self, stream: Stream, container: str) -> bool:
        info = self._media.streams[stream.index]
        if container == avi.FORMAT and (info.codec not in avi.SOUND or stream.index in self._unfit):
            return False
        return self._trial.fits(stream, container)

    def _remade(self, stream: Stream) -> bool:
        """Whether the muxer writes this stream anew from chapters or from the timecode tag."""
        if stream.type != "data":
            return False
        made_of_tag = "timecode" in stream.metadata and "timecode" in self._media.stream.metadata
        chapters = self._is_passed_over(stream) and len(self._media.chapters) == stream.frames
        return made_of_tag or (chapters and stream.frames > 0)

    @staticmethod
    def _is_passed_over(stream: Stream) -> bool:
        """Whether FFmpeg gives no packet of it: chapters, and data whose samples last no time."""
        return stream.type == "data" and stream.discard == Discard.all

    def _is_cover(self, stream: Stream) -> bool:
        """Cover art becomes an attachment in Matroska."""
        return (
            facts_of(self._container).attached
            and bool(stream.disposition & Disposition.attached_pic)
            and self._media.streams[stream.index].codec in COVER_TYPES
        )

    def _refusal(self, info: StreamInfo) -> OutputError:
        offers = [f"name the output *{ending}" for ending in self._endings()[:1]]
        option = _option(info)
        if option is not None:
            if self._target(self._streams[info.index]):
                offers.append(f"convert it with output.{option} convert")
            offers.append(f"leave it out with output.{option} drop")
        offer = ", or ".join(offers) if offers else "remove that stream first"
        why = f", {self._unfit[info.index]}" if info.index in self._unfit else ""
        return OutputError(f"{self._container} files cannot hold {info}{why}; {offer}")

    def _endings(self) -> list[str]:
        """Names of files that could hold all that matters of this one."""
        rest = [
            s
            for s in self._streams
            if s.index != self._media.restored
            and s.type not in {"data", "unknown"}
            and learned(s)
            and asked_of(self._media.streams[s.index], self._config) != "drop"
        ]
        return [
            ending
            for ending, container in CONTAINERS.items()
            if container != self._container and all(self._fits(s, container) for s in rest)
        ]
