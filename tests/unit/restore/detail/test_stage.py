from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.made_pictures.faces import as_shown, landmarks, paint, skin, tracked
from tests.stand_ins.details import of_detail
from tests.stand_ins.stages import aligning
from vidrestore.datatypes import AlignedFrame, BlendedFrame, Denoised, FrameFormat, TrackedFrame
from vidrestore.picture.luma import luma_of
from vidrestore.restore.detail import FineDetail, Refine

SIZE = 64
FINE, COARSE = 3.0, 6.0


def refining(texture: float = 1.0, gain: float = 0.0, *, refine: bool = True) -> Refine:
    return Refine(of_detail(SIZE, FINE, COARSE, gain), refine=refine, texture=texture)


def drawn(side: int, amount: float = 1.0, share: float = 1.0, dtype: type = np.uint8) -> np.ndarray:
    """What is drawn over gray, levels of 0..255."""
    unit = 1 if dtype is np.uint8 else 257
    gray = np.full((side, side, 3), 128 * unit, dtype)
    over = refining(amount).refined(gray, gray, gray, share)
    assert over.dtype == dtype
    return (over.astype(float) - gray) / unit


def octave(picture: np.ndarray) -> tuple[float, float]:
    """Deviations of the finest octave and of the rest."""
    half = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    rest = cv2.resize(half, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return float((picture - rest).std()), float(half.std())


def test_each_octave_has_the_strength_that_is_missing() -> None:
    whole = drawn(2 * SIZE)
    assert float(whole.std()) == pytest.approx(np.hypot(FINE, COARSE), rel=0.15)
    alone = drawn(SIZE)
    assert float(alone.std()) == pytest.approx(COARSE, rel=0.05)
    fine, rest = octave(whole[..., 0])
    assert fine == pytest.approx(FINE, rel=0.3)
    assert rest == pytest.approx(COARSE, rel=0.3)


def test_it_is_gray_and_never_moves() -> None:
    once, again = drawn(2 * SIZE, dtype=np.uint16), drawn(2 * SIZE, dtype=np.uint16)
    np.testing.assert_array_equal(once, again)
    assert abs(once - once[..., :1]).max() < 0.01
    assert float(cv2.resize(once, (8, 8), interpolation=cv2.INTER_AREA).std()) < 0.3


def test_amount_and_share_scale_it() -> None:
    whole = drawn(SIZE, dtype=np.uint16)
    np.testing.assert_allclose(drawn(SIZE, 0.5, dtype=np.uint16), whole / 2, atol=0.01)
    np.testing.assert_allclose(drawn(SIZE, share=0.25, dtype=np.uint16), whole / 2, atol=0.01)
    np.testing.assert_allclose(drawn(SIZE, share=0.6, dtype=np.uint16), whole, atol=0.01)


def aligned(side: int = SIZE) -> AlignedFrame:
    frame = paint(skin, FrameFormat(320, 240, "rgb", "rgb", chroma_shift=(0, 0)))
    faces = (tracked(landmarks(90, 120, 60)), tracked(landmarks(230, 120, 60), 2))
    (found,) = aligning(side, min_face=0).push(TrackedFrame(frame, True, faces))
    return found


def test_a_face_of_which_nothing_was_restored_stays() -> None:
    before = aligned()
    item = BlendedFrame(before, before.crops.pixels, (1.0, 0.0))
    (after,) = refining().push(item)
    assert after.pixels[1] is item.pixels[1]
    assert (after.pixels[0] != item.pixels[0]).any()
    assert (after.aligned, after.shares) == (item.aligned, item.shares)


def test_a_frame_without_faces_passes() -> None:
    empty = aligned()
    empty = AlignedFrame(empty.frame, False, (), type(empty.crops)((), np.empty((0, 2, 3)), ()))
    (after,) = refining().push(as_shown(empty, ()))
    assert after.pixels == ()
    assert not list(refining().flush())


def rough(side: int, dtype: type = np.uint8) -> np.ndarray:
    """A gray crop with structure."""
    draws = np.random.default_rng(0).normal(0, 40, (side, side)).astype(np.float32)
    luma = 128 + cv2.GaussianBlur(draws, (0, 0), 1.0)
    unit = 1 if dtype is np.uint8 else 257
    return np.repeat((luma[..., None] * unit).round(), 3, 2).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(("share", "part"), [(1.0, 1.0), (0.5, 1.0), (0.25, 0.5)])
def test_large_crops_are_refined_by_their_share(share: float, part: float, dtype: type) -> None:
    crop = rough(2 * SIZE, dtype)
    after = refining(0.0, 0.5).refined(crop, crop, crop, share)
    assert after.dtype == dtype
    unit = 1 if dtype is np.uint8 else 257
    levels = crop[..., 0].astype(np.float32) / unit
    wanted = 0.5 * part * (levels - cv2.GaussianBlur(levels, (0, 0), 8.0))
    changed = (after.astype(float) - crop)[..., 1] / unit
    inner = np.s_[16:-16, 16:-16]
    assert float((changed - wanted)[inner].std()) < 0.2 * float(wanted.std()) + 0.3


def test_only_large_crops_are_refined_and_only_where_that_is_asked_for() -> None:
    small, crop = rough(SIZE), rough(2 * SIZE)
    assert refining(0.0, 0.5).refined(small, small, small) is small
    assert refining(0.0, 0.5, refine=False).refined(crop, crop, crop) is crop
    assert refining(0.0, 0.5).refined(crop, crop, crop, 0.0) is crop


def test_the_frame_alone_and_its_scale_are_seen() -> None:
    """A network is asked of the frame's own crop, and of how large its pixels are in it."""
    asked = []

    class Asked(FineDetail):
        def refinement(
            self, own: np.ndarray, base: np.ndarray, result: np.ndarray, pixel: float
        ) -> np.ndarray:
            asked.append((own, pixel))
            return super().refinement(own, base, result, pixel)

    before = aligned(2 * SIZE)
    detail = of_detail(SIZE, FINE, COARSE, 0.5)
    asking = Asked(SIZE, detail.missing_network, detail.refinement_network)
    denoised = tuple(np.full_like(crop, 90) for crop in before.crops.pixels)
    item = BlendedFrame(
        replace(before, denoised=Denoised(denoised, ((), ()), 1.0)), denoised, (1.0, 1.0)
    )
    list(Refine(asking, refine=True, texture=0.0).push(item))
    crops = before.crops
    faces = zip(asked, crops.pixels, crops.crop_from_frame, strict=True)
    for (own, pixel), crop, matrix in faces:
        np.testing.assert_allclose(own, luma_of(crop))
        assert pixel == pytest.approx(np.hypot(*matrix[:, 0]))


def test_texture_is_what_refined_results_lack() -> None:
    """What is missing is asked of the refined crop."""
    asked = []

    class Asked(FineDetail):
        def missing(self, base: np.ndarray, result: np.ndarray) -> np.ndarray:
            asked.append(result)
            return super().missing(base, result)

    detail = of_detail(SIZE, FINE, COARSE, 0.5)
    asking = Asked(SIZE, detail.missing_network, detail.refinement_network)
    crop = rough(2 * SIZE)
    after = Refine(asking, refine=True, texture=1.0).refined(crop, crop, crop)
    alone = Refine(asking, refine=True, texture=0.0).refined(crop, crop, crop)
    assert float((asked[0] - alone[..., 0]).std()) < 0.5
    drawn = after.astype(float) - alone
    assert float(drawn.std()) == pytest.approx(np.hypot(FINE, COARSE), rel=0.15)
