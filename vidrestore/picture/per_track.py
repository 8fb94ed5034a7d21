"""What a stage remembers of each track from one frame to the next."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class PerTrack(Generic[T]):
    """One value for each track, forgotten when the track misses frames or a shot starts.

    A stage advances it once for every frame, one without faces included, then looks up what is
    known of a track and sets what is known from this frame on.

    Args:
        frames: how many frames a value outlives the one that it was set on, at least 1: with 1 a
            track that misses a single frame begins anew.
    """

    def __init__(self, frames: int = 1) -> None:
        if frames < 1:
            raise ValueError(f"frames {frames}, must be at least 1")
        self._frames = frames
        self._now = 0
        self._values: dict[int, tuple[int, T]] = {}

    def advance(self, *, shot_start: bool) -> None:
        """Begin the next frame.

        Args:
            shot_start: whether it is the first of a shot: nothing is known then.
        """
        self._now += 1
        oldest = self._now if shot_start else self._now - self._frames
        self._values = {key: known for key, known in self._values.items() if known[0] >= oldest}

    def get(self, track_id: int) -> T | None:
        """What was last set, on this frame or one before it; None for a track that begins."""
        known = self._values.get(track_id)
        return None if known is None else known[1]

    def __setitem__(self, track_id: int, value: T) -> None:
        """Set what is known of a track from this frame on."""
        self._values[track_id] = self._now, value

    def keep(self, track_id: int) -> None:
        """What is known of a track, if anything, holds on this frame too."""
        known = self._values.get(track_id)
        if known is not None:
            self[track_id] = known[1]

    def __len__(self) -> int:
        """Tracks of which something is known."""
        return len(self._values)
