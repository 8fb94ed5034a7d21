"""Frames in and out without files."""

from __future__ import annotations

import itertools
from fractions import Fraction

import av
import numpy as np
import pytest

from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from vidrestore import Config, ConfigError, InputError, RestoredImage, Session
from vidrestore.datatypes import Reason


def images(count, dtype=np.uint8, size=(120, 160)):
    """Smooth noise that stands still, and lies in the same memory every time."""
    draws = np.random.default_rng(3)
    coarse = draws.integers(40, 200, (6, 8, 3)).astype(np.float64)
    still = np.kron(coarse, np.ones((size[0] // 6, size[1] // 8, 1)))
    scale = 1 if dtype == np.uint8 else 257
    reused = np.empty(still.shape, dtype)
    for index in range(count):
        reused[:] = (still * scale).astype(dtype)
        yield reused, Fraction(index, 25)
        reused[:] = 0


def lighter(crops):
    unit = 20 if crops.dtype == np.uint8 else 20 * 257
    return crops + np.asarray(unit, crops.dtype)


def restored(frames, change=lighter, config=PLAIN) -> list[RestoredImage]:
    with Session(config, restorer=FakeRestorer(change), detector=FakeDetector()) as session:
        return list(session.restore_frames(frames))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_faces_change_and_nothing_else(dtype):
    (given, _), *_ = [(pixels.copy(), time) for pixels, time in images(1, dtype)]
    done = restored(images(6, dtype))
    assert [image.index for image in done] == list(range(6))
    assert [image.seconds for image in done] == pytest.approx([n / 25 for n in range(6)])
    for image in done:
        assert (image.pixels.shape, image.pixels.dtype) == (given.shape, np.dtype(dtype))
        (face,), (region,) = image.faces, image.regions
        assert face.track_id == region.track_id == 1
        assert face.landmarks[2] == pytest.approx((79.5, 62.5), abs=1)
        changed = (image.pixels != given).any(axis=-1)
        assert changed[region.y0 : region.y1, region.x0 : region.x1].any()
        changed[region.y0 : region.y1, region.x0 : region.x1] = False
        assert not changed.any()
        # Planes of G, B and R, and back: every channel got the light.
        middle = image.pixels[60, 80].astype(int) - given[60, 80].astype(int)
        assert (middle == (20 if dtype == np.uint8 else 20 * 257)).all()


def test_what_is_left_alone_is_told():
    done = restored(images(3), config=PLAIN.with_options({"paste.strength": 0}))
    assert [[face.track_id for face in image.faces] for image in done] == [[1]] * 3
    assert [image.regions for image in done] == [()] * 3
    assert [image.left[0].reason for image in done] == [Reason.OFF] * 3


def test_frames_are_taken_when_they_are_needed():
    """From an endless camera, and as many are held as stages look ahead."""
    taken = 0

    def camera():
        nonlocal taken
        for (pixels, _), number in zip(itertools.cycle(images(20)), itertools.count()):
            taken += 1
            yield pixels, number / 25

    with Session(PLAIN, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        frames = session.restore_frames(camera())
        assert taken == 0
        held = [taken - image.index for image in itertools.islice(frames, 60)]
    assert max(held) < 64


def test_nothing_gives_nothing():
    assert restored([]) == []


BLACK = np.zeros((48, 64, 3), np.uint8)


@pytest.mark.parametrize(
    ("frames", "told"),
    [
        ([(BLACK[..., 0], 0)], r"frame 0 is \(48, 64\) uint8; give \(h, w, 3\) RGB"),
        ([(BLACK.astype(np.float32), 0)], "frame 0 .* float32; give"),
        ([(BLACK.tolist(), 0)], "frame 0 .* list; give"),
        ([(BLACK[:0], 0)], "frame 0 .* give"),
        ([(BLACK, 0), (BLACK[:40], 1)], "frame 1 is 64x40 of 8 bits, those before it are 64x48"),
        ([(BLACK, 0), (BLACK.astype(np.uint16), 1)], "frame 1 is 64x48 of 16 bits"),
        ([(BLACK, 1), (BLACK, 1)], "frame 1 is at 1 s, no later than the one before it"),
        ([(BLACK, float("nan"))], "frame 0 is at nan s; give"),
    ],
)
def test_frames_that_cannot_be_used_are_told_in_a_line(frames, told):
    with pytest.raises(InputError, match=told):
        restored(frames)


@pytest.mark.parametrize("options", [{"output.scale": 2}, {"output.height": 480}])
def test_another_size_is_refused_before_any_frame(options):
    with Session(Config().with_options(options)) as session, pytest.raises(ConfigError, match="si"):
        session.restore_frames(iter(()))


def test_what_the_callers_frames_raise_comes_through():
    def broken():
        yield BLACK, 0
        raise OSError("the camera is gone")

    with pytest.raises(OSError, match="the camera is gone"):
        restored(broken())


@pytest.mark.parametrize(("pix_fmt", "dtype"), [("yuv420p", np.uint8), ("yuv420p10le", np.uint16)])
def test_frames_of_a_decoder_are_taken_with_their_times(pix_fmt, dtype):
    pictures = [av.VideoFrame(160, 120, pix_fmt) for _ in range(3)]
    for number, picture in enumerate(pictures):
        for plane in picture.planes:
            plane.update(bytes([60, 0]) * (plane.buffer_size // 2))
        picture.pts, picture.time_base = 10 + number, Fraction(1, 25)
    with Session(PLAIN, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        found = list(session.restore_frames(pictures))
    assert [frame.seconds for frame in found] == [0.4, 0.44, 0.48]
    assert {frame.pixels.dtype for frame in found} == {np.dtype(dtype)}


def test_a_decoders_frame_without_a_time_is_refused():
    with Session(PLAIN, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        frames = session.restore_frames([av.VideoFrame(160, 120, "yuv420p")])
        with pytest.raises(InputError, match="has no time"):
            next(frames)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.zeros((96, 96, 3), np.uint8), "frame 0 is a ndarray; give a pair of an image and its"),
        ((np.zeros((96, 96, 3), np.uint8), 0.0, 1), "frame 0 is a tuple; give a pair"),
        ((np.zeros((96, 96, 3), np.uint8), "0:01"), "frame 0 is at 0:01 s; give each frame a time"),
        ((np.zeros((96, 96, 3), np.uint8), None), "frame 0 is at None s; give each frame a time"),
        (None, "frame 0 is None; give a pair"),
    ],
)
def test_what_is_no_frame_is_told(given, said):
    with pytest.raises(InputError, match=said):
        restored([given])


def test_times_may_be_numbers_of_any_kind():
    image = np.zeros((96, 96, 3), np.uint8)
    times = [0, Fraction(1, 4), np.float32(0.5), np.int64(1), np.float64(2.5)]
    assert [each.seconds for each in restored((image, time) for time in times)] == [
        0.0,
        0.25,
        0.5,
        1.0,
        2.5,
    ]
