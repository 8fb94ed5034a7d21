"""Blends what a restorer changes over time, and adds it to the denoised source.

A restorer draws the same face a little otherwise on every frame. So the changes of the frames
around are averaged along the motion of the source, and by what the source says of how much each of
them still shows the same: where a lid falls or lips close, only the frame's own counts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from vidrestore.datatypes import BlendedFrame, Image, RestoredFrame
from vidrestore.picture.luma import luma_of
from vidrestore.picture.outline import face_box
from vidrestore.temporal.mean import mean_change
from vidrestore.temporal.planes import Planes, added, difference
from vidrestore.temporal.share import Detail, detail, kept, wanted

# Frames before and after whose detail counts for a frame's share, so that it changes slowly.
SHARE_REACH: Final = 8


def blended_over(reach: int) -> int:
    """How many frames before and after a frame ``Blend`` may take results from."""
    return max(reach, SHARE_REACH)


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    """What a restorer changed of one face of one frame."""

    planes: Planes
    detail: Detail


class Blend:
    """Gives every face its result.

    A ``Stage[RestoredFrame, BlendedFrame]``, one out for each in. Which frames count is found by
    ``Denoise`` and travels with the frames (``aligned.denoised``); without it each frame stands
    alone.

    Args:
        amount: what the change of a frame beside it counts where the source is the very same, 0
            (off) to 1 (as much as the frame's own).
        reach: frames before and after that ``Denoise`` always looks at; those further away count
            here too up to 8, while a face rests.
        share: how much of the change is used, 0..1; None for as much as a face can be expected to
            gain, see ``wanted`` in ``share``.
        dilate: growth of the face's outline, beyond the box around which nothing changes: it is not
            written.
        weighed: side of the crops whose change a later stage weighs, so that the whole is used as
            long as it takes no detail away; None for none.
    """

    def __init__(
        self,
        amount: float,
        reach: int,
        share: float | None,
        dilate: float,
        *,
        weighed: int | None = None,
    ) -> None:
        if not 0 <= amount <= 1 or (share is not None and not 0 <= share <= 1):
            raise ValueError(f"amount {amount} and share {share} must be in [0, 1]")
        self._amount, self._dilate = amount, dilate
        self._share, self._weighed = share, weighed
        self._reach = blended_over(reach)
        self.latency = self.memory = self._reach
        self._held: deque[RestoredFrame] = deque()
        self._changes: deque[dict[int, _Change]] = deque(maxlen=2 * self._reach + 1)

    def push(self, item: RestoredFrame, /) -> Iterable[BlendedFrame]:
        """Take a frame; give the one that waited long enough, or the rest of the shot before."""
        if item.aligned.shot_start:
            yield from self.flush()
        self._changes.append(
            {
                face.track_id: _change(shown, pixels)
                for face, shown, pixels in zip(
                    item.aligned.faces, item.shown, item.pixels, strict=True
                )
            }
        )
        self._held.append(item)
        if len(self._held) > self._reach:
            yield self._release()

    def flush(self) -> Iterable[BlendedFrame]:
        """The rest of the last shot."""
        while self._held:
            yield self._release()
        self._changes.clear()

    def _release(self) -> BlendedFrame:
        """The frame that has waited longest."""
        position = len(self._changes) - len(self._held)
        item = self._held.popleft()
        pixels, shares = [], []
        for index, face in enumerate(item.aligned.faces):
            base = item.aligned.base[index]
            used = self._used(position, face.track_id, len(base))
            pixels.append(self._blended(item, index, position, base, used) if used else base)
            shares.append(used)
        return BlendedFrame(item.aligned, tuple(pixels), tuple(shares))

    def _used(self, position: int, track_id: int, side: int) -> float:
        """The share of a face of a held frame, in a crop of that side."""
        if self._share is not None:
            return self._share
        around = list(self._changes)[max(position - SHARE_REACH, 0) : position + SHARE_REACH + 1]
        told = kept if side == self._weighed else wanted
        return told([changes[track_id].detail for changes in around if track_id in changes])

    def _blended(
        self, item: RestoredFrame, index: int, position: int, base: Image, used: float
    ) -> Image:
        face, size = item.aligned.faces[index], len(base)
        track_id = face.track_id
        matrix = item.aligned.crops.crop_from_frame[index]
        box = face_box(face.landmarks, self._dilate, matrix, size)
        if 0 in box.shape:
            return base
        own = self._changes[position][track_id].planes
        drawn = box if own.size == size else box.halved  # a crop may be twice what is restored
        part = own.part(drawn)
        denoised = item.aligned.denoised
        near = denoised.neighbours[index] if denoised is not None and self._amount else ()
        near = tuple(each for each in near if self._restored(position, each.offset, track_id))
        if not near:
            return added(base, part, box, used)
        others = [self._changes[position + n.offset][track_id].planes for n in near]
        mean = mean_change(own, others, near, self._amount, drawn, light=False)
        return added(base, part.plus(mean), box, used)

    def _restored(self, position: int, offset: int, track_id: int) -> bool:
        """Whether a frame near that at ``position`` has a result to be blended into it."""
        there = position + offset
        if abs(offset) > self._reach or not 0 <= there < len(self._changes):
            return False
        return track_id in self._changes[there]


def _change(shown: Image, pixels: Image) -> _Change:
    before, change = luma_of(shown), difference(pixels, shown)
    return _Change(change, Detail(detail(before), detail(before + change.luma)))
