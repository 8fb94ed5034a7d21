"""Pictures in the one form that plays everywhere: 4:2:0, 8 bits, even sizes.

HDR keeps 10 bits, as HDR10 and HLG players want it: with 8 its skies would show steps.
"""

from __future__ import annotations

from dataclasses import replace

import av

from vidrestore.datatypes import FrameFormat
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.pixels import formats
from vidrestore.video.pixels.graph import FilterChain
from vidrestore.video.pixels.planes import repeat_edges

_PLAYED = ("auto", "264", "265", "hevc", "av1", "vp9", "vpx", "mpeg")
_HDR = frozenset({16, 18})  # H.273's transfer characteristics PQ and HLG
_LEFT = 1  # FFmpeg's AVChromaLocation
_BT709 = 1
_FLAGS = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"


def is_for_players(codec: str) -> bool:
    """Whether players know a codec, as the options name it: not so FFV1, ProRes or DNxHR."""
    return any(part in codec for part in _PLAYED)


class Compatible:
    """Brings pictures to the form that plays everywhere; those that have it pass unchanged.

    A last column or row that 4:2:0 has no place for is shown twice rather than cut off.

    Args:
        media: the source.
        fmt: of the pictures that will come.

    Attributes:
        media: the source as if it had had this form.
        format: of the pictures that are given.
        warnings: what is changed, in a line.
    """

    def __init__(self, media: MediaInfo, fmt: FrameFormat) -> None:
        colour = media.picture.colour
        name = "yuv420p10le" if colour.transfer in _HDR and fmt.bits > 8 else "yuv420p"
        width, height = fmt.width + fmt.width % 2, fmt.height + fmt.height % 2
        if fmt.layout != "yuv":
            # Full range is what RGB and gray are by nature, and some players take no YUV for it.
            colour = replace(colour, matrix=_BT709, range=formats.LIMITED)
        if fmt.pix_fmt != name and fmt.chroma_shift != (1, 1):
            colour = replace(colour, chroma_location=_LEFT)
        self.format = formats.describe(
            name,
            width,
            height,
            colour.matrix,
            formats.FULL if fmt.layout == "yuv" and fmt.full_range else formats.LIMITED,
            chroma_location=colour.chroma_location,
        )
        if fmt.layout == "yuv":
            # By the size before it was made even.
            self.format = replace(self.format, matrix=fmt.matrix)
        picture = replace(media.picture, colour=colour)
        self.media = media.restored_as(replace(media.stream, picture=picture))
        self.warnings = self._changes(fmt)
        self._given = fmt
        self._grown = replace(fmt, width=width, height=height)
        self._filters = self._steps(fmt, interlaced=media.picture.interlaced)
        self._padding: FilterChain | None = None
        self._chain: FilterChain | None = None

    def _changes(self, fmt: FrameFormat) -> list[str]:
        grown = (fmt.width, fmt.height) != (self.format.width, self.format.height)
        size = f" of {self.format.width}x{self.format.height}" if grown else ""
        if fmt.pix_fmt == self.format.pix_fmt and not grown:
            return []
        return [
            f"{fmt.pix_fmt} is written as {self.format.pix_fmt}{size}, to play everywhere; "
            "output.compatible false keeps it"
        ]

    def _steps(self, fmt: FrameFormat, *, interlaced: bool) -> list[tuple[str, str]]:
        if fmt.pix_fmt == self.format.pix_fmt:
            return []
        settings = f"flags={_FLAGS}:out_chroma_loc={self.format.chroma_location}"
        settings += f":in_range={_span(fmt)}:out_range={_span(self.format)}"
        settings += f":interl={int(interlaced)}"
        if any(fmt.chroma_shift):
            settings += f":in_chroma_loc={fmt.chroma_location}"
        if fmt.layout == "rgb":
            settings += ":out_color_matrix=bt709"
        return [("scale", settings), ("format", self.format.pix_fmt)]

    def __call__(self, picture: av.VideoFrame) -> av.VideoFrame:
        """The picture in that form, with all that is attached to it."""
        changed = picture
        if self._grown != self._given:
            size = f"{self._grown.width}:{self._grown.height}"
            self._padding = self._padding or FilterChain(picture, [("pad", size)])
            (changed,) = self._padding.push(picture)
            # The filter passes on what is attached, and would lose half a chroma sample.
            changed.make_writable()
            repeat_edges(picture, self._given, changed, self._grown)
        if self._filters:
            self._chain = self._chain or FilterChain(changed, self._filters)
            (changed,) = self._chain.push(changed)
        changed.pts, changed.time_base = picture.pts, picture.time_base
        changed.duration = picture.duration
        return changed


def _span(fmt: FrameFormat) -> str:
    return "full" if fmt.full_range else "limited"
