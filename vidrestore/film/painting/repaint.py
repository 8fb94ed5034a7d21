"""Faces in frames whose damage was painted over already, painted anew by a network of faces."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vidrestore.datatypes import AlignedFrame
from vidrestore.film.painting.faces import FacePainter, in_crop


class RepaintFaces:
    """Paints the parts of faces that ``Frame.painted`` tells of.

    A ``Stage[AlignedFrame, AlignedFrame]``, one out for each in. It knows no other frame; one whose
    faces have no such part passes as the same object.

    Args:
        painter: paints them.
    """

    latency: Final = 0
    memory: Final = 0

    def __init__(self, painter: FacePainter) -> None:
        self._painter = painter

    def push(self, item: AlignedFrame, /) -> Iterable[AlignedFrame]:
        """The frame with its faces painted."""
        painted = item.frame.painted
        if painted is None:
            yield item
            return
        faces = range(len(item.faces))
        yield self._painter.painted(item, [in_crop(item, index, painted) for index in faces])

    def flush(self) -> Iterable[AlignedFrame]:
        """Nothing is ever held."""
        return ()
