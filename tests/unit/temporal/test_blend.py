from __future__ import annotations

import numpy as np
import pytest

from tests.made_pictures.boiling import (
    EVERYWHERE,
    EYES,
    FACE,
    INNER,
    aligned,
    blend,
    blended,
    clip,
    denoise,
    denoised,
    error,
    first,
    levels,
    restored,
)
from vidrestore.datatypes import RestoredFrame
from vidrestore.temporal import Blend


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_boiling_skin_comes_to_rest(dtype):
    items = restored(denoised(list(clip(16, dtype=dtype, grain=1))))
    results = first(blended(items))
    assert results[0].dtype == dtype
    scale = 1 if dtype == np.uint8 else 257

    def boil(crops):
        return (np.stack(crops) / scale).std(axis=0)[INNER].mean()

    assert boil(results) < 0.45 * boil([item.pixels[0] for item in items])


def test_amount_zero_is_off():
    items = restored(denoised(list(clip(4))))
    for result, item in zip(blended(items, blend(blend=0.0)), items, strict=True):
        # Chroma is kept at half size, which moves a sample by a level at most.
        assert np.abs(result.pixels[0].astype(int) - item.pixels[0]).max() <= 1


def test_what_does_not_change_is_left_as_it_is():
    items = restored(denoised(list(clip(6, grain=0))), boil=0)
    for result, item in zip(blended(items), items, strict=True):
        assert np.array_equal(result.pixels[0], item.aligned.base[0])


def test_a_change_of_the_source_ends_what_others_say_at_once():
    """A lid that falls: what the restorer drew on the open eye is not on the lid."""

    def scene(index):
        return FACE - 70 * EYES * (index >= 5)

    around = np.s_[46:55, 54:74]
    frames = denoised(list(clip(11, scene=scene, grain=1)))
    items = []
    for index, frame in enumerate(frames):
        drawn = levels(frame.base[0] + 60.0 * EYES * (index < 5))
        items.append(RestoredFrame(frame, frame.base, [drawn]))
    for index, result in enumerate(first(blended(items))):
        wanted = scene(index) + 60.0 * EYES * (index < 5)
        assert error(result, wanted, around) < 6, index


def test_the_change_goes_with_a_face_that_moves():
    def scene(index):
        return np.roll(FACE, (index, 2 * index), axis=(0, 1))

    items = restored(denoised(list(clip(10, scene=scene, grain=1))))
    results = first(blended(items))
    assert error(results[5], scene(5)) < 0.5 * error(items[5].pixels[0], scene(5))


def test_the_share_is_used_and_told():
    items = restored(denoised(list(clip(4))))
    whole, half, none = (blended(items, blend(share)) for share in (1.0, 0.5, 0.0))
    assert [frame.shares for frame in half] == 4 * [(0.5,)]
    for a, b, c in zip(first(whole), first(half), none, strict=True):
        assert c.pixels[0] is c.aligned.base[0]
        middle = (a.astype(int) + c.pixels[0]) / 2
        assert np.abs(b - middle)[INNER].max() <= 1.5


def test_a_restorer_that_loses_detail_gets_no_share():
    frames = denoised(list(clip(12, grain=0)))
    dull = [
        RestoredFrame(f, f.base, [levels(f.base[0].mean() + 0.5 * (f.base[0] - f.base[0].mean()))])
        for f in frames
    ]
    assert all(frame.shares == (0.0,) for frame in blended(dull, blend(None)))


def test_a_restorer_of_another_size_is_fitted_in():
    frames = denoised(
        [aligned(levels(np.kron(FACE, np.ones((2, 2, 1)))), index=n) for n in range(3)]
    )
    shown = [levels(FACE)]
    items = [RestoredFrame(f, shown, [levels(FACE + 20)]) for f in frames]
    for frame in blended(items):
        assert frame.pixels[0].shape == frame.aligned.base[0].shape
        assert (frame.pixels[0].astype(int) - frame.aligned.base[0])[INNER] == pytest.approx(
            20, abs=1
        )


def test_without_denoise_each_frame_stands_alone():
    items = restored(list(clip(5)))
    for result, item in zip(blended(items), items, strict=True):
        assert np.abs(result.pixels[0].astype(int) - item.pixels[0]).max() <= 1


def test_nothing_crosses_a_cut():
    items = [
        aligned(i.crops.pixels[0], index=n, shot_start=n in {0, 4}) for n, i in enumerate(clip(9))
    ]
    made = restored(denoised(items))
    together = first(blended(made))
    apart = first(blended(made[:4])) + first(blended(made[4:]))
    assert all(np.array_equal(a, b) for a, b in zip(together, apart, strict=True))


def test_a_piece_gives_what_the_whole_gives():
    """Bit for bit, away from the cut by what both stages look at."""
    items = restored(denoised(list(clip(30)), denoise(rest=6)))
    whole = first(blended(items, blend(None)))
    piece = first(blended(items[6:], blend(None)))
    assert all(np.array_equal(a, b) for a, b in zip(piece[8:], whole[14:], strict=True))


def test_each_frame_comes_after_the_frames_that_it_waits_for():
    stage = blend()
    counts = [len(list(stage.push(item))) for item in restored(list(clip(11)))]
    assert counts == [0] * 8 + [1] * 3
    assert len(list(stage.flush())) == 8
    assert not list(stage.flush())


def test_the_whole_change_is_used_of_crops_that_are_weighed_later():
    """However much detail the face shows, of which others get less."""
    lines = 60 * EYES * np.sin(1.5 * np.arange(len(EYES)))[:, None]
    frame = aligned(levels(FACE + lines))
    item = RestoredFrame(frame, frame.crops.pixels, [levels(FACE + 2 * lines)])
    side, shares = len(frame.base[0]), []
    for weighed in (side, 2 * side, None):
        stage = Blend(1.0, 4, None, EVERYWHERE, weighed=weighed)
        (result,) = blended([item], stage)
        shares.append(result.shares[0])
    assert shares[0] == 1
    assert shares[1] == shares[2] == pytest.approx(0.5, abs=0.2)


@pytest.mark.parametrize(
    "options", [(1.1, 4, None), (-0.1, 4, None), (1.0, 4, 1.5), (1.0, 4, -0.5)]
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match="must be"):
        Blend(*options, 0.25)
