from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.made_pictures.faces import as_shown, landmarks, paint, skin, tracked
from tests.stand_ins.details import telling
from tests.stand_ins.stages import aligning
from vidrestore.datatypes import AlignedFrame, BlendedFrame, FrameFormat, TrackedFrame
from vidrestore.restore.detail import FineDetail, Refine

SIZE = 64
FINE, COARSE = 3.0, 6.0


def refining(texture: float = 1.0, gain: float = 0.0, sharpen: float = 1.0) -> Refine:
    return Refine(FineDetail(telling(FINE, COARSE, gain), SIZE), sharpen, texture)


def drawn(side: int, amount: float = 1.0, share: float = 1.0, dtype: type = np.uint8) -> np.ndarray:
    """What is drawn over gray, levels of 0..255."""
    unit = 1 if dtype is np.uint8 else 257
    gray = np.full((side, side, 3), 128 * unit, dtype)
    over = refining(amount).refined(gray, gray, share)
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


def aligned() -> AlignedFrame:
    frame = paint(skin, FrameFormat(320, 240, "rgb", "rgb", chroma_shift=(0, 0)))
    faces = (tracked(landmarks(90, 120, 60)), tracked(landmarks(230, 120, 60), 2))
    (found,) = aligning(SIZE, min_face=0).push(TrackedFrame(frame, True, faces))
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


def stripes(side: int, dtype: type = np.uint8) -> np.ndarray:
    """Dark and bright columns, the finest there are, whose ends no gain reaches."""
    columns = np.where(np.arange(side) % 2, 140, 116).astype(dtype)
    return np.broadcast_to(columns[None, :, None], (side, side, 3)) * dtype(
        1 if dtype is np.uint8 else 257
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(("gain", "sharpen"), [(0.5, 1.0), (-1.0, 1.0), (1.0, 0.5), (1.0, 0.0)])
def test_the_finest_octave_of_large_crops_has_its_gain(gain, sharpen, dtype) -> None:
    crop = stripes(2 * SIZE, dtype)
    after = refining(0.0, gain, sharpen).refined(crop, crop, 1.0)
    assert after.dtype == dtype
    unit = 1 if dtype is np.uint8 else 257
    around = np.abs(after[8:-8, 8:-8].astype(float) / unit - 128)
    np.testing.assert_allclose(around, 12 * (1 + sharpen * gain), atol=0.6)


def test_a_crop_of_the_models_own_size_has_no_finer_octave() -> None:
    crop = stripes(SIZE)
    assert refining(0.0, 1.0).refined(crop, crop, 1.0) is crop


def test_what_a_gain_brings_is_not_drawn_once_more() -> None:
    crop = stripes(2 * SIZE)  # of deviation 12, of which a quarter is all that is missing
    with_gain = refining(1.0, 0.25).refined(crop, crop, 1.0).astype(float)
    alone = refining(0.0, 0.25).refined(crop, crop, 1.0).astype(float)
    assert float((with_gain - alone).std()) == pytest.approx(COARSE, rel=0.1)
