from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.boiling import EYES, FACE, SIZE, X, Y, blended, clip, error, levels, pixels
from tests.faces import landmarks, tracked
from vidrestore.datatypes import AlignedFrame, CropBatch, RestoredFrame
from vidrestore.steady import Calm, Steady


def run(items, calm=None):
    return pixels(blended(list(items), calm))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_boiling_skin_comes_to_rest(dtype):
    items = list(clip(12, dtype=dtype))
    results = run(items)
    assert results[0].dtype == dtype
    scale = 1 if dtype == np.uint8 else 257

    def boil(crops):
        return (np.stack(crops[4:]) / scale).std(axis=0)[20:-20, 20:-20].mean()

    assert boil(results) < 0.55 * boil([item.pixels[0] for item in items])
    assert error(results[-1]) < 0.6 * error(items[-1].pixels[0])


def test_what_does_not_boil_is_left_as_it_is():
    results = run(clip(6, boil=0, grain=0))
    assert all(np.abs(result.astype(int) - levels(FACE)).max() <= 1 for result in results)


def test_grain_that_was_removed_does_not_come_back():
    """Blending what the restorer added to each source would carry the grain along."""
    results = run(clip(8, boil=0, grain=8))
    assert error(results[-1]) < 0.8


def test_a_sudden_change_leaves_no_ghost():
    def scene(index):
        return FACE - 70 * EYES * (index >= 5)

    items = list(clip(8, scene=scene))
    results = run(items)
    around = np.s_[44:57, 50:78]
    for index in (5, 6, 7):
        alone = error(items[index].pixels[0], scene(index), around)
        assert error(results[index], scene(index), around) < 1.05 * alone


def test_a_face_comes_to_rest_at_once():
    """The third frame is the mean of three, not mostly the first."""
    items = list(clip(9, grain=1))
    results = run(items)
    alone = error(items[0].pixels[0])
    assert error(results[2]) < 0.68 * alone  # 0.58 if nothing is lost
    assert error(results[8]) < 0.45 * alone  # 0.33


def test_a_damaged_frame_does_not_leak_into_the_next():
    def scene(index):
        speck = np.exp(-((X - 70) ** 2 + (Y - 80) ** 2) / 60)[..., None] * (index == 5)
        return (FACE + (235 - FACE) * speck) * (1.0 if index != 8 else 0.0) + 230 * (index == 8)

    items = list(clip(11, scene=scene))
    results = run(items)
    around = np.s_[70:91, 60:81]
    assert error(results[4], where=around) < 1.02 * error(items[4].pixels[0], where=around)
    assert error(results[6], where=around) < 1.02 * error(items[6].pixels[0], where=around)
    for beside in (7, 9):  # a white flash
        assert error(results[beside]) < 1.02 * error(items[beside].pixels[0])


def test_slow_motion_leaves_no_trail():
    def scene(index):
        return np.stack(
            [
                130 + 45 * np.sin((X - 0.1 * index) / 6 + np.cos(Y / 9)),
                110 + 35 * np.cos(Y / 7 + np.sin((X - 0.1 * index) / 8)),
                100 + 25 * np.sin((X - 0.1 * index + Y) / 6),
            ],
            axis=-1,
        )

    items = list(clip(30, scene=scene, boil=4, grain=1))
    results = run(items)
    assert error(results[-1], scene(29)) < 0.8 * error(items[-1].pixels[0], scene(29))


def test_light_that_flickers_does_not_drag():
    def scene(index):
        return 60 + (FACE - 60) * (1 + 0.1 * (-1) ** index)

    items = list(clip(10, scene=scene, boil=4, grain=1))
    results = run(items)
    assert error(results[-1], scene(9)) < 0.65 * error(items[-1].pixels[0], scene(9))


def test_a_light_switched_off_does_not_linger():
    def scene(index):
        return FACE * (1 if index < 4 else 0.5)

    items = list(clip(5, scene=scene))
    results = run(items)
    assert np.abs(results[4].astype(int) - items[4].pixels[0]).max() <= 1
    assert error(results[3], scene(3)) < error(items[3].pixels[0], scene(3))


def test_a_moving_picture_is_followed():
    def scene(index):
        return np.roll(FACE, (index, 2 * index), axis=(0, 1))

    items = list(clip(8, scene=scene, boil=10))
    results = run(items)
    assert error(results[-1], scene(7)) < 0.8 * error(items[-1].pixels[0], scene(7))


@pytest.mark.parametrize("lookahead", [0, 3, 12])
def test_nothing_crosses_a_cut(lookahead):
    items = [replace_shot(item, index in {0, 3}) for index, item in enumerate(clip(7))]
    together = run(items, Calm(lookahead=lookahead))
    apart = run(items[:3], Calm(lookahead=lookahead)) + run(items[3:], Calm(lookahead=lookahead))
    assert all(np.array_equal(a, b) for a, b in zip(together, apart, strict=True))


def replace_shot(item, shot_start):
    return RestoredFrame(replace(item.aligned, shot_start=shot_start), item.pixels)


def test_a_track_that_was_away_begins_anew():
    items = list(clip(5))
    other = list(clip(5, track_id=9, seed=4))
    results = run([items[0], items[1], other[2], items[3], items[4]])
    assert np.array_equal(results[2], other[2].pixels[0])
    assert all(
        np.array_equal(a, b)
        for a, b in zip(results[:2] + results[3:], run(items[:2]) + run(items[3:]), strict=True)
    )


def test_faces_of_one_frame_have_nothing_to_do_with_each_other():
    first, second = list(clip(4)), list(clip(4, track_id=2, seed=7, boil=15))
    alone = run(first), run(second)
    both = []
    for index, (a, b) in enumerate(zip(first, second, strict=True)):
        crops = CropBatch(
            np.concatenate([a.aligned.crops.pixels, b.aligned.crops.pixels]),
            np.concatenate([a.aligned.crops.crop_from_frame, b.aligned.crops.crop_from_frame]),
            ((index, 1), (index, 2)),
        )
        faces = (tracked(landmarks(4, 4, 6), 1), tracked(landmarks(4, 4, 6), 2))
        aligned = AlignedFrame(a.aligned.frame, index == 0, faces, crops)
        both.append(RestoredFrame(aligned, np.concatenate([a.pixels, b.pixels])))
    for index, result in enumerate(blended(both)):
        assert np.array_equal(result.pixels[0], alone[0][index])
        assert np.array_equal(result.pixels[1], alone[1][index])


def test_two_runs_are_equal():
    assert all(np.array_equal(a, b) for a, b in zip(run(clip(4)), run(clip(4)), strict=True))


def test_a_frame_of_which_nothing_is_known_passes_as_it_is():
    for item in clip(3):
        assert list(Steady().push(item)) == [item]


def test_nothing_is_kept_of_a_track_that_has_ended():
    items = list(clip(3))
    steady = Steady()
    for item in blended(items):
        list(steady.push(item))
    assert steady._known
    none = CropBatch(np.empty((0, SIZE, SIZE, 3), np.uint8), np.empty((0, 2, 3)), ())
    empty = AlignedFrame(items[0].aligned.frame, False, (), none)
    item = RestoredFrame(empty, none.pixels)
    assert list(steady.push(item)) == [item]
    assert not steady._known
