from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stand_ins.fakes import LateRestorer
from vidrestore.datatypes import AlignedFrame, CropBatch, Frame, FrameFormat, TrackedFace
from vidrestore.errors import DeviceError
from vidrestore.restore.stage import BatchedRestore

SIDE = 4


class Inverting:
    """A restorer that inverts, and notes how many crops it was given at a time."""

    size = SIDE

    def __init__(self) -> None:
        self.batches: list[int] = []

    def restore(self, crops: np.ndarray, /) -> np.ndarray:
        self.batches.append(len(crops))
        return 255 - crops


def aligned(index: int, faces: int) -> AlignedFrame:
    form = FrameFormat(2, 2, "gray", "gray")
    plane = np.zeros((2, 2), np.uint8)
    plane.flags.writeable = False
    frame = Frame(index, index, 1, Fraction(1, 25), (plane,), form)
    tracked = tuple(
        TrackedFace(i + 1, np.zeros((5, 2)), "measured", index, 1.0) for i in range(faces)
    )
    pixels = np.full((faces, SIDE, SIDE, 3), 10 * index, np.uint8)
    pixels += np.arange(faces, dtype=np.uint8)[:, None, None, None]
    keys = tuple((index, i + 1) for i in range(faces))
    return AlignedFrame(frame, False, tracked, CropBatch(pixels, np.zeros((faces, 2, 3)), keys))


@given(
    counts=st.lists(st.integers(0, 5), max_size=20),
    batch=st.integers(1, 6),
    waiting=st.integers(0, 4),
)
def test_every_frame_comes_out_once_in_order_with_its_own_faces(
    counts: list[int], batch: int, waiting: int
) -> None:
    stage = BatchedRestore(Inverting(), batch, waiting)
    frames = [aligned(index, faces) for index, faces in enumerate(counts)]
    held, out = 0, []
    for frame in frames:
        ready = list(stage.push(frame))
        out += ready
        held += 1 - len(ready)
        assert held <= waiting
    out += list(stage.flush())
    assert [result.aligned for result in out] == frames
    for result in out:
        shown = result.aligned.crops.pixels
        assert all(np.array_equal(a, 255 - b) for a, b in zip(result.pixels, shown, strict=True))
    assert list(stage.flush()) == []


def test_faces_of_several_frames_are_restored_together() -> None:
    restorer = Inverting()
    stage = BatchedRestore(restorer, 4)
    assert list(stage.push(aligned(0, 1))) == []
    assert list(stage.push(aligned(1, 2))) == []
    assert len(list(stage.push(aligned(2, 1)))) == 3
    assert restorer.batches == [4]


def test_frames_without_faces_pass_at_once() -> None:
    restorer = Inverting()
    stage = BatchedRestore(restorer, 8)
    assert len(list(stage.push(aligned(0, 0)))) == 1
    assert restorer.batches == []


def test_an_unread_result_is_not_lost() -> None:
    stage = BatchedRestore(Inverting(), 1)
    first = stage.push(aligned(0, 1))
    second = stage.push(aligned(1, 1))
    assert [result.aligned.frame.index for result in (*first, *second)] == [0, 1]


@given(
    counts=st.lists(st.integers(0, 5), max_size=25),
    batch=st.integers(1, 6),
    waiting=st.integers(0, 4),
    ahead=st.integers(0, 4),
    seed=st.integers(0, 99),
)
def test_several_batches_are_under_way_and_come_out_in_order(
    counts: list[int], batch: int, waiting: int, ahead: int, seed: int
) -> None:
    late = LateRestorer(lambda crops: 255 - crops, SIDE, ahead=ahead, seed=seed)
    stage = BatchedRestore(late, batch, waiting)
    frames = [aligned(index, faces) for index, faces in enumerate(counts)]
    held, out = 0, []
    for frame in frames:
        ready = list(stage.push(frame))
        out += ready
        held += 1 - len(ready)
        assert held <= (ahead + 1) * (waiting + 1)
    out += list(stage.flush())
    assert [result.aligned for result in out] == frames
    for result in out:
        shown = result.aligned.crops.pixels
        assert all(np.array_equal(a, 255 - b) for a, b in zip(result.pixels, shown, strict=True))
    assert late.most_open <= ahead + 1
    assert list(stage.flush()) == []


def test_as_many_batches_as_the_restorer_asks_for_are_under_way() -> None:
    late = LateRestorer(size=SIDE, ahead=2)
    stage = BatchedRestore(late, 1)
    came = [[r.aligned.frame.index for r in stage.push(aligned(i, 1))] for i in range(5)]
    assert came == [[], [], [0], [1], [2]]
    assert [r.aligned.frame.index for r in stage.flush()] == [3, 4]
    assert late.most_open == 3


def test_frames_without_faces_pass_at_once_when_nothing_is_under_way() -> None:
    stage = BatchedRestore(LateRestorer(size=SIDE, ahead=2), 1)
    assert len(list(stage.push(aligned(0, 0)))) == 1
    assert list(stage.push(aligned(1, 1))) == []
    assert list(stage.push(aligned(2, 0))) == [], "behind one that is not there yet"
    assert [r.aligned.frame.index for r in stage.flush()] == [1, 2]
    assert len(list(stage.push(aligned(3, 0)))) == 1


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_what_goes_wrong_comes_out_at_its_frame(ahead: int) -> None:
    late = LateRestorer(size=SIDE, ahead=ahead, poison=40)
    stage = BatchedRestore(late, 1)
    out: list[int] = []

    def run() -> None:
        for index in range(8):
            out.extend(r.aligned.frame.index for r in stage.push(aligned(index, 1)))
        out.extend(r.aligned.frame.index for r in stage.flush())

    with pytest.raises(DeviceError, match="batch 4 failed"):
        run()
    assert out == [0, 1, 2, 3], "all frames before it, and none after"


def test_a_batch_of_none_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        BatchedRestore(Inverting(), 0)
