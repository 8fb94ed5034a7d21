from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.boiling import EYES, FACE, INNER, SIZE, X, Y, calmed, clip, error, levels, shown
from tests.faces import restored
from vidrestore.datatypes import AlignedFrame, CalmSource, CropBatch, RestoredFrame
from vidrestore.steady import Calm, Flow


def flicker(index):
    return FACE * (1 + 0.1 * (index % 2))


def of_scene(count, scene):
    """Sources without grain."""
    return list(clip(count, grain=0, scene=scene))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_noise_is_averaged_away_and_the_crops_stay_as_they_are(dtype):
    items = list(clip(16, grain=8, dtype=dtype))
    frames = calmed(items)
    assert all(f.crops is item.aligned.crops for f, item in zip(frames, items, strict=True))
    assert frames[0].shown.dtype == dtype
    own, calm = (
        np.mean([error(crop) for crop in crops]) for crops in (sources(items), shown(frames))
    )
    assert calm < 0.4 * own


def sources(items):
    return [item.aligned.crops.pixels[0] for item in items]


def test_blend_zero_is_off():
    for item in clip(3):
        assert list(Calm(blend=0.0).push(item.aligned)) == [item.aligned]
        assert item.aligned.shown is item.aligned.crops.pixels


def test_a_clean_source_is_shown_as_it_is():
    frames = calmed(list(clip(20, grain=0)))
    assert all(np.abs(crop.astype(int) - levels(FACE)).max() <= 1 for crop in shown(frames))


def test_a_face_at_rest_gets_what_comes():
    items = list(clip(12, grain=4))
    own = error(sources(items)[0])
    assert (
        np.abs(shown(calmed(items, Calm(lookahead=0)))[0] - sources(items)[0].astype(int)).max()
        <= 1
    )
    calm = shown(calmed(items, Calm(lookahead=8)))
    assert error(calm[0]) < 0.45 * own  # the mean of nine: 0.33
    unrest = [
        np.abs(crops[0] - crops[3].astype(int))[INNER].mean() for crops in (calm, sources(items))
    ]
    assert unrest[0] < 0.3 * unrest[1]


@pytest.mark.parametrize("lookahead", [0, 8])
def test_little_blend_is_little_of_what_comes_too(lookahead):
    items = list(clip(12, grain=4))
    for own, calm in zip(
        sources(items), shown(calmed(items, Calm(blend=0.1, lookahead=lookahead))), strict=True
    ):
        assert error(calm) > 0.8 * error(own)


def test_what_moves_in_a_crop_that_stands_is_not_smeared_by_what_comes():
    """A head that drifts within the slack, and is elsewhere when the look-ahead ends."""

    def scene(index):
        return np.roll(FACE, index, axis=1)

    frames = calmed(list(clip(9, scene=scene, grain=1)), Calm(lookahead=4))
    for index, crop in enumerate(shown(frames)):
        assert error(crop, scene(index)) < 2


def test_a_crop_that_moved_gets_nothing_of_what_comes():
    items = list(clip(8))
    moved = items[:4] + [at_another_place(item) for item in items[4:]]
    some, all_ = (shown(calmed(some, Calm(lookahead=8))) for some in (items[:4], moved))
    assert all(np.array_equal(a, b) for a, b in zip(some, all_[:4], strict=True))


def at_another_place(item):
    crops = replace(item.aligned.crops, crop_from_frame=np.eye(2, 3)[None] + 1e-3)
    return RestoredFrame(replace(item.aligned, crops=crops), item.pixels)


def test_what_was_not_found_again_has_no_part():
    class Lost(Flow):
        def carry(self, before, now):
            carried = super().carry(before, now)
            return replace(carried, trust=np.zeros_like(carried.trust))

    calm = Calm()
    calm._flow = Lost()
    items = list(clip(3))
    frames = calmed(items, calm)
    for item, frame in zip(items, frames, strict=True):
        assert np.abs(frame.shown.astype(int) - item.aligned.crops.pixels).max() <= 1
    assert all(not past.weights.any() for frame in frames for past in frame.calm.past if past)


def test_the_past_says_where_things_were_and_what_they_count():
    items = of_scene(4, lambda index: np.roll(FACE, 2 * index, axis=1))
    first, *others = (frame.calm.past[0] for frame in calmed(items, Calm(lookahead=2)))
    assert first is None
    for number, past in enumerate(others, start=1):
        assert past.field[INNER].mean(axis=(0, 1)) == pytest.approx((-2, 0), abs=0.3)
        assert 0.3 < past.weights[INNER].mean() <= number / (number + 1)
        assert past.gain == pytest.approx(1, abs=0.02)


def wavering(index):
    """The face in a light that differs from frame to frame by a level, here and there."""
    rng = np.random.default_rng(index)
    x, y = rng.uniform(40, 90, 2)
    return FACE + rng.normal() * np.exp(-((X - x) ** 2 + (Y - y) ** 2) / 1800)[..., None]


def test_light_does_not_waver_with_noise():
    """As wide as light, as small as noise."""
    items = of_scene(24, wavering)
    frames = calmed(items, Calm(lookahead=12))
    own, calm = (
        np.stack(crops)[(slice(None), *INNER)] for crops in (sources(items), shown(frames))
    )
    own, calm = (cv2.blur(np.moveaxis(c.mean(-1), 0, -1), (25, 25)) for c in (own, calm))
    assert calm.std(axis=-1).mean() < 0.4 * own.std(axis=-1).mean()
    light = np.stack([frame.calm.light[0] for frame in frames])
    cells = SIZE // light.shape[1]
    own = np.stack(sources(items)).reshape(24, -1, cells, SIZE // cells, cells, 3).mean(axis=(2, 4))
    assert light.std(axis=0).mean() < 0.4 * own.std(axis=0).mean()


def test_a_flicker_is_followed():
    items = of_scene(8, flicker)
    for item, frame in zip(items, calmed(items), strict=True):
        own = item.aligned.crops.pixels
        assert abs(frame.calm.light.mean() - own.mean()) < 0.3
        assert np.abs(frame.shown[0] - own[0].astype(int)).mean() < 1


def overexposed(index):
    """A pale face before black, which every other frame is a little too bright for."""
    shape = 1 / (1 + np.exp((np.hypot(X - 64, Y - 64) - 45) / 2))[..., None]
    face = 250 * shape - 180 * shape * EYES
    return np.repeat(face * (1 + 0.1 * (index % 2)), 3, axis=2)


def test_an_overexposed_face_is_the_same_face():
    """In the present frame's light the frames before are beyond white."""
    _, *others = (frame.calm.past[0] for frame in calmed(of_scene(6, overexposed)))
    for number, past in enumerate(others, start=1):
        assert np.abs(past.field).max() < 1
        assert past.weights[INNER].mean() > 0.5 * number / (number + 1)


def test_each_frame_comes_after_the_frames_that_it_waits_for():
    calm = Calm(lookahead=3)
    counts = [len(list(calm.push(item.aligned))) for item in clip(6)]
    assert counts == [0, 0, 0, 1, 1, 1]
    assert len(calm._held) == 3
    assert len(list(calm.flush())) == 3
    assert not calm._held


def test_nothing_is_kept_of_a_track_that_has_ended():
    calm = Calm()
    (item, *_) = items = list(clip(3))
    for each in items:
        list(calm.push(each.aligned))
    none = CropBatch(np.empty((0, SIZE, SIZE, 3), np.uint8), np.empty((0, 2, 3)), ())
    empty = AlignedFrame(item.aligned.frame, False, (), none)
    list(calm.push(empty))
    assert not calm._known
    assert list(calm.flush())[-1] is empty


def test_parts_of_a_calm_source_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="1 crops, 2 of their light and 1 of their past"):
        CalmSource(
            restored(*2 * [levels(FACE)]).pixels, np.zeros((2, 4, 4, 3), np.float32), (None,)
        )


@pytest.mark.parametrize(
    "options", [{"blend": 1.0}, {"blend": -0.1}, {"tolerance": 0.0}, {"lookahead": -1}]
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match="must be"):
        Calm(**options)


def test_what_moves_is_shown_as_it_is():
    """Interpolating it anew on each frame would wear its detail down."""

    def scene(index):
        return np.roll(FACE, 2 * index, axis=1)

    moving, standing = (list(clip(12, scene=s, grain=4)) for s in (scene, lambda _: FACE))
    apart = [
        np.mean([np.abs(a - b.astype(int))[INNER].mean() for a, b in zip(*pair, strict=True)])
        for pair in ((shown(calmed(items))[1:], sources(items)[1:]) for items in (moving, standing))
    ]
    assert apart[0] < 0.3 * apart[1]
