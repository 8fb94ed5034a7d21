from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.made_pictures.faces import as_shown, frame_format, landmarks, paint, tracked
from tests.stand_ins.stages import aligning, pasting
from vidrestore.datatypes import TrackedFrame
from vidrestore.paste import Regrain
from vidrestore.picture.outline import dilated, face_outline

SIZE = 256
POINTS = landmarks(160, 120, 120)
Y, X = np.mgrid[:240, :320]


def shaded(x, y):
    light = 120 + 30 * np.sin(x / 70) + 20 * np.cos(y / 60)
    return np.stack([light + 20, light, light - 12], axis=-1)


def draw(scene, grain, name="yuv420p", index=0):
    """A frame of a scene with the same grain in each channel, and the scene's crop without it."""
    fmt = frame_format(name)
    clean = paint(scene, fmt, index)
    frame = paint(lambda x, y: scene(x, y) + grain(index, x.shape)[..., None], fmt, index)
    (aligned,) = aligning(SIZE).push(TrackedFrame(frame, index == 0, (tracked(POINTS),)))
    (without,) = aligning(SIZE).push(TrackedFrame(clean, True, (tracked(POINTS),)))
    return aligned, without.crops.pixels


def fresh(sigma, clump=0.0):
    def grain(index, shape):
        white = np.random.default_rng((index, *shape)).standard_normal(shape, np.float32)
        if clump:
            white = cv2.GaussianBlur(white, (0, 0), clump)
        return sigma * white / white.std()

    return grain


def grainless(_, shape):
    return np.zeros(shape)


def run(scene, grain, *, name="yuv420p", kept=0.0, amount="auto", frames=4):
    """The last frame's luma, of source and result, in levels of its own scale.

    Args:
        kept: how much of the grain the restorer leaves.
    """
    paste = pasting(colour=False, regrain=Regrain(amount))
    for index in range(frames):
        aligned, clean = draw(scene, grain, name, index)
        own = aligned.crops.pixels[0]
        drawn = kept * own + (1 - kept) * clean[0].astype(np.float64)
        (result,) = paste.push(as_shown(aligned, [drawn.round().astype(own.dtype)]))
    unit = 1 << (result.frame.format.bits - 8)
    return aligned.frame, result.frame, unit


def region(growth):
    area = np.zeros(Y.shape, np.uint8)
    outline = np.round(dilated(face_outline(POINTS), growth)).astype(np.int32)
    cv2.fillConvexPoly(area, outline, 1)
    return area > 0


INSIDE, AROUND = region(-0.15), region(0.8) & ~region(0.3)


def strength(plane, where, unit=1):
    """Standard deviation of what is finer than shading."""
    plane = plane.astype(np.float32) / unit
    return float((plane - cv2.GaussianBlur(plane, (0, 0), 2))[where].std())


@pytest.mark.parametrize("name", ["yuv420p", "yuv444p", "gray", "gbrp", "yuv420p10le"])
@pytest.mark.parametrize("clump", [0.0, 0.8])
def test_a_face_gets_the_grain_that_is_around_it(name, clump):
    source, result, unit = run(shaded, fresh(5, clump), name=name)
    around = strength(source.planes[0], AROUND, unit)
    assert strength(result.planes[0], INSIDE, unit) == pytest.approx(around, rel=0.15)
    without, unit = run(shaded, fresh(5, clump), name=name, amount=0.001)[1:]
    # A crop as fine as the frame cannot hold all of the finest grain.
    assert strength(without.planes[0], INSIDE, unit) < (0.4 if clump else 0.75) * around


def test_it_is_no_grain_of_colour_where_there_was_none():
    source, result, _ = run(shaded, fresh(5), name="gbrp")
    moved = [a.astype(int) - b for a, b in zip(result.planes, source.planes, strict=True)]
    assert np.std(moved[0][INSIDE]) > 3
    assert np.abs(moved[0] - moved[1])[INSIDE].mean() < 0.6
    assert np.abs(moved[0] - moved[2])[INSIDE].mean() < 0.6


def test_it_is_as_strong_as_tones_are():
    def by_tone(index, shape):
        tone = shaded(X, Y)[..., 1] / 255
        return fresh(7)(index, shape) * tone if shape == tone.shape else 0.0

    source, result, _ = run(shaded, by_tone, name="gray", frames=6)
    tone = shaded(X, Y)[..., 1]
    bright, dark = INSIDE & (tone > 135), INSIDE & (tone < 115)
    assert min(bright.sum(), dark.sum()) > 500
    for where in (bright, dark):
        own = strength(source.planes[0], where)
        assert strength(result.planes[0], where) == pytest.approx(own, rel=0.15)


@pytest.mark.parametrize("kept", [0.3, 0.7])
def test_it_fills_up_and_gives_no_more(kept):
    source, result, _ = run(shaded, fresh(5), kept=kept)
    around = strength(source.planes[0], AROUND)
    assert strength(result.planes[0], INSIDE) == pytest.approx(around, rel=0.15)
    assert strength(result.planes[0], INSIDE) < 1.03 * around


def test_the_edge_of_the_mask_is_no_edge_of_grain():
    source, result, _ = run(shaded, fresh(5), frames=8)
    around = strength(source.planes[0], AROUND)
    for growth in np.arange(-0.05, 0.26, 0.05):
        band = region(growth + 0.05) & ~region(growth)
        assert strength(result.planes[0], band) == pytest.approx(around, rel=0.15)


def hatched(x, y):
    return shaded(x, y) + (9 * np.sin(1.9 * x) * np.sin(2.3 * y))[..., None]


@pytest.mark.parametrize("scene", [shaded, hatched])
@pytest.mark.parametrize("amount", ["auto", 1.0])
def test_a_clean_source_gets_exactly_nothing(scene, amount):
    """Fine texture is not grain, though the restorer takes it away: it stands still."""

    def lasts(paste):
        for index in range(4):
            aligned, _ = draw(scene, grainless, index=index)
            soft = [cv2.GaussianBlur(aligned.crops.pixels[0], (0, 0), 4)]
            (result,) = paste.push(as_shown(aligned, soft))
        return result.frame

    # On the first frame alone nobody can know; from the second on it is seen.
    plain = lasts(pasting(colour=False))
    with_grain = lasts(pasting(colour=False, regrain=Regrain(amount)))
    assert all(np.array_equal(a, b) for a, b in zip(plain.planes, with_grain.planes, strict=True))


def test_a_source_whose_grain_is_hardly_seen_gets_none():
    plain = run(shaded, fresh(0.7), amount=0.001)[1]
    result = run(shaded, fresh(0.7))[1]
    assert all(np.array_equal(a, b) for a, b in zip(plain.planes, result.planes, strict=True))


def test_who_returns_the_source_gets_it_back():
    source, result, _ = run(shaded, fresh(5), kept=1.0)
    assert result is source


def test_nothing_changes_beyond_the_mask():
    source, result, _ = run(shaded, fresh(5))
    (mask,) = (region(0.26) | (cv2.dilate(region(0.25).astype(np.uint8), np.ones((3, 3))) > 0),)
    assert np.array_equal(source.planes[0][~mask], result.planes[0][~mask])


def test_grain_belongs_to_a_moment_not_to_a_count_of_frames():
    """A piece cut out of a video gets the grain that the whole gets; two moments differ."""

    def pasted(index, pts):
        paste = pasting(colour=False, regrain=Regrain("auto"))
        aligned, clean = draw(shaded, fresh(5), index=0)
        frame = replace(aligned.frame, index=index, pts=pts)
        (result,) = paste.push(as_shown(replace(aligned, frame=frame), clean))
        return result.frame.planes[0].astype(int)

    assert np.array_equal(pasted(0, 40), pasted(7, 40))
    assert np.std((pasted(0, 40) - pasted(0, -80))[INSIDE]) > 3


def test_an_amount_is_a_share():
    source = run(shaded, fresh(6))[0]
    none, half, whole = (
        run(shaded, fresh(6), amount=amount)[1].planes[0].astype(int) for amount in (0.001, 0.5, 1)
    )
    assert np.std((half - none)[INSIDE]) == pytest.approx(
        np.std((whole - none)[INSIDE]) / 2, rel=0.1
    )
    assert strength(whole, INSIDE) <= 1.03 * strength(source.planes[0], AROUND)


@pytest.mark.parametrize("height", [14, 30, 60])
def test_small_faces_and_faces_at_the_edge_are_no_error(height):
    paste = pasting(regrain=Regrain("auto"))
    fmt = frame_format("yuv420p")
    grain = fresh(5)
    frame = paint(lambda x, y: shaded(x, y) + grain(0, x.shape)[..., None], fmt)
    faces = tuple(
        tracked(landmarks(x, y, height), number + 1)
        for number, (x, y) in enumerate([(5, 5), (160, 120), (318, 236)])
    )
    (aligned,) = aligning(SIZE, min_face=0).push(TrackedFrame(frame, True, faces))
    soft = [cv2.GaussianBlur(crop, (0, 0), 6) for crop in aligned.crops.pixels]
    (result,) = paste.push(as_shown(aligned, soft))
    assert len(result.regions) == 3
