"""Specks: what one frame shows and neither of those beside it does, as dust on film.

Both neighbours are brought to the frame's places by optical flow. A speck is brighter (or darker)
than all that either shows within a pixel, by more than noise, and where the two agree (a spike
detector with the range of a neighbourhood, as in Kokaram, "Motion Picture Restoration", 1998, SDIp
and ROD). Flow follows specks as it does everything, so once they are found it is taken from around
them, and all is looked at anew.

What faces do in one frame is none: eyes that are shut, a glint, teeth. In eyes and mouth a speck
must stand out from all that these show in the frames beside.

Convention: lumas are (S, S) float32, levels of 0..255.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Points
from vidrestore.picture.flow import FlowSearch, bring, positions

Float32 = NDArray[np.float32]
Mask = NDArray[np.uint8]

_FLOW_SIDE: Final = 128
_FLOW_MEDIAN: Final = 5  # px of that grid: small specks are gone before flow can follow them
_AROUND: Final = 3.0  # sigma of what flow is taken from around a speck, px of that grid

# How far a speck stands out, in levels: this, and these times the noise and the neighbours' own
# disagreement; the rest of it, down to that part of what it takes.
_LEAST: Final = 6.0
_NOISES: Final = 4.0
_DISAGREEMENTS: Final = 1.0
_TAIL: Final = 0.35
_TAIL_NOISES: Final = 2.0
_LEAST_NOISE: Final = 1.0
_EDGE: Final = 0.5  # px within its border that a neighbour must show a place
_LOCAL: Final = 1.5  # sigma of the neighbourhood in which neighbours agree, px

_LEAST_AREA: Final = 3  # px
_LARGEST: Final = 1 / 36  # of the crop
_TOO_MUCH: Final = 1 / 12  # of the crop, all together: another kind of damage
_TOO_MANY: Final = 400  # of either sign: snow, or noise, which would take minutes to look at
_AGREE: Final = 0.5  # disagreement, in parts of what the speck stands out

_GROWN: Final = 5  # px, width of the brush that takes in a speck's edge
_APART: Final = 9  # px, width of the brush beyond which a speck changes nothing

# Half axes of the ellipses of eyes and mouth: in distances of the eyes, and in widths of the mouth.
_EYE = (0.36, 0.24)
_MOUTH = (0.75, 0.5)
_INSIDE: Final = 0.3  # part of a speck inside of these from which on more is asked of it
# The surroundings of a speck change less: so much of them (percentile), by these, as below.
_QUIET = (2.0, 4.0, 0.2)
_QUIET_PERCENTILE: Final = 75.0
# A speck in an eye or the mouth is round (longer side over shorter), small (in parts of it), and
# the rest of it, nine tenths at least, changes by no more than so many noises and levels, or parts
# of what the speck stands out. Measured: lids and lips that move for one frame are 2 to 5 times as
# long as wide, or move more.
_ROUND: Final = 1.9
_SMALL: Final = 0.06
_REST = (2.0, 4.0, 0.12)
_REST_PERCENTILE: Final = 90.0
_GLINT: Final = 0.12  # widest bright spot that an eye may show, in distances of the eyes


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Specks of a picture, and how its neighbours lie to it.

    Attributes:
        specks: (S, S), 1 where there is one.
        fields: from the picture to the one before and to the one after.
    """

    specks: Mask
    fields: tuple[Float32, Float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Views:
    """The lumas of the frame and of those beside it in its places, and where both show these."""

    now: Float32
    beside: tuple[Float32, Float32]
    shown: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Spot:
    """Something that one frame alone shows.

    Attributes:
        sign: 1 for bright, -1 for dark.
        window: rows and columns that it fills.
        inside: where in these it is.
        above: of each of its pixels, levels beyond both neighbours.
    """

    sign: int
    window: tuple[slice, slice]
    inside: NDArray[np.bool_]
    above: Float32


@dataclass(frozen=True, slots=True, eq=False)
class _Zone:
    """Where expression changes things: (S, S) inside, and up to which width a glint is one, px."""

    inside: NDArray[np.bool_]
    glint: float


class Specks:
    """Finds specks of single frames."""

    def __init__(self) -> None:
        self._search = FlowSearch()

    def found(
        self,
        now: Float32,
        before: Float32,
        after: Float32,
        faces: Sequence[Points],
        margin: int,
    ) -> Found | None:
        """The specks of a square picture; None if it has none.

        Args:
            now: its luma, of 16 px and more.
            before: of the same part of the scene one frame earlier.
            after: one frame later.
            faces: of each face in it the (5, 2) landmarks xy.
            margin: px along the border in which nothing is looked for.
        """
        lumas = (now, before, after)
        grays = [_gray(luma) for luma in lumas]
        first, second = (self._search.field(grays[0], gray) for gray in grays[1:])
        zones = [zone for points in faces for zone in _zones(points, len(now))]
        views = _views(lumas, (first, second))
        suspects = _suspects(views, zones, margin)
        if not suspects.any():
            return None
        fields = _taken_from_around(first, suspects), _taken_from_around(second, suspects)
        specks = _suspects(_views(lumas, fields), zones, margin)
        return Found(specks, fields) if specks.any() else None


def _suspects(views: _Views, zones: list[_Zone], margin: int) -> Mask:
    """(S, S), 1 where there is a speck."""
    now, (before, after) = views.now, views.beside
    side = len(now)
    inner = slice(side // 5, side - side // 5)
    apart = [np.median(np.abs((now - other)[inner, inner])) for other in (before, after)]
    noise = max(1.4826 * float(max(apart)), _LEAST_NOISE)
    disagree = np.asarray(cv2.GaussianBlur(np.abs(before - after), (0, 0), _LOCAL), np.float32)
    least = np.asarray(_LEAST + _NOISES * noise + _DISAGREEMENTS * disagree, np.float32)
    change = np.abs(now - (before + after) / 2)
    found = np.zeros(now.shape, np.uint8)
    for sign in (1, -1):  # bright, dark: ringing about a speck is none of it
        spots = [
            spot
            for spot in _spots(views, sign, least, _TAIL_NOISES * noise, margin)
            if _LEAST_AREA <= spot.above.size <= _LARGEST * side * side
        ]
        if len(spots) > _TOO_MANY:
            return np.zeros_like(found)
        for spot in spots:
            above = spot.above
            if disagree[spot.window][spot.inside].mean() > _AGREE * np.median(above):
                continue
            if _alone(spot, change, noise) and all(
                _may_be(spot, change, noise, zone) for zone in zones
            ):
                found[spot.window][spot.inside] = 1
    return found if found.mean() <= _TOO_MUCH else np.zeros_like(found)


def _gray(luma: Float32) -> Mask:
    """On the grid of the flow."""
    side = min(_FLOW_SIDE, len(luma))
    small = cv2.resize(luma, (side, side), interpolation=cv2.INTER_AREA)
    gray = np.clip(np.rint(small), 0, 255).astype(np.uint8)
    return np.asarray(cv2.medianBlur(gray, _FLOW_MEDIAN), np.uint8)


def _views(lumas: tuple[Float32, ...], fields: tuple[Float32, Float32]) -> _Views:
    now = lumas[0]
    before, after = (
        other + np.float32(np.median((now - other)[::2, ::2]))  # in the same light
        for other in (bring(luma, f) for luma, f in zip(lumas[1:], fields, strict=True))
    )
    # What comes in over the border, or leaves over it, is no speck: one of them does not show it.
    side = len(now)
    where = np.stack([positions(field, side) for field in fields])
    shown = ((where >= _EDGE) & (where <= side - 1 - _EDGE)).all(axis=(0, 3))
    return _Views(now, (before, after), np.asarray(shown))


def _spots(views: _Views, sign: int, least: Float32, tail: float, margin: int) -> Iterator[_Spot]:
    """Connected parts that stand out by ``least`` somewhere, as far as their tails go."""
    now, before, after = (sign * luma for luma in (views.now, *views.beside))
    near = np.ones((3, 3), np.uint8)
    core = now - np.maximum(cv2.dilate(before, near), cv2.dilate(after, near)) > least
    inside = slice(margin, len(now) - margin)
    kept = core[inside, inside].copy()
    core[:] = False
    core[inside, inside] = kept
    core &= views.shown
    if not core.any():
        return
    above = now - np.maximum(before, after)
    whole = (core | (above > np.maximum(_TAIL * least, tail))).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(whole)
    for label in np.unique(labels[core]):
        x, y, width, height, _ = (int(value) for value in stats[label])
        window = (slice(y, y + height), slice(x, x + width))
        inside = labels[window] == label
        yield _Spot(sign, window, inside, above[window][inside])


def _alone(spot: _Spot, change: Float32, noise: float) -> bool:
    """Whether little else changes about a spot, as it does where blocks of a codec do."""
    rows, columns = spot.window
    reach = max(spot.inside.shape) + _APART
    top, left = max(rows.start - reach, 0), max(columns.start - reach, 0)
    around = change[top : rows.stop + reach, left : columns.stop + reach]
    own = np.zeros(around.shape, np.uint8)
    own[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left][
        spot.inside
    ] = 1
    rest = cv2.dilate(own, np.ones((_APART, _APART), np.uint8)) == 0
    most = max(_QUIET[0] * noise + _QUIET[1], _QUIET[2] * float(np.median(spot.above)))
    return float(np.percentile(around[rest], _QUIET_PERCENTILE)) < most


def _may_be(spot: _Spot, change: Float32, noise: float, zone: _Zone) -> bool:
    """Whether a spot may be a speck for all that an eye or a mouth says."""
    if zone.inside[spot.window][spot.inside].mean() < _INSIDE:
        return True
    long, short = max(spot.inside.shape), min(spot.inside.shape)
    if long > _ROUND * short or spot.above.size > _SMALL * zone.inside.sum():
        return False
    if spot.sign > 0 and long < zone.glint:
        return False
    own = np.zeros(zone.inside.shape, np.uint8)
    own[spot.window][spot.inside] = 1
    rest = zone.inside & (cv2.dilate(own, np.ones((_APART, _APART), np.uint8)) == 0)
    if not rest.any():
        return False
    most = max(_REST[0] * noise + _REST[1], _REST[2] * float(np.median(spot.above)))
    return float(np.percentile(change[rest], _REST_PERCENTILE)) < most


def _zones(points: Points, side: int) -> list[_Zone]:
    """The eyes and the mouth."""
    apart = float(np.linalg.norm(points[1] - points[0]))
    wide = max(float(np.linalg.norm(points[4] - points[3])), 0.6 * apart)
    turn = float(np.degrees(np.arctan2(*(points[1] - points[0])[::-1])))
    ellipses = [
        (points[0], np.multiply(_EYE, apart), _GLINT * apart),
        (points[1], np.multiply(_EYE, apart), _GLINT * apart),
        ((points[3] + points[4]) / 2, np.multiply(_MOUTH, wide), 0.0),
    ]
    zones = []
    for centre, axes, glint in ellipses:
        zone = np.zeros((side, side), np.uint8)
        at = (round(float(centre[0])), round(float(centre[1])))
        cv2.ellipse(zone, at, (round(axes[0]), round(axes[1])), turn, 0, 360, 1, -1)
        zones.append(_Zone(zone > 0, glint))
    return zones


def _taken_from_around(field: Float32, specks: Mask) -> Float32:
    """A field whose vectors within specks are those around them."""
    grown = cv2.dilate(specks, np.ones((_GROWN, _GROWN), np.uint8)).astype(np.float32)
    hole = np.asarray(cv2.resize(grown, field.shape[1::-1], interpolation=cv2.INTER_AREA)) > 0
    known = (~hole).astype(np.float32)
    summed = cv2.GaussianBlur(field * known[..., None], (0, 0), _AROUND)
    weights = cv2.GaussianBlur(known, (0, 0), _AROUND) + np.float32(1e-3)
    return np.where(hole[..., None], summed / weights[..., None], field).astype(np.float32)
