"""Writing the result as numbered PNG or TIFF files, without loss."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from vidrestore.config import OutputConfig
from vidrestore.datatypes import DamageEntry, Frame, FrameFormat, StreamFate
from vidrestore.errors import OutputError
from vidrestore.text.wording import clock
from vidrestore.video.copy.selection import Fate, asked_of
from vidrestore.video.demux.files import reason
from vidrestore.video.facts.containers import NO_REPORT
from vidrestore.video.facts.media import MediaInfo, StreamInfo
from vidrestore.video.mux.finishing import lost_marks
from vidrestore.video.outputs.outfolder import FIRST, PendingPictures, codec_of
from vidrestore.video.outputs.picture_text import png_with_text, tiff_with_text
from vidrestore.video.pixels import formats, hdr
from vidrestore.video.pixels.captions import Loss
from vidrestore.video.pixels.graph import FilterChain
from vidrestore.video.pixels.planes import Copier
from vidrestore.video.pixels.regrid import Regrid

# Filters for quarter turns counter-clockwise, and the side data that tells of a turn: the display
# matrix, and EXIF (31), whose orientation the encoders write into the file.
_TURNS = {
    1: [("transpose", "cclock")],
    2: [("hflip", ""), ("vflip", "")],
    3: [("transpose", "clock")],
}
_TURNING = ("DISPLAYMATRIX", 31)

# Each encoder's order of the bytes of 16 bits, and its options.
_ORDER = {"png": "be", "tiff": "le"}
_OPTIONS = {"png": {}, "tiff": {"compression_algo": "deflate"}}


def picture_format(fmt: FrameFormat, codec: str) -> str:
    """The samples that hold a format: 16 bits for more than 8, gray and alpha as they are."""
    kind = "gray" if fmt.layout == "gray" else "rgba" if fmt.alpha else "rgb"
    if fmt.bits == 8:
        return {"rgb": "rgb24"}.get(kind, kind)
    return {"gray": "gray16", "rgba": "rgba64", "rgb": "rgb48"}[kind] + _ORDER[codec]


class PictureSink:
    """Writes frames as PNG or TIFF files; implements ``stages.Sink``.

    Pictures are turned upright, for few programs heed a tag that says so. Each tells the time of
    its frame as text ("Source Time"), one that was changed also what ``mark`` adds; TIFF as its
    description. All other streams are left out.

    ``push`` and ``finish`` belong to one thread; ``abort`` may come from any.

    Args:
        media: the source.
        fmt: of every frame that will come.
        path: a pattern such as "out/frame_%05d.png".
        output: which streams are left out on purpose; the defaults if None.
        overwrite: whether a folder that holds anything may be written to.

    Attributes:
        streams: what becomes of each stream of the source, in the file's order.
        damage: what was wrong with copied streams: there are none.

    Raises:
        OutputError: if the pictures cannot be written there, or a stream may not be left out.
    """

    def __init__(
        self,
        media: MediaInfo,
        fmt: FrameFormat,
        path: str,
        output: OutputConfig | None = None,
        *,
        overwrite: bool = False,
    ) -> None:
        self._format = fmt
        self._codec = codec_of(path)
        self._written = picture_format(fmt, self._codec)
        self._turns = media.picture.upright // 90
        self._lock = threading.RLock()
        self._copier = Copier()
        self._regrid: Regrid | None = None
        self._turning: FilterChain | None = None
        self._over = False
        fates = [(info, _fate(info, media, output or OutputConfig())) for info in media.streams]
        lost = [info for info, fate in fates if fate is Fate.LOST]
        self._lost = [f"{info} is left out: pictures cannot hold it" for info in lost]
        strict = output is not None and output.strict
        self._lost += hdr.lost(self._codec, media.picture.colour, strict=strict)
        self._lost += lost_marks(media.picture, self._codec, strict=strict)
        self.damage: list[DamageEntry] = []
        self.streams: list[StreamFate] = [
            {
                "index": info.index,
                "kind": info.kind,
                "codec": info.codec,
                "language": info.language,
                "fate": fate.value,
            }
            for info, fate in fates
        ]
        if lost and strict:
            raise OutputError(f"{lost[0]} would be left out: pictures cannot hold it")
        self._by_source = output is not None and output.numbering == "source"
        self._start, self._rate = media.start, media.picture.rate or Fraction(25)
        self._next = 0
        self._texts: dict[str, str] = {}
        # Of the frames that the encoder holds: number, and what their pictures say.
        self._waiting: deque[tuple[int, dict[str, str]]] = deque()
        self._captions = Loss(
            "pictures cannot hold them",
            expected=media.captions,
            strict=output is not None and output.strict,
        )
        if media.picture.interlaced:
            raise OutputError(f"{path}: pictures hold no fields; leave out interlaced.mode")
        self._encoder = self._opened(media)
        self._pending = PendingPictures(path, media, overwrite=overwrite)

    def _opened(self, media: MediaInfo) -> VideoCodecContext:
        encoder = av.CodecContext.create(self._codec, "w")
        assert isinstance(encoder, VideoCodecContext)
        size, aspect = [self._format.width, self._format.height], media.picture.sample_aspect
        if self._turns % 2:
            size, aspect = size[::-1], 1 / aspect
        encoder.width, encoder.height = size
        encoder.sample_aspect_ratio = aspect
        encoder.pix_fmt = self._written
        encoder.options = dict(_OPTIONS[self._codec])
        encoder.time_base = media.stream.time_base or Fraction(1, 90_000)
        return encoder

    @property
    def target(self) -> None:
        """Pictures are not divided into segments."""

    @property
    def warnings(self) -> list[str]:
        """What could not be kept, one line each."""
        return [*self._lost, *self._captions.warnings]

    @property
    def no_report(self) -> str:
        """Why no report can be attached."""
        return NO_REPORT

    def mark(self, tags: Mapping[str, str], room: int = 0) -> None:  # noqa: ARG002 - there is none
        """Have each picture that was changed say more, as text; before any frame."""
        self._texts = dict(tags)

    def attach(self, report: Callable[[Path], bytes]) -> None:
        """There is no room, as ``no_report`` says."""

    def push(self, frame: Frame, /) -> None:
        """Write one frame.

        Raises:
            OutputError: if encoding or writing fails.
        """
        with self._lock:
            self._check_open()
            self._captions.observe(frame)
            self._waiting.append(self._place(frame))
            self._encode(frame)

    def _place(self, frame: Frame) -> tuple[int, dict[str, str]]:
        """The number of a frame's picture, and its texts: one that is the source's says no more.

        Times count from the file's beginning.
        """
        time = frame.pts * frame.time_base - self._start
        number = max(self._next, round(time * self._rate)) if self._by_source else self._next
        self._next = number + 1
        return number, {"Source Time": clock(float(time)), **(self._texts if frame.touched else {})}

    def _check_open(self) -> None:
        if self._over:
            raise OutputError(f"{self._pending.pattern} was closed before its last frame")

    def _converted(self, frame: Frame) -> av.VideoFrame:
        fmt = self._format
        picture = self._copier.picture(frame)
        if fmt.layout == "yuv":
            if self._regrid is None:
                span = "full" if fmt.full_range else "limited"
                settings = f"in_color_matrix={fmt.matrix}:in_range={span}:out_range=full"
                self._regrid = Regrid(fmt, self._written, settings)
            picture = self._regrid(picture)
        else:
            full = fmt.full_range or fmt.layout == "rgb"
            picture = picture.reformat(
                format=self._written,
                src_color_range=formats.FULL if full else formats.LIMITED,
                dst_color_range=formats.FULL,
            )
        if self._turns:
            picture = self._upright(picture)
        picture.pts, picture.time_base = frame.pts, frame.time_base
        picture.pict_type = PictureType.NONE
        return picture

    def _upright(self, picture: av.VideoFrame) -> av.VideoFrame:
        """The picture turned, without what would have viewers turn it again."""
        if self._turning is None:
            removals = [("sidedata", f"mode=delete:type={kind}") for kind in _TURNING]
            self._turning = FilterChain(picture, [*_TURNS[self._turns], *removals])
        (turned,) = self._turning.push(picture)
        return turned

    def _encode(self, frame: Frame | None) -> None:
        try:
            picture = None if frame is None else self._converted(frame)
            for packet in self._encoder.encode(picture):
                number, texts = self._waiting.popleft()
                data = bytes(packet)
                with_text = png_with_text if self._codec == "png" else tiff_with_text
                data = with_text(data, texts)
                self._pending.add(data, number if self._by_source else number + FIRST)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise OutputError(f"cannot write {self._pending.pattern}: {reason(error)}") from error

    def finish(self) -> None:
        """Write what is held and move the pictures to their place.

        Raises:
            OutputError: if that fails; nothing is left behind then.
        """
        with self._lock:
            self._check_open()
            try:
                self._encode(None)
                self._pending.publish()
            except BaseException:
                self.abort()
                raise
            self._over = True

    def abort(self) -> None:
        """Give up and leave nothing behind; safe at any time, from any thread, and twice."""
        with self._lock:
            if not self._over:
                self._over = True
                self._pending.discard()


def _fate(info: StreamInfo, media: MediaInfo, output: OutputConfig) -> Fate:
    if info.index == media.restored:
        return Fate.RESTORED
    asked = asked_of(info, output)
    return Fate.DROPPED if asked == "drop" else Fate.LOST
