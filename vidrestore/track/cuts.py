"""Where one shot ends and the next begins."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Final

from vidrestore.config import TrackConfig
from vidrestore.datatypes import Look
from vidrestore.track.change import FLAT, Glance, changed_share, difference, glance

# Frames on either side of a possible cut that are compared across it. A flash of up to this many
# frames is told from a cut by the picture that returns after it.
REACH: Final = 2

# What a change must exceed to be a cut: a part of its own, and a multiple of how much the picture
# changes anyway right before and after, and lately.
LEAST_CHANGE: Final = 0.06
AGAINST_NEIGHBOURS: Final = 2.0
AGAINST_RECENT: Final = 2.0

# The least part of the picture that a cut changes: less is somebody or something that passes.
LEAST_SHARE: Final = 0.35

# Pictures whose contrast grows by this factor with every frame away from a dull one are fading;
# grain keeps what has faded from being quite flat, and flicker lets contrast grow by chance once.
FADING: Final = 1.15
DULL: Final = 2 * FLAT

# How many recent changes tell the level of change.
RECENT: Final = 12


class CutDetector:
    """Marks the first frame of each shot; a ``Stage[Look, Look]`` that is ``REACH`` frames late.

    A cut is a change of the picture that lasts (no frame shortly before it is like one shortly
    after), takes hold of a good part of it (so somebody who passes before the camera is not one)
    and stands out from the change of the frames around it (so pans, fast motion, shaking and worn
    film are not cuts, nor are fades and dissolves, which change a little at a time). Changes are
    ``difference``'s: they hardly see shifts and changes of brightness.

    Args:
        threshold: scales how much a change must stand out; lower finds more cuts.
    """

    def __init__(self, threshold: float = 1.0) -> None:
        self._threshold = threshold
        self._before: deque[Glance] = deque(maxlen=REACH + 1)
        self._ahead: deque[tuple[Look, Glance]] = deque()
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._cuts: list[int] = []
        self._started = False

    @classmethod
    def from_config(cls, config: TrackConfig) -> CutDetector:
        """The detector that the options ask for."""
        return cls(config.cut_threshold)

    @property
    def cuts(self) -> tuple[int, ...]:
        """Indices of the frames given so far that start a new shot; the very first is none."""
        return tuple(self._cuts)

    def push(self, item: Look, /) -> Iterable[Look]:
        """Take a frame; give the one ``REACH`` frames before it."""
        self._ahead.append((item, glance(item.picture)))
        return [self._release()] if len(self._ahead) > REACH else []

    def flush(self) -> Iterable[Look]:
        """Give the rest, judged by what there is."""
        return [self._release() for _ in range(len(self._ahead))]

    def _release(self) -> Look:
        cut = bool(self._before) and self._is_cut()
        look, seen = self._ahead.popleft()
        if cut:
            self._cuts.append(look.frame.index)
            self._before.clear()
            self._recent.clear()
        self._before.append(seen)
        first, self._started = not self._started, True
        return replace(look, shot_start=cut or first)

    def _is_cut(self) -> bool:
        """Whether a shot starts with the first of the frames ahead."""
        behind = list(self._before)[::-1]
        ahead = [seen for _, seen in self._ahead]
        change = difference(behind[0], ahead[0])
        recent = median(self._recent) if self._recent else 0.0
        self._recent.append(change)
        if change < self._threshold * LEAST_CHANGE:
            return False
        if changed_share(behind[0], ahead[0]) < min(self._threshold, 1.0) * LEAST_SHARE:
            return False
        if _fades(behind, ahead[0]) or _fades(ahead, behind[0]):
            return False
        lasting = min(difference(a, b) for a in behind for b in ahead)
        around = max(_calmest(behind), _calmest(ahead))
        needed = LEAST_CHANGE + max(AGAINST_RECENT * recent, AGAINST_NEIGHBOURS * around)
        return lasting >= self._threshold * needed


def _calmest(glances: Sequence[Glance]) -> float:
    """The least change between neighbours: a shot of one frame beside a cut is not commotion."""
    return min((difference(a, b) for a, b in pairwise(glances)), default=0.0)


def _fades(glances: Sequence[Glance], neighbour: Glance) -> bool:
    """Whether pictures, nearest first, were on their way from or to a dull neighbour."""
    if len(glances) < 2 or neighbour.contrast >= DULL:
        return False
    return all(b.contrast > FADING * a.contrast for a, b in pairwise(glances))
