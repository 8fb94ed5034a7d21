"""What PyAV cannot tell FFmpeg's muxers, written into the file once it is whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import av
from av.stream import Disposition, Stream

from vidrestore.errors import OutputError
from vidrestore.video.containers import isobmff
from vidrestore.video.copy import avi
from vidrestore.video.demux.files import url
from vidrestore.video.facts.containers import is_ebml, is_isobmff
from vidrestore.video.facts.media import Picture
from vidrestore.video.mux import attachment, matroska, riff


def lost_marks(picture: Picture, container: str, *, strict: bool) -> list[str]:
    """The marks of 3D and of a sphere that a container cannot hold, one line each.

    Raises:
        OutputError: if anything would be lost and must not.
    """
    spatial = picture.spatial
    if spatial is None or is_ebml(container):
        return []
    if is_isobmff(container):
        held = (b"st3d" in spatial.boxes, b"sv3d" in spatial.boxes)
        if held == (bool(spatial.stereo), bool(spatial.projection)):
            return []
    line = f"{spatial} of the picture is lost: {container} cannot hold it"
    if strict:
        raise OutputError(f"{line}; name the output *.mkv, or run without output.strict")
    return [line]


class Finishing:
    """Collects what is to be written, while streams are added, in their order.

    Args:
        container: FFmpeg's name of the format.
    """

    def __init__(self, container: str) -> None:
        self._container = container
        self._pictures: dict[int, Picture] = {}
        self._titles: dict[int, str] = {}
        self._tags: dict[str, str] = {}
        self._tracks = 0
        self._attached: tuple[str, Callable[[Path], bytes]] | None = None

    def attach(self, name: str, content: Callable[[Path], bytes]) -> None:
        """What makes the content of an attachment, of the file that is whole but for that."""
        self._attached = name, content

    def tag(self, tags: Mapping[str, str]) -> None:
        """The whole file's tags."""
        self._tags = dict(tags)

    def add(self, stream: Stream, picture: Picture | None) -> None:
        """A stream was added to the output; its tags are final, and the header not yet written."""
        if stream.type == "attachment" or stream.disposition & Disposition.attached_pic:
            return
        index, self._tracks = self._tracks, self._tracks + 1
        if picture is None or not matroska.concerns(picture):
            return
        self._pictures[index] = picture
        if is_ebml(self._container):
            self._titles[index] = matroska.reserve(stream, picture)

    def write(self, path: Path) -> None:
        """Write it.

        Raises:
            OSError: if the file cannot be written.
            ValueError: if it is not what FFmpeg's muxer writes.
        """
        if self._attached is not None:
            name, content = self._attached
            attachment.fill(path, name, content(path))
        if is_isobmff(self._container):
            self._write_mp4(path)
        elif not self._pictures:
            return
        elif is_ebml(self._container):
            matroska.amend(path, self._pictures, self._titles)
        elif self._container == avi.FORMAT and 0 in self._pictures:
            riff.amend(path, self._pictures[0].sample_aspect)

    def _write_mp4(self, path: Path) -> None:
        layouts = ((n, picture.spatial) for n, picture in self._pictures.items())
        marks = {n: spatial.boxes for n, spatial in layouts if spatial is not None}
        tags = self._missing_tags(path)

        def change(moov: bytes) -> bytes:
            moov = isobmff.with_marks(moov, marks)
            quicktime = self._container == "mov"
            return isobmff.with_tags(moov, tags, quicktime=quicktime) if tags else moov

        if marks or tags:
            isobmff.amend(path, change)

    def _missing_tags(self, path: Path) -> dict[str, str]:
        """The tags for which the muxer knows no place that all players look at."""
        if not self._tags:
            return {}
        with av.open(url(path), metadata_errors="replace") as file:
            known = {name.lower() for name in file.metadata}
        # The time of making stands in the file's head.
        known |= {"creation_time"}
        return {name: value for name, value in self._tags.items() if name.lower() not in known}
