"""Writing a photo: samples without loss where the format allows, and all that belongs to them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from vidrestore.config import OutputConfig
from vidrestore.datatypes import Frame, Image
from vidrestore.errors import OutputError
from vidrestore.stills.kinds import HEIF, PNG, TIFF, Kind, kind_of_name
from vidrestore.stills.metadata import Metadata
from vidrestore.stills.opening import DAMAGE, need_heif
from vidrestore.stills.samples import eight_bits, picture_planes
from vidrestore.stills.source import Page, StillSource
from vidrestore.stills.tiff import TiffWriter
from vidrestore.stills.writing import write_by_pillow, write_png
from vidrestore.video.demux.files import reason
from vidrestore.video.outputs.outfile import PendingFile

_WORDS = {
    "icc": "the colour profile",
    "exif": "EXIF",
    "xmp": "XMP",
    "iptc": "IPTC",
    "dpi": "the resolution (dpi)",
}
_GRAY_PROFILE, _PROFILE_SPACE = b"GRAY", slice(16, 20)
_LONGEST_SEGMENT = 65000  # of a JPEG, bytes


class StillSink:
    """Writes the pages of a photo; the file gets its name only when it is whole.

    Args:
        source: the photo.
        path: the result's name; its ending says which kind.
        output: options of the result.
        overwrite: whether an existing file may be replaced.

    Attributes:
        warnings: what could not be kept, a line each.

    Raises:
        OutputError: the result cannot be written there, or not all pages fit into it.
    """

    def __init__(
        self, source: StillSource, path: str | Path, output: OutputConfig, *, overwrite: bool
    ) -> None:
        kind = kind_of_name(path)
        assert kind is not None, "who calls has looked at the name"
        self._kind: Kind = kind
        self._output, self._path = output, Path(path)
        if source.pages > 1 and not kind.pages:
            raise OutputError(
                f"{path} holds one picture, {source.path} has {source.pages}; name the result *.tif"
            )
        if kind is HEIF:
            need_heif(str(path))
        self._warnings: dict[str, None] = {}
        self._pending = PendingFile(path, source.path, overwrite=overwrite, container=kind.name)
        try:
            self._file = self._pending.temporary.open("w+b")
        except OSError as error:
            self._pending.discard()
            raise OutputError(f"cannot write {path}: {reason(error)}") from error
        self._pages = TiffWriter(self._file) if kind is TIFF else None

    @property
    def warnings(self) -> list[str]:
        """What could not be kept so far, a line each."""
        return list(self._warnings)

    @property
    def holds_xmp(self) -> bool:
        """Whether the kind of file has a place for XMP."""
        return "xmp" in self._kind.holds

    def push(self, frame: Frame, page: Page) -> None:
        """Write one page.

        Args:
            frame: its restored picture, of whatever size.
            page: as it was read.

        Raises:
            OutputError: that fails, or something would be lost and ``output.strict`` forbids it.
        """
        kind, path = self._kind, self._path
        if max(frame.format.width, frame.format.height) > kind.longest:
            raise OutputError(
                f"{path}: {kind.name} holds {kind.longest} pixels a side at most, the picture has "
                f"{frame.format.width}x{frame.format.height}; name the result *.png or *.tif"
            )
        planes = self._fitting(frame)
        metadata = self._held(page.metadata, len(planes), frame)
        try:
            if self._pages is not None:
                self._pages.add(planes, metadata, packed=page.stored.packed)
            elif kind is PNG:
                write_png(self._file, planes, metadata)
            else:
                quality = self._output.quality
                write_by_pillow(self._file, kind, planes, metadata, page.stored, quality=quality)
        except (*DAMAGE, MemoryError) as error:
            raise OutputError(f"cannot write {path}: {reason(error)}") from error

    def _fitting(self, frame: Frame) -> list[Image]:
        """The planes in the order of pictures, as far as the kind can hold them."""
        kind, fmt = self._kind, frame.format
        planes = picture_planes(frame.planes)
        if fmt.alpha and not kind.alpha:
            self._lose(f"transparency is left out: {kind.name} holds none")
            planes.pop()
        if fmt.bits > 8 and not kind.deep:
            self._lose(f"samples of {fmt.bits} bits become 8: {kind.name} holds no more")
            planes = [eight_bits(plane) for plane in planes]
        # OpenCV, which writes PNG, knows no gray with opacity.
        if fmt.layout == "gray" and (not kind.gray or (kind is PNG and len(planes) == 2)):
            planes = [planes[0]] * 3 + planes[1:]
        return planes

    def _held(self, metadata: Metadata, channels: int, frame: Frame) -> Metadata:
        """What belongs to the page, as far as the kind can hold it."""
        kind = self._kind
        for name in metadata.held:
            if name not in kind.holds and not (name == "dpi" and metadata.exif):
                self._lose(f"{_WORDS[name]} is left out: {kind.name} has no place for it")
        is_gray = metadata.icc[_PROFILE_SPACE] == _GRAY_PROFILE
        if metadata.icc and is_gray != (channels < 3):
            self._lose("the colour profile is left out: it is not one for the result's channels")
            metadata = replace(metadata, icc=b"")
        if kind.name == "JPEG":
            for name, block in (("exif", metadata.exif), ("xmp", metadata.xmp)):
                if len(block) > _LONGEST_SEGMENT:
                    self._lose(f"{_WORDS[name]} is left out: it is too long for JPEG")
                    cleared = {name: b""}
                    metadata = replace(metadata, **cleared)  # type: ignore[arg-type]
        size = frame.format.width, frame.format.height
        return metadata.upright(*size, turned=False)

    def _lose(self, line: str) -> None:
        if self._output.strict:
            raise OutputError(f"{self._path}: {line}; output.strict forbids that")
        self._warnings.setdefault(line)

    def finish(self) -> None:
        """Give the whole file its name.

        Raises:
            OutputError: that fails; nothing is left behind then.
        """
        try:
            self._file.close()
        except OSError as error:
            self._pending.discard()
            raise OutputError(f"cannot write {self._path}: {reason(error)}") from error
        self._pending.publish()

    def abort(self) -> None:
        """Give up and leave nothing behind; safe at any time, and twice."""
        self._file.close()
        self._pending.discard()
