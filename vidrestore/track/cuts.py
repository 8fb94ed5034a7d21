"""Where one shot ends and the next begins."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Final

from vidrestore.datatypes import Look
from vidrestore.track.change import Glance, agreement, changed_share, glance

# Frames on either side of a possible cut that are compared across it. A flash of up to this many
# frames is told from a cut by the picture that returns after it.
REACH: Final = 2

# What two shots show alike, by chance, is less than this part of what the frames right before and
# after, and those lately, show alike.
ALIKE: Final = 0.28

# The least part of the picture that a cut changes: less is something at the edge of a dull picture.
LEAST_SHARE: Final = 0.2

# Pictures whose contrast grows by this factor with every frame away from a dull one are fading;
# grain keeps what has faded from being quite flat, and flicker lets contrast grow by chance once.
FADING: Final = 1.15
DULL: Final = 12.0

# How many frames tell how much neighbours agreed lately.
RECENT: Final = 12


class CutDetector:
    """Marks the first frame of each shot; a ``Stage[Look, Look]`` that is ``REACH`` frames late.

    At a cut, next to nothing of what any frame shortly before shows is shown by one shortly after
    (a flash is followed by the same picture), though the frames around agree with each other (in
    fast motion, shaking and worn film they agree little; fades, dissolves and somebody who passes
    before the camera change a part at a time). What pictures show alike is ``agreement``'s: it does
    not see light and hardly sees shifts.

    Args:
        threshold: scales how much a change must stand out; lower finds more cuts.
    """

    latency: Final = REACH
    memory: Final = RECENT + REACH + 1

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._before: deque[Glance] = deque(maxlen=REACH + 1)
        self._ahead: deque[tuple[Look, Glance]] = deque()
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._cuts: list[int] = []
        self._started = False

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
        alike = agreement(behind[0], ahead[0])
        lately = median(self._recent) if self._recent else 1.0
        self._recent.append(alike)
        by_chance = min(ALIKE / self._threshold, 1.0)
        if alike >= by_chance or _fades(behind, ahead[0]) or _fades(ahead, behind[0]):
            return False
        if changed_share(behind[0], ahead[0]) < min(self._threshold, 1.0) * LEAST_SHARE:
            return False
        usual = min(lately, _calmest(behind), _calmest(ahead))
        return max(agreement(a, b) for a in behind for b in ahead) < by_chance * usual


def _calmest(glances: Sequence[Glance]) -> float:
    """The most that neighbours agree: a shot of one frame beside a cut is not commotion."""
    return max((agreement(a, b) for a, b in pairwise(glances)), default=1.0)


def _fades(glances: Sequence[Glance], neighbour: Glance) -> bool:
    """Whether pictures, nearest first, were on their way from or to a dull neighbour."""
    if len(glances) < 2 or neighbour.contrast >= DULL:
        return False
    return all(b.contrast > FADING * a.contrast for a, b in pairwise(glances))
