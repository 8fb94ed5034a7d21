from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_pictures.faces import (
    FORMATS,
    changed,
    chroma_places,
    frame_format,
    landmarks,
    paint,
    skin,
    tracked,
)
from tests.stand_ins.stages import aligning, pasting
from vidrestore.datatypes import BlendedFrame, Denoised, LeftAlone, Neighbour, Reason, TrackedFrame
from vidrestore.picture.face_size import eyes_to_chin
from vidrestore.picture.outline import dilated, face_outline


def restored(frame, faces, change, size=64, shot_start=True):
    tracked_frame = TrackedFrame(frame, shot_start, tuple(faces))
    (aligned,) = aligning(size, min_face=0).push(tracked_frame)
    return changed(aligned, change)


def invert(pixels):
    return np.iinfo(pixels.dtype).max - pixels


def pasted(item, **options):
    (result,) = pasting(**options).push(item)
    return result


def within(x, y, polygon, slack=1e-3):
    """Whether points lie in a convex polygon, by the signs of cross products."""
    ahead = np.roll(polygon, -1, axis=0) - polygon
    cross = [a[0] * (y - p[1]) - a[1] * (x - p[0]) for p, a in zip(polygon, ahead, strict=True)]
    cross = np.array(cross) / np.linalg.norm(ahead, axis=1)[:, None, None]
    return (cross >= -slack).all(axis=0) | (cross <= slack).all(axis=0)


def changed_luma(before, after):
    """Luma samples that changed in any plane; a chroma sample stands for all it covers."""
    fmt = before.format
    changed = np.zeros((fmt.height, fmt.width), bool)
    for number, (a, b) in enumerate(zip(before.planes, after.planes, strict=True)):
        differs = a != b
        if number in {1, 2} and fmt.layout == "yuv":
            sx, sy = fmt.chroma_shift
            differs = differs.repeat(1 << sy, axis=0).repeat(1 << sx, axis=1)
            differs = differs[: fmt.height, : fmt.width]
        changed |= differs
    return changed


PLACES = st.tuples(
    st.floats(-30, 340), st.floats(-30, 250), st.floats(8, 300), st.floats(-180, 180)
)


@given(st.sampled_from(sorted(FORMATS)), PLACES, st.sampled_from([(320, 240), (319, 237)]))
@settings(max_examples=60, deadline=None)
def test_nothing_changes_outside_the_region_or_the_dilated_outline(name, place, shape):
    frame = paint(skin, frame_format(name, *shape))
    points = landmarks(*place)
    result = pasted(restored(frame, [tracked(points)], invert), colour=False)
    before = [plane.copy() for plane in frame.planes]
    changed = changed_luma(frame, result.frame)
    assert all(np.array_equal(a, b) for a, b in zip(before, frame.planes, strict=True))

    allowed = np.zeros_like(changed)
    for region in result.regions:
        assert 0 <= region.x0 < region.x1 <= frame.format.width
        assert 0 <= region.y0 < region.y1 <= frame.format.height
        allowed[region.y0 : region.y1, region.x0 : region.x1] = True
    assert not (changed & ~allowed).any()

    x, y = np.meshgrid(np.arange(shape[0]), np.arange(shape[1]))
    inside = within(x, y, dilated(face_outline(points), 0.25))
    luma = frame.planes[0] != result.frame.planes[0]
    assert not (luma & ~inside).any()
    if frame.format.layout == "yuv":
        sx, sy = frame.format.chroma_shift
        grown = np.pad(inside, ((0, -shape[1] % (1 << sy)), (0, -shape[0] % (1 << sx))))
        rows, columns = grown.shape[0] >> sy, grown.shape[1] >> sx
        covers = grown.reshape(rows, 1 << sy, columns, 1 << sx).any(axis=(1, 3))
        for number in (1, 2):
            chroma = frame.planes[number] != result.frame.planes[number]
            assert not (chroma & ~covers).any()
    if frame.format.alpha:
        assert result.frame.planes[-1] is frame.planes[-1]


@given(st.sampled_from(sorted(FORMATS)), PLACES, st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_restorer_that_returns_its_input_changes_nothing(name, place, colour):
    frame = paint(skin, frame_format(name))
    item = restored(frame, [tracked(landmarks(*place))], lambda pixels: pixels.copy())
    assert pasted(item, colour=colour).frame is frame


@pytest.mark.parametrize("name", FORMATS)
def test_strength_zero_is_the_source_and_one_is_the_most(name):
    frame = paint(skin, frame_format(name))
    item = restored(frame, [tracked(landmarks(160, 120, 90, 10))], invert)
    nothing = pasted(item, strength=0.0)
    assert nothing.frame is frame
    assert nothing.regions == ()
    assert nothing.left == (LeftAlone(1, Reason.OFF),)
    half, full = (pasted(item, strength=s).frame.planes[0] for s in (0.5, 1.0))
    source = frame.planes[0].astype(int)
    assert np.abs((half - source) * 2 - (full - source)).max() <= 1
    assert np.abs(full - source).max() > 10 << (frame.format.bits - 8)


def test_a_frame_without_faces_passes_as_it_is():
    frame = paint(skin, frame_format("yuv420p"))
    result = pasted(restored(frame, [], invert))
    assert result.frame is frame
    assert result.regions == ()
    assert not result.frame.touched
    assert result.shot_start


def test_the_result_is_marked_and_read_only():
    frame = paint(skin, frame_format("yuv420p"))
    result = pasted(restored(frame, [tracked(landmarks(160, 120, 90), 5)], invert)).frame
    assert result.touched
    assert (result.pts, result.index) == (frame.pts, frame.index)
    assert not any(plane.flags.writeable for plane in result.planes)


@pytest.mark.parametrize("name", FORMATS)
def test_inside_the_face_the_restoration_is_there(name):
    fmt = frame_format(name)
    frame = paint(skin, fmt)
    points = landmarks(160.3, 118.6, 80, 12)
    shift = 20 << (fmt.bits - 8) if fmt.bits == 8 else 20 * 257
    item = restored(frame, [tracked(points)], lambda pixels: pixels + pixels.dtype.type(shift))
    result = pasted(item, colour=False).frame
    x, y = np.meshgrid(np.arange(fmt.width), np.arange(fmt.height))
    core = within(x, y, dilated(face_outline(points), -0.25))
    gain = (1 << (fmt.bits - 8)) * (1 if fmt.full_range else 219 / 255)
    moved = result.planes[0].astype(int) - frame.planes[0]
    assert np.abs(moved[core] - 20 * gain).max() <= 1.5 * (1 << max(fmt.bits - 10, 0))
    if fmt.layout == "yuv":
        assert all(result.planes[i] is frame.planes[i] for i in (1, 2))


@pytest.mark.parametrize("name", ["gray16le", "yuv420p10le", "yuv420p", "yuv444p", "yuv411p"])
@pytest.mark.parametrize("height", [25.0, 60.0, 150.0])
def test_a_pattern_comes_back_to_its_place(name, height):
    """A blob drawn in the crop appears in every plane where the crop's geometry puts it."""
    size, fmt, at = 128, frame_format(name), (58.3, 70.8)
    frame = paint(lambda x, _: np.broadcast_to((90.0, 90.0, 110.0), (*x.shape, 3)), fmt)
    # Wide enough for the coarser of crop and chroma to show it.
    wide = min(max(5.0, 128 / height) * (1 << max(fmt.chroma_shift)), 14.0)

    def blob(x, y):
        return np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * wide**2))

    def draw(pixels):
        colour = np.array([120, 30, -60]) * (1 if pixels.dtype == np.uint8 else 257)
        drawn = blob(*np.meshgrid(np.arange(size), np.arange(size)))
        return (pixels + drawn[..., None] * colour).round().astype(pixels.dtype)

    item = restored(frame, [tracked(landmarks(161.3, 119.8, height, 23))], draw, size)
    matrix = item.aligned.crops.crop_from_frame[0]
    result = pasted(item, colour=False).frame
    for number, (before, after) in enumerate(zip(frame.planes, result.planes, strict=True)):
        x, y = np.arange(before.shape[1], dtype=float), np.arange(before.shape[0], dtype=float)
        if number and fmt.layout == "yuv":
            x, y = chroma_places(fmt)
        where = np.stack(np.meshgrid(x, y), -1) @ matrix[:, :2].T + matrix[:, 2]
        expected = blob(where[..., 0], where[..., 1])
        core = expected > 0.4
        # The shift that explains what is there, by least squares.
        slopes = -(where - at) / wide**2 * expected[..., None]
        design = np.column_stack([expected[core], -slopes[core] @ matrix[:, :2]])
        moved = (after.astype(float) - before)[core]
        amount, *shift = np.linalg.lstsq(design, moved, rcond=None)[0]
        assert abs(amount) > 5 << (fmt.bits - 8)
        exact = 0.05 if number == 0 else 0.08
        assert np.hypot(*shift) / abs(amount) < exact, (number, shift / amount)


def test_legal_samples_stay_legal_and_others_go_no_further():
    frame = paint(skin, frame_format("yuv420p"))
    luma = frame.planes[0].copy()
    luma[100:110, 150:170] = 245  # brighter than white, as cameras record
    luma[120:130, 150:170] = 5
    luma.flags.writeable = False
    frame = replace(frame, planes=(luma, *frame.planes[1:]))
    points = landmarks(160, 120, 90)
    for level in (0, 255):
        item = restored(frame, [tracked(points)], lambda p, level=level: np.full_like(p, level))
        result = pasted(item, colour=False).frame.planes[0]
        assert result.max() <= 245
        assert result.min() >= 5
        if level:
            assert result[100:110, 150:170].max() == 245
        else:
            assert result[120:130, 150:170].min() == 5
        ordinary = (luma >= 16) & (luma <= 235)
        assert result[ordinary].max() <= 235
        assert result[ordinary].min() >= 16


def test_a_gray_video_stays_gray():
    def gray(x, y):
        return np.repeat(skin(x, y)[..., :1], 3, axis=-1)

    frame = paint(gray, frame_format("yuv420p"))
    item = restored(
        frame, [tracked(landmarks(160, 120, 90))], lambda p: p + np.array((9, 60, 30), p.dtype)
    )
    for colour in (True, False):
        result = pasted(item, colour=colour).frame
        assert result.planes[1] is frame.planes[1]
        assert result.planes[2] is frame.planes[2]


def test_a_shift_of_colour_does_not_reach_the_frame():
    frame = paint(skin, frame_format("yuv444p"))
    points = landmarks(160, 120, 90)
    item = restored(frame, [tracked(points)], lambda p: p + np.array((12, 4, 20), p.dtype))
    result = pasted(item).frame
    for before, after in zip(frame.planes, result.planes, strict=True):
        assert np.abs(after.astype(int) - before).max() <= 1


def two_faces(near_first):
    """Two faces over each other, the near one painted white and the far one black."""
    far, near = landmarks(140, 120, 60), landmarks(180, 120, 100)
    order = [near, far] if near_first else [far, near]
    faces = [tracked(points, i + 1) for i, points in enumerate(order)]

    def change(pixels):
        result = np.zeros_like(pixels)
        result[0 if near_first else 1] = 255
        return result

    return faces, change, near


@pytest.mark.parametrize("near_first", [True, False])
def test_the_nearer_of_two_faces_covers_the_other(near_first):
    frame = paint(skin, frame_format("yuv444p"))
    faces, change, near = two_faces(near_first)
    result = pasted(restored(frame, faces, change), colour=False)
    x, y = np.meshgrid(np.arange(320), np.arange(240))
    core = within(x, y, dilated(face_outline(near), -0.2))
    assert result.frame.planes[0][core].min() >= 233
    assert (result.frame.planes[0] == 16).any()
    assert [region.track_id for region in result.regions] == [1, 2]


def test_which_face_is_nearer_does_not_flip_from_frame_to_frame():
    paste = pasting(colour=False)
    middles = []
    for index in range(8):
        frame = paint(skin, frame_format("yuv444p"), index)
        wobble = 1.5 if index % 2 else -1.5
        faces = [
            tracked(landmarks(150, 120, 81 - wobble), 1),
            tracked(landmarks(170, 120, 80 + wobble), 2),
        ]
        assert (eyes_to_chin(faces[0].landmarks) < eyes_to_chin(faces[1].landmarks)) == (wobble > 0)

        def change(pixels):
            return np.stack([np.full_like(pixels[0], 255), np.zeros_like(pixels[1])])

        (result,) = paste.push(restored(frame, faces, change, shot_start=index == 0))
        middles.append(int(result.frame.planes[0][120, 160]))
    assert len(set(middles)) == 1
    assert list(paste.flush()) == []


def test_a_face_outside_the_frame_writes_nothing():
    frame = paint(skin, frame_format("yuv420p"))
    result = pasted(restored(frame, [tracked(landmarks(-300, 120, 60))], invert))
    assert result.frame is frame
    assert result.regions == ()
    assert result.left == (LeftAlone(1, Reason.OUTSIDE),)


def test_each_face_has_a_region_with_its_share_or_a_reason():
    frame = paint(skin, frame_format("yuv420p"))
    faces = [
        tracked(landmarks(80, 120, 90), 1),
        tracked(landmarks(240, 120, 90), 2, "coasting"),
        tracked(landmarks(-300, 120, 60), 3),
        tracked(landmarks(240, 120, 90), 4),
    ]
    result = pasted(restored(frame, faces, invert), strength=0.5)
    assert [(region.track_id, region.share) for region in result.regions] == [(1, 0.5), (4, 0.5)]
    assert result.left == (LeftAlone(2, Reason.UNSEEN), LeftAlone(3, Reason.OUTSIDE))


def test_a_face_that_is_wholly_covered_is_left_alone_as_that():
    frame = paint(skin, frame_format("yuv420p"))
    item = restored(frame, [tracked(landmarks(160, 120, 90))], invert)
    assert pasted(item, colour=False).regions
    result = pasted(item, colour=False, occlusion=True)
    assert result.frame is frame
    assert result.regions == ()
    assert result.left == (LeftAlone(1, Reason.COVERED),)


@pytest.mark.parametrize("name", ["gray", "gbrp"])
@pytest.mark.parametrize(("height", "left"), [(30.0, 0.35), (50.0, 0.35), (280.0, 1.0)])
def test_noise_too_fine_for_a_crop_goes_as_averaging_would_have_it(name, height, left):
    """Where the crop holds all of the face's detail, and only there: else it may be detail."""
    rng = np.random.default_rng(0)
    clean = paint(lambda x, _: np.full((*x.shape, 3), 120.0), frame_format(name, 400, 400))
    noise = rng.integers(-12, 13, clean.planes[0].shape)
    plane = (clean.planes[0] + noise).astype(np.uint8)
    plane.flags.writeable = False
    frame = replace(clean, planes=len(clean.planes) * (plane,))
    points = landmarks(200, 190, height)
    (aligned,) = aligning(128, min_face=0).push(TrackedFrame(frame, True, (tracked(points),)))
    (crop,) = aligned.crops.pixels
    still = Neighbour(1, np.zeros((16, 16, 2), np.float32), np.full((16, 16), 8.0, np.float32), 0.0)
    averaged = np.full_like(crop, 120)
    denoised = replace(aligned, denoised=Denoised((averaged,), ((still,),), 1.0))
    result = pasted(BlendedFrame(denoised, (averaged,), (0.0,))).frame.planes[0].astype(int)
    x, y = np.meshgrid(np.arange(400), np.arange(400))
    core = within(x, y, dilated(face_outline(points), -0.3))
    assert (result - clean.planes[0])[core].std() < left * noise[core].std()
    if left == 1:
        assert (result - clean.planes[0])[core].std() > 0.8 * noise[core].std()


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize(
    ("name", "samples"),
    [
        ("yuv420p", (250, 128, 128)),  # whiter than nominal white
        ("yuv420p", (200, 110, 165)),  # no red is as red
        ("gbrp", (120, 120, 120)),
        ("gbrp", (4, 250, 120)),
    ],
)
def test_what_rgb_cannot_show_is_not_taken_for_noise(name, samples, full_range):
    fmt = replace(frame_format(name), full_range=full_range)
    planes = []
    for shape, value in zip(fmt.plane_shapes(), samples, strict=True):
        planes.append(np.full(shape, value, np.uint8))
        planes[-1].flags.writeable = False
    frame = replace(paint(skin, frame_format(name)), planes=tuple(planes), format=fmt)
    faces = (tracked(landmarks(160, 120, 90)),)
    (aligned,) = aligning(256).push(TrackedFrame(frame, True, faces))
    (crop,) = aligned.crops.pixels
    still = Neighbour(1, np.zeros((16, 16, 2), np.float32), np.full((16, 16), 8.0, np.float32), 0.0)
    averaged = replace(aligned, denoised=Denoised((crop.copy(),), ((still,),), 1.0))
    result = pasted(BlendedFrame(averaged, (crop.copy(),), (1.0,)))
    for before, after in zip(frame.planes, result.frame.planes, strict=True):
        assert np.array_equal(after, before)
