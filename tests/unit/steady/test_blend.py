from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.faces import landmarks, restored, tracked
from vidrestore.datatypes import AlignedFrame, CropBatch, RestoredFrame
from vidrestore.steady import Flow, Steady

SIZE = 128
Y, X = np.mgrid[:SIZE, :SIZE]
FACE = np.stack(
    [
        130 + 45 * np.sin(X / 9 + np.cos(Y / 14)),
        110 + 35 * np.cos(Y / 11 + np.sin(X / 17)),
        100 + 25 * np.sin((X + Y) / 15),
    ],
    axis=-1,
)
EYES = np.exp(-((X - 64) ** 2 / 200 + (Y - 50) ** 2 / 30))[..., None]


def levels(values, dtype=np.uint8):
    scale = 1 if dtype == np.uint8 else 257
    return np.clip(np.rint(values * scale), 0, 255 * scale).astype(dtype)


def clip(count, *, seed=0, boil=8.0, grain=3.0, dtype=np.uint8, scene=lambda _: FACE, **options):
    """Source crops with grain, and a restorer that paints other skin on each frame."""
    rng = np.random.default_rng(seed)
    for index in range(count):
        face = scene(index)
        source = levels(face + rng.normal(0, grain, face.shape), dtype)
        result = levels(face + boil * rng.normal(0, 1, (SIZE, SIZE, 1)), dtype)
        yield restored(source, result, index=index, shot_start=index == 0, **options)


def run(items, **options):
    items = list(items)
    results = passed(Steady(**options), items)
    for item, result in zip(items, results, strict=True):
        assert result.aligned is item.aligned
    return [result.pixels[0] for result in results]


def passed(steady, items):
    return [result for item in items for result in steady.push(item)] + list(steady.flush())


def error(pixels, truth=FACE, where=np.s_[20:-20, 20:-20]):
    scale = 1 if pixels.dtype == np.uint8 else 257
    return np.sqrt(np.mean(((pixels / scale - truth)[where]) ** 2))


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


def test_blend_zero_is_off():
    for item in clip(3):
        assert list(Steady(blend=0.0).push(item)) == [item]


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
    results = run(items, lookahead=0)
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


def wavering(index, size):
    """The face in a light that differs from frame to frame by so many levels, here and there."""
    rng = np.random.default_rng(index)
    x, y = rng.uniform(40, 90, 2)
    return FACE + size * rng.normal() * np.exp(-((X - x) ** 2 + (Y - y) ** 2) / 1800)[..., None]


def test_light_does_not_waver_with_noise():
    """As wide as light, as small as noise: the result stands, and so does what it is pasted by."""
    items = [
        restored(levels(face), levels(face), index=index, shot_start=index == 0)
        for index, face in enumerate(wavering(index, 1.0) for index in range(24))
    ]
    results = passed(Steady(lookahead=12), items)
    inside = np.s_[:, 0, 32:96, 32:96]
    before = np.stack([item.pixels for item in items])[inside].std(axis=0).mean()
    assert np.stack([result.pixels for result in results])[inside].std(axis=0).mean() < 0.4 * before
    source = np.stack([result.calm_source for result in results])
    cells = 128 // source.shape[2]
    own = np.stack([item.pixels.reshape(1, 128 // cells, cells, -1, cells, 3) for item in items])
    own = own.mean(axis=(3, 5))
    assert source.shape == own.shape
    assert source.std(axis=0).mean() < 0.4 * own.std(axis=0).mean()


def test_a_flicker_is_in_the_calm_source_too():
    items = [
        restored(levels(face), levels(face), index=index, shot_start=index == 0)
        for index, face in enumerate(FACE * (1 + 0.1 * (index % 2)) for index in range(8))
    ]
    for item, result in zip(items, passed(Steady(), items), strict=True):
        assert abs(result.calm_source.mean() - item.pixels.mean()) < 0.3


def test_calm_sources_are_as_many_as_crops():
    (item,) = clip(1)
    with pytest.raises(ValueError, match="2 calm sources for 1 crops"):
        RestoredFrame(item.aligned, item.pixels, np.zeros((2, 32, 32, 3), np.float32))


def test_a_light_switched_off_does_not_linger():
    def scene(index):
        return FACE * (1 if index < 4 else 0.5)

    items = list(clip(5, scene=scene))
    results = run(items)
    assert np.abs(results[4].astype(int) - items[4].pixels[0]).max() <= 1
    assert error(results[3], scene(3)) < error(items[3].pixels[0], scene(3))


def test_what_was_not_found_again_is_not_blended():
    class Lost(Flow):
        def carry(self, before, now):
            carried = super().carry(before, now)
            return replace(carried, trust=np.zeros_like(carried.trust))

    steady = Steady(lookahead=0)
    steady._flow = Lost()
    items = list(clip(3))
    for item, result in zip(items, passed(steady, items), strict=True):
        assert np.abs(result.pixels.astype(int) - item.pixels).max() <= 1


def test_a_moving_picture_is_followed():
    def scene(index):
        return np.roll(FACE, (index, 2 * index), axis=(0, 1))

    items = list(clip(8, scene=scene, boil=10))
    results = run(items)
    assert error(results[-1], scene(7)) < 0.8 * error(items[-1].pixels[0], scene(7))


@pytest.mark.parametrize("lookahead", [0, 3, 12])
def test_nothing_crosses_a_cut(lookahead):
    items = [replace_shot(item, index in {0, 3}) for index, item in enumerate(clip(7))]
    together = run(items, lookahead=lookahead)
    apart = run(items[:3], lookahead=lookahead) + run(items[3:], lookahead=lookahead)
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


def test_a_face_at_rest_gets_what_comes():
    items = list(clip(12, grain=1))
    alone = error(items[0].pixels[0])
    assert np.array_equal(run(items, lookahead=0)[0], items[0].pixels[0])
    results = run(items, lookahead=8)
    assert error(results[0]) < 0.45 * alone  # the mean of nine: 0.33
    assert (
        np.abs(results[0].astype(int) - results[3]).mean()
        < 0.3 * np.abs(items[0].pixels[0].astype(int) - items[3].pixels[0]).mean()
    )


def test_what_moves_in_a_crop_that_stands_is_not_smeared_by_what_comes():
    """A head that drifts within the slack, and is elsewhere when the look-ahead ends."""

    def scene(index):
        return np.roll(FACE, index, axis=1)

    items = list(clip(9, scene=scene, boil=1, grain=1))
    results = run(items, lookahead=4)
    for index in range(9):
        assert error(results[index], scene(index)) < error(items[index].pixels[0], scene(index)) + 1


def test_a_crop_that_moved_gets_nothing_of_what_comes():
    items = list(clip(8))
    moved = items[:4] + [at_another_place(item) for item in items[4:]]
    assert all(
        np.array_equal(a, b)
        for a, b in zip(run(moved, lookahead=8)[:4], run(items[:4], lookahead=8), strict=True)
    )


def at_another_place(item):
    crops = replace(item.aligned.crops, crop_from_frame=np.eye(2, 3)[None] + 1e-3)
    return RestoredFrame(replace(item.aligned, crops=crops), item.pixels)


def test_each_frame_comes_after_the_frames_that_it_waits_for():
    steady = Steady(lookahead=3)
    items = list(clip(6))
    counts = [len(list(steady.push(item))) for item in items]
    assert counts == [0, 0, 0, 1, 1, 1]
    assert len(steady._held) == 3
    assert len(list(steady.flush())) == 3
    assert not steady._held


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
    for index, result in enumerate(passed(Steady(), both)):
        assert np.array_equal(result.pixels[0], alone[0][index])
        assert np.array_equal(result.pixels[1], alone[1][index])


def test_two_runs_are_equal():
    assert all(np.array_equal(a, b) for a, b in zip(run(clip(4)), run(clip(4)), strict=True))


def test_nothing_is_kept_of_a_track_that_has_ended():
    steady = Steady()
    for item in clip(3):
        list(steady.push(item))
    (item,) = clip(1)
    empty = AlignedFrame(
        item.aligned.frame,
        False,
        (),
        CropBatch(np.empty((0, SIZE, SIZE, 3), np.uint8), np.empty((0, 2, 3)), ()),
    )
    list(steady.push(RestoredFrame(empty, np.empty((0, SIZE, SIZE, 3), np.uint8))))
    assert not steady._known


@pytest.mark.parametrize(
    "options", [{"blend": 1.0}, {"blend": -0.1}, {"tolerance": 0.0}, {"lookahead": -1}]
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match="must be"):
        Steady(**options)
