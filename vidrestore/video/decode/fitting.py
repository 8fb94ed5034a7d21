"""Pictures of another shape within the first one's: as large as they can be, with black bars."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import av

from vidrestore.errors import InputError
from vidrestore.video.facts.damage import Damage
from vidrestore.video.pixels.graph import FilterChain


@dataclass(frozen=True, slots=True)
class Shape:
    """What all pictures of a result have in common.

    Attributes:
        width: columns.
        height: rows.
        pix_fmt: FFmpeg's name of the samples' format.
        aspect: width of a pixel over its height.
    """

    width: int
    height: int
    pix_fmt: str
    aspect: Fraction

    @classmethod
    def of(cls, picture: av.VideoFrame, aspect: Fraction) -> Shape:
        """A picture's shape."""
        return cls(picture.width, picture.height, picture.format.name, aspect)

    @property
    def samples(self) -> tuple[int, int, str]:
        """Size and format."""
        return self.width, self.height, self.pix_fmt


class Fitter:
    """Brings pictures of one shape to another; what they show keeps its own proportions.

    Args:
        first: a picture of the shape that comes.
        have: that shape.
        want: of the result.
    """

    def __init__(self, first: av.VideoFrame, have: Shape, want: Shape) -> None:
        # A place for bars begins and ends with a chroma sample.
        layout = av.VideoFormat(want.pix_fmt, 64, 64)
        steps = 64 // layout.chroma_width(), 64 // layout.chroma_height()
        columns = have.width * have.aspect / want.aspect
        zoom = min(want.width / columns, Fraction(want.height, have.height))
        size = [
            self._whole(columns * zoom, want.width, steps[0]),
            self._whole(have.height * zoom, want.height, steps[1]),
        ]
        left, top = (
            (room - used) // 2 // step * step
            for room, used, step in zip((want.width, want.height), size, steps, strict=True)
        )
        filters = [
            ("scale", f"{size[0]}:{size[1]}:flags=lanczos"),
            ("format", want.pix_fmt),
            ("pad", f"{want.width}:{want.height}:{left}:{top}:color=black"),
        ]
        self._chain = FilterChain(first, filters)

    @staticmethod
    def _whole(length: Fraction, room: int, step: int) -> int:
        return room if length > room - step else max(step, round(length / step) * step)

    def __call__(self, picture: av.VideoFrame) -> av.VideoFrame:
        """The picture in its place."""
        (fitted,) = self._chain.push(picture)
        fitted.pts, fitted.time_base = picture.pts, picture.time_base
        return fitted


class Shaper:
    """Sees to it that all pictures of a video have the first one's shape, as far as is asked for.

    Args:
        damage: where is noted what was changed, or is shown out of shape.
        resize: "first" fits pictures; else other sizes are passed on, to be refused.
        begin: when the file begins, seconds.
        strict: whether another width of pixels alone is refused, too.
        first: the shape; None for that of the first picture that comes.

    Attributes:
        first: the shape; None until there is one.
    """

    def __init__(
        self,
        damage: Damage,
        resize: str,
        begin: Fraction,
        *,
        strict: bool,
        first: Shape | None = None,
    ) -> None:
        self._damage, self._resize = damage, resize
        self._begin, self._strict = begin, strict
        self.first = first
        self._fitters: dict[Shape, Fitter] = {}

    def __call__(self, picture: av.VideoFrame, aspect: Fraction, time: Fraction) -> av.VideoFrame:
        """The picture, or another that shows the same.

        Raises:
            InputError: without the name of the file.
        """
        shape = Shape.of(picture, aspect)
        self.first = self.first or shape
        if shape == self.first:
            return picture
        if self._resize == "first":
            self._damage.note("resized", time)
            if shape not in self._fitters:
                self._fitters[shape] = Fitter(picture, shape, self.first)
            return self._fitters[shape](picture)
        if shape.samples == self.first.samples:
            if self._strict:
                raise InputError(
                    f"changes the aspect of its pixels from {_ratio(self.first.aspect)} to "
                    f"{_ratio(aspect)} at {float(time - self._begin):.3f} s; cut it there with "
                    "start and end and restore the parts one by one, set input.resize to first, "
                    "or run without output.strict"
                )
            self._damage.note("reshaped", time)
        return picture


def _ratio(aspect: Fraction) -> str:
    return f"{aspect.numerator}:{aspect.denominator}"
