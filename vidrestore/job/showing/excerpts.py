"""Pictures of a finished job, before and after: a few frames, and of each person some faces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import cv2
import numpy as np

from vidrestore.build import build_source
from vidrestore.config import Config
from vidrestore.datatypes import Image
from vidrestore.detect.preview import reduced_rgb
from vidrestore.errors import InputError
from vidrestore.report import Report, TrackReport
from vidrestore.report.html.excerpts import Excerpts, Pair
from vidrestore.stills import StillSource, is_still_file, is_still_name
from vidrestore.temporal.share import detail
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.moments import moments

_FRAMES: Final = 2  # whole ones
_TRACKS: Final = 12  # people of whom faces are shown, those with the most
_FACES: Final = 6  # of each
_WIDEST: Final = 960  # px of a whole frame
_FACE_SIDE: Final = 132  # px
_DETAIL_SIDE: Final = 256  # px of a face at which its detail is measured
_QUALITY: Final = 85  # of JPEG
_MARGIN: Final = 0.35  # around a face, in parts of its region


@dataclass(frozen=True, slots=True)
class _Moment:
    """A restored face in a frame; ``track`` 0 asks for the whole frame."""

    track: int
    time: float
    box: tuple[int, int, int, int]
    share: float | None = None


@dataclass(frozen=True, slots=True)
class _Both:
    """A moment's frame in both files, as it is stored: a box of the report lies in it.

    Attributes:
        before: of the source, as large as ``after``.
        after: of the result.
        turns: quarter turns counter-clockwise that bring both upright.
    """

    before: Image
    after: Image
    turns: int = 0

    def upright(self, place: tuple[slice, slice] = (slice(None), slice(None))) -> list[Image]:
        """What lies at a place of both, rows first, as it is to be shown."""
        return [
            np.ascontiguousarray(np.rot90(each[place], self.turns))
            for each in (self.before, self.after)
        ]


def excerpts(report: Report, config: Config) -> Excerpts:
    """Cut the pictures out of both files.

    Raises:
        InputError: a file can no longer be read.
    """
    wanted = [*_largest(report), *_faces(report)]
    if not wanted:
        wanted = [_Moment(0, _middle(report), (0, 0, 0, 0))]
    pairs = list(zip(wanted, _pairs(report, config, wanted), strict=False))
    faces: dict[int, list[Pair]] = {}
    frames = []
    for moment, both in pairs:
        if both is None:
            continue
        if moment.track == 0:
            frames.append(_shown(moment, both))
        else:
            faces.setdefault(moment.track, []).append(_face(moment, both))
    return Excerpts(tuple(frames), tuple((track, tuple(of)) for track, of in faces.items()))


def _largest(report: Report) -> Iterator[_Moment]:
    """Whole frames: where the largest faces are, of different people if there are several."""
    best = []
    for track in report.tracks:
        if not track.faces_restored:
            continue
        _, x0, y0, x1, y1 = track.regions.T
        areas = (x1 - x0) * (y1 - y0) * np.maximum(track.shares, 0.01)
        best.append((float(areas.max()), _moment(track, int(areas.argmax()))))
    best.sort(key=lambda each: -each[0])
    for _, moment in best[:_FRAMES]:
        yield _Moment(0, moment.time, moment.box)


def _faces(report: Report) -> Iterator[_Moment]:
    tracks = sorted(report.tracks, key=lambda track: -track.faces_restored)[:_TRACKS]
    for track in sorted(tracks, key=lambda track: track.track_id):
        if track.faces_restored:
            count = min(_FACES, track.faces_restored)
            for place in np.linspace(0, track.faces_restored - 1, count).round().astype(int):
                yield _moment(track, int(place))


def _moment(track: TrackReport, place: int) -> _Moment:
    """A restored face; its time is known by the track's ends."""
    frame, x0, y0, x1, y1 = (int(value) for value in track.regions[place])
    frames = max(1, track.last_frame - track.first_frame)
    share = (frame - track.first_frame) / frames
    time = track.first_time + share * (track.last_time - track.first_time)
    return _Moment(track.track_id, time, (x0, y0, x1, y1), float(track.shares[place]))


def _middle(report: Report) -> float:
    return float(report.start or 0) + report.duration / 2


def _pairs(report: Report, config: Config, wanted: Sequence[_Moment]) -> Iterator[_Both | None]:
    if is_still_file(report.input) and is_still_name(report.output):
        both = _Both(_photo(report.input, config), _photo(report.output, config))
        for _ in wanted:
            yield both
        return
    before, after = _info(config, report.input), _info(config, report.output)
    times = [Fraction(moment.time).limit_denominator(1_000_000) for moment in wanted]
    # A piece begins at its first frame's time, which no report gives: it is where it was cut.
    shift = Fraction(0) if report.start is None else before.start + report.start
    ones = moments(before, times)
    others = moments(after, [time - shift for time in times])
    for one, other in zip(ones, others, strict=True):
        if one is None or other is None:
            yield None
            continue
        size = (other.format.width, other.format.height)
        turns = after.picture.upright // 90
        yield _Both(reduced_rgb(one, size), reduced_rgb(other, size), turns)


def _info(config: Config, path: str) -> MediaInfo:
    with closing(build_source(config, path, None, None, None)) as source:
        return source.info


def _photo(path: str, config: Config) -> Image:
    with closing(StillSource(path, config.input)) as source:
        frame = source.page(0).frame
        return reduced_rgb(frame, (frame.format.width, frame.format.height))


def _shown(moment: _Moment, both: _Both) -> Pair:
    pictures = both.upright()
    height, width = pictures[1].shape[:2]
    scale = min(1.0, _WIDEST / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    before, after = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in pictures)
    return Pair(moment.time, _jpeg(before), _jpeg(after), *size)


def _face(moment: _Moment, both: _Both) -> Pair:
    """A square around a face, as far as the frame goes."""
    x0, y0, x1, y1 = moment.box
    height, width = both.after.shape[:2]
    side = min(round(max(x1 - x0, y1 - y0) * (1 + _MARGIN)), height, width)
    left = min(max(0, (x0 + x1 - side) // 2), width - side)
    top = min(max(0, (y0 + y1 - side) // 2), height - side)
    size = (_FACE_SIDE, _FACE_SIDE)
    # Cut first: the box does not turn with the picture.
    before, after = both.upright((slice(top, top + side), slice(left, left + side)))
    shown = [
        _jpeg(cv2.resize(each, size, interpolation=cv2.INTER_AREA)) for each in (before, after)
    ]
    details = _detail(before), _detail(after)
    return Pair(moment.time, shown[0], shown[1], *size, moment.share, details)


def _detail(face: Image) -> float:
    """Of a face that fills a square, levels; noise that is spread evenly does not count."""
    luma = cv2.cvtColor(np.ascontiguousarray(face), cv2.COLOR_RGB2GRAY).astype(np.float32)
    size = (_DETAIL_SIDE, _DETAIL_SIDE)
    return detail(np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.float32))


def _jpeg(picture: Image) -> bytes:
    done, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise InputError("a picture cannot be written as JPEG")
    return data.tobytes()
