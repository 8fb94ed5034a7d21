"""Averages the source of each face over time before it is restored.

A restorer takes noise for what a face shows: it draws other creases on every frame. Shown the mean
of several frames it has less to mistake, and features that no single frame holds come out. The mean
is also what the restorer's change is added to, so with no restorer at all faces are denoised as by
a motion-compensated filter.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace

from vidrestore.datatypes import AlignedFrame, Denoised, Image, Neighbour
from vidrestore.picture.outline import face_box
from vidrestore.temporal.mean import mean_change
from vidrestore.temporal.planes import added
from vidrestore.temporal.window import Window


class Denoise:
    """Says what the crops are without noise, and where the frames around show the same.

    A ``Stage[AlignedFrame, AlignedFrame]``, one out for each in. A frame's result depends
    on ``rest`` frames before and after it and on nothing else.

    Args:
        amount: what a frame beside it that shows the very same counts, 0 (off) to 1 (as much as the
            frame itself).
        reach: frames before and after that are averaged, 1 or more.
        rest: frames up to which some are averaged too while a face rests, ``reach`` or more.
        tolerance: change of the source that e-folds a weight where there is no noise, levels of
            0..255.
        dilate: growth of the face's outline, beyond the box around which crops stay as they are:
            nothing of them is written.
    """

    def __init__(
        self, amount: float, reach: int, rest: int, tolerance: float, dilate: float
    ) -> None:
        if not 0 <= amount <= 1 or not 1 <= reach <= rest or tolerance <= 0:
            raise ValueError(
                f"amount {amount} must be in [0, 1], reach {reach} at least 1, "
                f"rest {rest} no less, tolerance {tolerance} positive"
            )
        self._amount, self._dilate = amount, dilate
        self._rest = rest
        self._window = Window(reach, rest, tolerance)
        self.latency = self.memory = rest
        self._held: deque[AlignedFrame] = deque()
        self._number = 0  # of the first frame held, from the shot's start

    def push(self, item: AlignedFrame, /) -> Iterable[AlignedFrame]:
        """Take a frame; give the one ``rest`` before it, or the rest of the shot before."""
        if item.shot_start:
            yield from self.flush()
        crops = zip(item.crops.pixels, item.crops.crop_from_frame, strict=True)
        self._window.push(
            {face.track_id: crop for face, crop in zip(item.faces, crops, strict=True)}
        )
        self._held.append(item)
        if len(self._held) > self._rest:
            yield self._release()

    def flush(self) -> Iterable[AlignedFrame]:
        """The rest of the last shot."""
        while self._held:
            yield self._release()
        self._window.clear()
        self._number = 0

    def _release(self) -> AlignedFrame:
        """The frame that has waited longest."""
        item, number = self._held.popleft(), self._number
        self._number += 1
        if not item.faces or item.frame.role == "context":
            return item
        around = [self._window.neighbours(number, face.track_id) for face in item.faces]
        pixels = [self._averaged(item, number, index, near) for index, near in enumerate(around)]
        return replace(item, denoised=Denoised(tuple(pixels), tuple(around), self._amount))

    def _averaged(
        self, item: AlignedFrame, number: int, index: int, near: Sequence[Neighbour]
    ) -> Image:
        crop, face = item.crops.pixels[index], item.faces[index]
        if not near or self._amount == 0:
            return crop
        matrix = item.crops.crop_from_frame[index]
        box = face_box(face.landmarks, self._dilate, matrix, len(crop))
        if 0 in box.shape:
            return crop
        own = self._window.planes(number, face.track_id)
        others = [self._window.planes(number + n.offset, face.track_id) for n in near]
        return added(crop, mean_change(own, others, near, self._amount, box, light=True), box)
