from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_pictures.boiling import (
    EYES,
    FACE,
    INNER,
    SIZE,
    X,
    Y,
    aligned,
    clip,
    denoise,
    denoised,
    error,
    first,
    levels,
)
from vidrestore.config import Config
from vidrestore.datatypes import Denoised
from vidrestore.temporal import Denoise

REACH = Config().temporal.reach


def sources(items):
    return [item.crops.pixels[0] for item in items]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_noise_is_averaged_away_and_the_source_crops_stay(dtype):
    items = list(clip(12, grain=8, dtype=dtype))
    frames = denoised(items)
    assert all(f.crops is item.crops for f, item in zip(frames, items, strict=True))
    assert first(frames)[0].dtype == dtype
    own, after = (np.mean([error(crop) for crop in c]) for c in (sources(items), first(frames)))
    assert after < 0.45 * own  # the mean of nine: 0.33


def test_amount_zero_leaves_the_crops_and_still_tells_the_neighbours():
    for frame, item in zip(denoised(list(clip(5)), denoise(denoise=0.0)), clip(5), strict=True):
        assert np.array_equal(frame.base[0], item.crops.pixels[0])
        assert len(frame.denoised.neighbours[0]) == 4


def test_a_clean_source_stays_as_it_is():
    frames = denoised(list(clip(12, grain=0)))
    assert all(np.abs(crop.astype(int) - levels(FACE)).max() <= 1 for crop in first(frames))


def test_less_amount_averages_less():
    items = list(clip(9, grain=8))
    errors = [error(first(denoised(items, denoise(denoise=a)))[4]) for a in (0.0, 0.2, 1.0)]
    assert errors[0] > 1.3 * errors[1] > 1.6 * errors[2]


def test_noise_on_a_moving_face_is_averaged_too():
    def scene(index):
        return np.roll(FACE, (index, 2 * index), axis=(0, 1))

    items = list(clip(10, grain=8, scene=scene))
    frames = denoised(items)
    assert error(first(frames)[5], scene(5)) < 0.6 * error(sources(items)[5], scene(5))


def test_a_sudden_change_leaves_no_ghost():
    def scene(index):
        return FACE - 70 * EYES * (index in {5, 6})

    items = list(clip(12, scene=scene, grain=2))
    results = first(denoised(items))
    around = np.s_[44:57, 50:78]
    for index in range(3, 9):
        own = error(sources(items)[index], scene(index), around)
        assert error(results[index], scene(index), around) < 1.05 * own


def test_a_speck_of_one_frame_does_not_leak_into_others():
    def scene(index):
        speck = np.exp(-((X - 70) ** 2 + (Y - 80) ** 2) / 60)[..., None] * (index == 5)
        return FACE + (235 - FACE) * speck

    items = list(clip(10, scene=scene))
    results, around = first(denoised(items)), np.s_[70:91, 60:81]
    for index in (4, 6):
        assert error(results[index], where=around) < error(sources(items)[index], where=around)


def test_moles_and_wrinkles_are_there_after_a_hundred_frames():
    """Dark spots of two px and lines of one, on a face that drifts and turns a little."""
    rng = np.random.default_rng(3)
    marks = np.zeros((SIZE, SIZE))
    for x, y in rng.uniform(30, 98, (12, 2)):
        marks -= 35 * np.exp(-((X - x) ** 2 + (Y - y) ** 2) / 4)
    for y in (34, 38, 92):
        marks -= 14 * np.exp(-((Y - y - 2 * np.sin(X / 9)) ** 2) / 1.5) * (np.abs(X - 64) < 30)
    marked = FACE + marks[..., None]

    def scene(index):
        return np.roll(marked, round(3 * np.sin(index / 6)), axis=1)

    def strength(crop, index):
        """Of the marks in a crop: 1 where they are as in the source."""
        there = np.roll(marks, round(3 * np.sin(index / 6)), axis=1)[INNER]
        bare = np.roll(FACE, round(3 * np.sin(index / 6)), axis=1)
        shown = (crop - bare).mean(axis=-1)[INNER]
        return float((shown * there).sum() / (there * there).sum())

    results = first(denoised(list(clip(104, scene=scene, grain=2))))
    assert min(strength(results[index], index) for index in range(95, 104)) > 0.93


def test_light_that_flickers_does_not_drag():
    def scene(index):
        return FACE + 9 * (-1) ** index

    items = list(clip(10, scene=scene, grain=4))
    results = first(denoised(items))
    for index in (4, 5):
        assert abs(results[index].mean() - sources(items)[index].mean()) < 0.3
        assert error(results[index], scene(index)) < 0.6 * error(
            sources(items)[index], scene(index)
        )


def test_nothing_crosses_a_cut():
    items = [
        aligned(i.crops.pixels[0], index=n, shot_start=n in {0, 4}) for n, i in enumerate(clip(9))
    ]
    together = first(denoised(items))
    apart = first(denoised(items[:4])) + first(denoised(items[4:]))
    assert all(np.array_equal(a, b) for a, b in zip(together, apart, strict=True))


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 3), st.integers(0, 5), st.integers(0, 4), st.integers(0, 4))
def test_a_piece_gives_what_the_whole_gives(reach, more, start, beyond):
    """Bit for bit, ``rest`` frames away from where the piece was cut."""
    rest = reach + more
    length = 2 * rest + 1 + beyond
    items = list(clip(start + length + 3))
    whole = first(denoised(items, denoise(reach=reach, rest=rest)))
    piece = [
        aligned(i.crops.pixels[0], index=n) for n, i in enumerate(items[start : start + length])
    ]
    cut = first(denoised(piece, denoise(reach=reach, rest=rest)))
    inner = slice(rest, length - rest)
    for a, b in zip(cut[inner], whole[start : start + length][inner], strict=True):
        # The noise of a pair of frames is known wherever both are.
        assert np.array_equal(a, b)


def test_a_track_with_a_gap_does_not_reach_across_it():
    items = list(clip(5))
    items[2] = next(i for n, i in enumerate(clip(3, track_id=9, seed=4)) if n == 2)
    offsets = [[n.offset for n in f.denoised.neighbours[0]] for f in denoised(items)]
    assert offsets == [[1], [-1], [], [1], [-1]]


def test_faces_of_one_frame_have_nothing_to_do_with_each_other():
    pairs = list(zip(clip(4), clip(4, track_id=2, seed=7, grain=9), strict=True))
    both = [
        aligned(a.crops.pixels[0], b.crops.pixels[0], index=n, ids=(1, 2))
        for n, (a, b) in enumerate(pairs)
    ]
    alone = [first(denoised([pair[k] for pair in pairs])) for k in (0, 1)]
    for index, frame in enumerate(denoised(both)):
        assert np.array_equal(frame.base[0], alone[0][index])
        assert np.array_equal(frame.base[1], alone[1][index])


def test_a_crop_of_another_size_is_no_neighbour():
    items = [
        aligned(levels(np.kron(FACE, np.ones((2, 2, 1))) if n == 2 else FACE), index=n)
        for n in range(4)
    ]
    offsets = [[n.offset for n in f.denoised.neighbours[0]] for f in denoised(items)]
    assert offsets == [[1], [-1], [], []]


def test_each_frame_comes_after_the_frames_that_it_waits_for():
    stage = denoise(reach=2, rest=3)
    counts = [len(list(stage.push(item))) for item in clip(6)]
    assert counts == [0, 0, 0, 1, 1, 1]
    assert len(list(stage.flush())) == 3
    assert not list(stage.flush())


def test_a_face_at_rest_is_averaged_with_frames_further_away():
    frames = denoised(list(clip(40, grain=3)), denoise(reach=4, rest=16))
    offsets = sorted(n.offset for n in frames[20].denoised.neighbours[0])
    far = [1, 2, 3, 4, 7, 11, 16]
    assert offsets == [-o for o in reversed(far)] + far

    def scene(index):
        return np.roll(FACE, index, axis=1)

    frames = denoised(list(clip(40, grain=3, scene=scene)), denoise(reach=4, rest=16))
    offsets = sorted(n.offset for n in frames[20].denoised.neighbours[0])
    assert offsets == [-4, -3, -2, -1, 1, 2, 3, 4]


def test_a_frame_without_faces_passes_as_it_is():
    empty = aligned(index=0)
    assert denoised([empty]) == [empty]


def test_parts_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="1 crops, neighbours of 2"):
        Denoised((levels(FACE),), ((), ()), 1.0)


@pytest.mark.parametrize(
    "options",
    [(1.1, 4, 8, 2.0), (-0.1, 4, 8, 2.0), (1.0, 0, 8, 2.0), (1.0, 4, 3, 2.0), (1.0, 4, 8, 0.0)],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match="must be"):
        Denoise(*options, 0.25)


def test_frames_that_show_something_else_count_for_nothing():
    """As where somebody rushes by close before the camera: no flow leads from one to the next."""

    def elsewhere(index):
        random = np.random.default_rng(index)
        other = cv2.GaussianBlur(random.uniform(0, 255, (SIZE, SIZE, 3)), (0, 0), 5)
        return cv2.normalize(other, None, 30, 225, cv2.NORM_MINMAX)

    items = list(clip(9, grain=2, scene=elsewhere))
    for before, after in zip(sources(items), first(denoised(items)), strict=True):
        assert np.abs(before.astype(int) - after).mean() < 0.5
        assert np.percentile(np.abs(before.astype(int) - after), 99.9) < 8
