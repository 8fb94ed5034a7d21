"""Gives faces back the grain that restoration took away.

A restored face is clean; film, tape and sensors are not, and where the mask ends the eye sees it.
So the grain around a face is measured, by tone and channel, and what the restored face lacks of it
is drawn anew for every frame, with the spectrum of what was taken away. Never is more given than
what surrounds the face, and never more than the face itself had.

Memory: ``window.FRAMES`` frames of a track, and the frame before. Latency: none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Frame, FrameFormat, Region
from vidrestore.paste.grain.blocks import without_blotches
from vidrestore.paste.grain.channels import (
    channels_of,
    to_channels,
    to_planes,
    tone_of,
    window_of,
)
from vidrestore.paste.grain.synthesis import drawn, kernel_of
from vidrestore.paste.grain.window import FRAMES, Channel, Missing, Seen, missing, seen
from vidrestore.picture.per_track import PerTrack

Float32 = NDArray[np.float32]
Bounds = tuple[int, int, int, int]

_MARGIN = 0.3  # width of the ring around a face, of the longer side of its region
_LEAST_MARGIN = 24  # luma samples
_FINE, _COARSE = 8, 16  # sides of blocks
# Side of a face, in a channel's samples, from which on blocks are coarse when its track begins, and
# down to which they stay so.
_COARSE_FROM, _COARSE_TO, _NEVER = 96, 64, 1 << 31
_FULL = 0.9  # of the greatest weight, from which on a face counts as restored in full
# Standard deviation of luma around a face, levels: below the first it is nobody's grain but
# rounding and what an encoder leaves, from the second on it is given back in full.
SILENT: Final = 1.0
LOUD: Final = 1.6


@dataclass(slots=True)
class _Known:
    """What was seen of a channel of a track on its last frames, in blocks of this side."""

    side: int
    frames: deque[Seen | None] = field(default_factory=lambda: deque(maxlen=FRAMES))

    def lacks(self) -> Missing | None:
        """On average; None where no frame has shown enough."""
        frames = [frame for frame in self.frames if frame is not None]
        return missing(frames) if frames else None


class Regrain:
    """Says what grain is to be added to each face.

    Args:
        amount: of the missing grain, 0..1; "auto" gives all of it where it is strong enough to be
            seen, and none where it is weak.
    """

    def __init__(self, amount: float | Literal["auto"]) -> None:
        self._amount = amount
        self._known: PerTrack[tuple[_Known, ...]] = PerTrack()
        self._frame: Frame | None = None
        self._before: Frame | None = None

    def begin(self, frame: Frame, *, shot_start: bool) -> None:
        """To be called before the faces of each frame, in order, of one without faces too."""
        self._known.advance(shot_start=shot_start)
        self._before = None if shot_start else self._frame
        self._frame = frame

    def added(
        self, region: Region, applied: Float32, changes: Sequence[Float32]
    ) -> tuple[Float32, ...] | None:
        """What to add to the planes of a region, in their samples' units; None for nothing.

        Args:
            region: of the face; to be asked once a frame for each track.
            applied: (rows, columns) of its luma samples, share of the restoration, 0..1.
            changes: of each plane that changes, what restoration adds to its samples.
        """
        assert self._frame is not None, "begin comes first"
        fmt, most = self._frame.format, float(applied.max())
        if most <= 0:
            return None
        lacking = self._lacking(region, applied / np.float32(most), changes)
        if lacking is None:
            return None
        amount = _visible(lacking[0].around)
        if self._amount != "auto":
            amount = self._amount if amount > 0 else 0.0
        if amount == 0 or not any(each.power.any() for each in lacking):
            return None
        bounds = region.x0, region.y0, region.x1, region.y1
        tone = self._tone(bounds)
        grains = []
        for number, (each, change) in enumerate(zip(lacking, changes, strict=True)):
            seed = (self._frame.pts % (1 << 62), region.x0, region.y0, number)
            grain = drawn(kernel_of(each.power), (change.shape[0], change.shape[1]), seed)
            grain *= np.float32(amount) * _edge(_to_grid(applied, grain), each.kept)
            grain *= each.amplitude[_to_grid(tone, grain).astype(np.uint8)]
            grains.append(grain)
        return to_planes(grains, fmt)

    def _lacking(
        self, region: Region, share: Float32, changes: Sequence[Float32]
    ) -> list[Missing] | None:
        """Of each channel, over the track's last frames; None where none has shown enough."""
        channels = self._channels(region, share, changes)
        before = self._known.get(region.track_id) or (None,) * len(channels)
        known = tuple(
            _followed(each, channel) for each, channel in zip(before, channels, strict=True)
        )
        self._known[region.track_id] = known
        lacking = [each.lacks() for each in known]
        found = [each for each in lacking if each is not None]
        if len(found) < len(lacking):
            return None
        # Blotches of colour, as tape has them, are noise that nobody misses; the eye hardly sees
        # where they end.
        light, *colours = found
        return [light, *(replace(c, power=without_blotches(c.power)) for c in colours)]

    def _channels(
        self, region: Region, share: Float32, changes: Sequence[Float32]
    ) -> list[Channel]:
        assert self._frame is not None, "begin comes first"
        fmt, planes = self._frame.format, len(changes)
        bounds = _grown(region, fmt)
        sources = channels_of(self._frame, bounds, planes)
        befores: Sequence[Float32 | None] = [None] * planes
        if self._before is not None:
            befores = channels_of(self._before, bounds, planes)
        inside = region.x0, region.y0, region.x1, region.y1
        channels = []
        moved = to_channels(changes, fmt)
        for number, (source, before) in enumerate(zip(sources, befores, strict=True)):
            outer, inner = (window_of(fmt, number, each) for each in (bounds, inside))
            area = tuple(
                slice(i.start - o.start, i.stop - o.start)
                for i, o in zip(inner, outer, strict=True)
            )
            result, weights = source.copy(), np.zeros_like(source)
            result[area] += moved[number]
            weights[area] = _to_grid(share, moved[number])
            tone = tone_of(_to_grid(sources[0], source), fmt)
            channels.append(Channel(source, before, result, tone, weights == 0, weights >= _FULL))
        return channels

    def _tone(self, bounds: Bounds) -> Float32:
        """(rows, columns) of luma samples: the source's tone without its grain, 0..255."""
        assert self._frame is not None, "begin comes first"
        fmt = self._frame.format
        luma = channels_of(self._frame, bounds, 3 if fmt.layout == "rgb" else 1)[0]
        return np.clip(cv2.blur(tone_of(luma, fmt), (5, 5)), 0, 255).astype(np.float32)


def _edge(share: Float32, kept: float) -> Float32:
    """Amplitude of what is missing, 0..1, where a share of the restoration is applied.

    Of the source's grain ``1 - share * (1 - kept)`` is left, in amplitude; variances add up to what
    there was.
    """
    left = 1 - share * np.float32(1 - kept)
    missing_there = np.maximum(1 - left * left, 0) / np.float32(max(1 - kept * kept, 1e-6))
    return np.asarray(np.sqrt(missing_there), np.float32)


def _grown(region: Region, fmt: FrameFormat) -> Bounds:
    """Bounds of a region and the ring around it, on the chroma grid."""
    longer = max(region.x1 - region.x0, region.y1 - region.y0)
    margin = max(int(_MARGIN * longer), _LEAST_MARGIN)
    sx, sy = fmt.chroma_shift
    return (
        max(region.x0 - margin, 0) >> sx << sx,
        max(region.y0 - margin, 0) >> sy << sy,
        min(-(-(region.x1 + margin) >> sx) << sx, fmt.width),
        min(-(-(region.y1 + margin) >> sy) << sy, fmt.height),
    )


def _followed(before: _Known | None, channel: Channel) -> _Known:
    """What is known of a channel with this frame; of a face that shrinks blocks become fine."""
    rows, columns = (np.flatnonzero(channel.face.any(axis=axis)) for axis in (1, 0))
    width = min(np.ptp(rows), np.ptp(columns)) if len(rows) else 0
    coarse_from = _COARSE_FROM
    if before is not None:
        coarse_from = _COARSE_TO if before.side == _COARSE else _NEVER
    side = _COARSE if width >= coarse_from else _FINE
    known = before if before is not None and before.side == side else _Known(side)
    known.frames.append(seen(channel, side))
    return known


def _to_grid(plane: Float32, like: Float32) -> Float32:
    """Means over the samples of a grid that is as fine or coarser."""
    if plane.shape == like.shape:
        return plane
    return np.asarray(
        cv2.resize(plane, like.shape[1::-1], interpolation=cv2.INTER_AREA), np.float32
    )


def _visible(strength: float) -> float:
    """0..1 of grain that the eye may miss; it rises smoothly, so that nothing switches."""
    t = min(max((strength - SILENT) / (LOUD - SILENT), 0.0), 1.0)
    return t * t * (3 - 2 * t)
