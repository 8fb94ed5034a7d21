"""Says of each frame what can only be told from those around it: flicker, and dissolves."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from vidrestore.datatypes import Look, Tone
from vidrestore.film import dissolve, flicker
from vidrestore.film.tone import SAME, Float32, Motion, glance, inverse, then, tone_between

LOOKAHEAD: Final = max(flicker.REACH, dissolve.REACH + dissolve.SMOOTH)


@dataclass(slots=True)
class _Note:
    """A frame's glance, the tone that leads to it from the frame before, evidence of a dissolve."""

    picture: Float32
    tone: Tone
    evidence: float | None = None


class Observe:
    """Measures flicker of light and dissolves on the reduced pictures.

    A ``Stage[Look, Look]``, one out for each in: its frame then tells ``flicker`` and ``mixed``.
    As many frames are held, and as many glances (20 KB each) before and after; a result depends on
    no frame further away.
    """

    latency: Final = LOOKAHEAD
    memory: Final = LOOKAHEAD

    def __init__(self) -> None:
        self._motion = Motion()
        self._ahead: deque[Look] = deque()
        self._notes: deque[_Note] = deque(maxlen=2 * LOOKAHEAD + 1)

    def push(self, item: Look, /) -> Iterable[Look]:
        """Take a frame; give the one ``LOOKAHEAD`` before it, or the rest of the shot before."""
        if item.shot_start:
            yield from self.flush()
        self._ahead.append(item)
        self._notes.append(self._glanced(item))
        if len(self._ahead) > LOOKAHEAD:
            yield self._release()

    def flush(self) -> Iterable[Look]:
        """The rest of the last shot."""
        while self._ahead:
            yield self._release()
        self._notes.clear()

    def _glanced(self, item: Look) -> _Note:
        picture = glance(item.picture)
        if not self._notes:
            return _Note(picture, SAME)
        before = self._motion.brought(self._notes[-1].picture, picture)
        return _Note(picture, tone_between(before, picture))

    def _release(self) -> Look:
        """The frame that has waited longest."""
        at = len(self._notes) - len(self._ahead)
        look = self._ahead.popleft()
        tone, mixed = self._correction(at), self._mixed(at)
        frame = replace(look.frame, flicker=None if tone == SAME else tone, mixed=mixed)
        return replace(look, frame=frame)

    def _correction(self, at: int) -> Tone:
        """What takes the flicker out of a frame."""
        before, after = [], []
        tone = SAME
        for note in list(self._notes)[at + 1 : at + 1 + flicker.REACH]:
            tone = then(tone, note.tone)
            after.append(tone)
        tone = SAME
        for index in range(at, max(at - flicker.REACH, 0), -1):
            tone = then(tone, inverse(self._notes[index].tone))
            before.append(tone)
        picture = self._notes[at].picture
        return flicker.correction(before, after, float(picture.mean()), float(picture.std()))

    def _mixed(self, at: int) -> float:
        """How far a frame is a mixture of two shots."""
        first, last = max(0, at - dissolve.SMOOTH), min(len(self._notes), at + dissolve.SMOOTH + 1)
        pictures = [note.picture for note in self._notes]
        for index in range(first, last):
            note = self._notes[index]
            if note.evidence is None:
                note.evidence = dissolve.mixture(pictures, index, self._motion)
        evidence = [note.evidence or 0.0 for note in list(self._notes)[first:last]]
        return dissolve.smoothed(evidence, at - first)
