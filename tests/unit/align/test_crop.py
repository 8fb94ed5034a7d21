from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_pictures.faces import FORMATS, frame_format, landmarks, paint, skin, tracked
from tests.stand_ins.stages import aligning
from vidrestore.align import crop_face
from vidrestore.datatypes import LeftAlone, Reason, TrackedFrame
from vidrestore.picture.similarity import similarity
from vidrestore.picture.template import template


def places(crop_from_frame, size):
    """Frame xy of every crop pixel."""
    x, y = np.meshgrid(np.arange(size), np.arange(size))
    points = np.stack([x, y], axis=-1) - crop_from_frame[:, 2]
    return points @ np.linalg.inv(crop_from_frame[:, :2]).T


def inside(points, fmt, margin=3):
    x, y = points[..., 0], points[..., 1]
    wide = (x > margin) & (x < fmt.width - 1 - margin)
    return wide & (y > margin) & (y < fmt.height - 1 - margin)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("height", [40.0, 90.0, 180.0])
def test_a_crop_shows_the_picture_at_its_place(name, height):
    fmt = frame_format(name)
    frame = paint(skin, fmt)
    points = landmarks(160, 120, height, 17)
    matrix = similarity(points, template("gpen", 128))
    crop = crop_face(frame, matrix, 128)
    where = places(matrix, 128)
    expected = skin(where[..., 0], where[..., 1])
    if fmt.layout == "gray":
        expected = np.repeat(expected @ (0.299, 0.587, 0.114), 3).reshape(expected.shape)
    assert crop.dtype == (np.uint8 if fmt.bits == 8 else np.uint16)
    error = crop / (1.0 if fmt.bits == 8 else 257.0) - expected
    error = error[inside(where, fmt, 5)]
    # Half a pixel of a frame would be 0.6 levels off in the mean; chroma is coded to 1.1 levels.
    assert np.abs(error).mean() < (0.75 if fmt.bits == 8 else 0.3)
    assert np.abs(error).max() < 5
    assert np.abs(error.mean(axis=0)).max() < 0.4


@given(
    st.floats(0, 320), st.floats(0, 240), st.floats(20, 260), st.floats(-180, 180), st.booleans()
)
@settings(max_examples=40, deadline=None)
def test_luma_lies_where_it_should_to_a_fraction_of_a_pixel(x, y, height, angle, tall):
    size = 192 if tall else 64
    fmt = frame_format("gray16le")

    def ramp(x, y):
        return np.stack([np.broadcast_to(60 + 0.5 * x + 0.1 * y, x.shape)] * 3, axis=-1)

    matrix = similarity(landmarks(x, y, height, angle), template("gpen", size))
    where = places(matrix, size)
    seen = inside(where, fmt, 20)
    crop = crop_face(paint(ramp, fmt), matrix, size)[..., 0] / 257.0
    error = (crop - ramp(where[..., 0], where[..., 1])[..., 0])[seen] / np.hypot(0.5, 0.1)
    # OpenCV's bicubic kernel (a = -0.75) moves a ramp by up to 0.047 px along each axis, to the
    # right at a quarter of a pixel and to the left at three quarters.
    step = max(1.0, 1 / np.hypot(matrix[0, 0], matrix[1, 0]))
    assert np.all(np.abs(error) < 0.1 * step)
    if error.size > 1000:
        places_within = where[..., 0][seen] / int(step)
        alike = abs(np.exp(2j * np.pi * places_within).mean())  # 1 where all lie at the same part
        assert np.sqrt(np.mean(error**2)) < (0.045 + 0.015 * alike) * step
        assert abs(error.mean()) < (0.015 + 0.05 * alike) * step


@pytest.mark.parametrize("location", ["left", "center", "topleft", "top"])
def test_chroma_lies_where_its_location_says(location):
    fmt = replace(frame_format("yuv420p10le"), chroma_location=location)
    frame = paint(skin, fmt)
    matrix = similarity(landmarks(160, 120, 90), template("gpen", 128))
    where = places(matrix, 128)
    expected = skin(where[..., 0], where[..., 1])
    seen = inside(where, fmt, 5)
    errors = {}
    for told in ("left", "center", "topleft", "top"):
        painted = replace(frame, format=replace(fmt, chroma_location=told))
        error = crop_face(painted, matrix, 128) / 257.0 - expected
        errors[told] = np.abs(error[seen]).mean()
    assert min(errors, key=errors.get) == location
    assert sorted(errors.values())[1] > 2 * errors[location]


def test_reducing_does_not_alias():
    def checks(x, y):
        return np.repeat(((x + y) % 2 * 255)[..., None], 3, axis=-1)

    frame = paint(checks, frame_format("gray", 640, 480))
    for height in (200, 300, 440):
        matrix = similarity(landmarks(320, 240, height, 31), template("gpen", 64))
        crop = crop_face(frame, matrix, 64)[16:48, 16:48]
        assert np.abs(crop.astype(float) - 127.5).max() < 12


def test_beyond_the_frame_the_picture_is_mirrored():
    fmt = frame_format("gray")
    for height in (30.0, 150.0):
        matrix = similarity(landmarks(0, 120, height), template("gpen", 64))
        where = places(matrix, 64)
        mirrored = np.where(where[..., 0] < 0, -1 - where[..., 0], where[..., 0])
        expected = skin(mirrored, where[..., 1]) @ (0.299, 0.587, 0.114)
        seen = (where[..., 1] > 4) & (where[..., 1] < 235) & (np.abs(where[..., 0]) > 8)
        error = crop_face(paint(skin, fmt), matrix, 64)[..., 0] - expected
        assert np.abs(error[seen]).max() < 2.5


def test_the_frame_is_left_as_it_was():
    frame = paint(skin, frame_format("yuv420p"))
    before = [plane.copy() for plane in frame.planes]
    crop_face(frame, similarity(landmarks(10, 10, 60), template("gpen", 64)), 64)
    assert all(np.array_equal(a, b) for a, b in zip(before, frame.planes, strict=True))


def aligned(faces, *, name="yuv420p", **options):
    frame = paint(skin, frame_format(name), index=7)
    (result,) = aligning(64, **options).push(TrackedFrame(frame, True, tuple(faces)))
    return result


def test_faces_keep_their_order_and_get_their_keys():
    faces = [tracked(landmarks(60 * i, 120, 40 + i), i) for i in (1, 2, 4)]
    result = aligned(faces)
    assert result.faces == tuple(faces)
    assert result.crops.keys == ((7, 1), (7, 2), (7, 4))
    for index, face in enumerate(faces):
        matrix = result.crops.crop_from_frame[index]
        placed = face.landmarks @ matrix[:, :2].T + matrix[:, 2]
        assert np.abs(placed - template("gpen", 64)).max() < 4
        assert np.array_equal(result.crops.pixels[index], crop_face(result.frame, matrix, 64))


def test_predicted_and_small_faces_are_left_out():
    faces = [
        tracked(landmarks(100, 100, 60), 1, "coasting"),
        tracked(landmarks(100, 100, 23), 2),
        tracked(landmarks(100, 100, 60), 3, "propagated"),
        tracked(landmarks(100, 100, 25), 4),
    ]
    assert [face.track_id for face in aligned(faces).faces] == [3, 4]
    assert [face.track_id for face in aligned(faces, min_face=0).faces] == [2, 3, 4]
    assert aligned(faces).left == (LeftAlone(1, Reason.UNSEEN), LeftAlone(2, Reason.SMALL))


def test_a_face_of_no_extent_is_left_out_rather_than_refused():
    assert aligned([tracked(np.full((5, 2), 50.0))], min_face=0).faces == ()


def test_a_frame_without_faces_has_an_empty_batch():
    result = aligned([])
    assert len(result.crops.pixels) == len(result.crops) == 0
    assert result.shot_start


@pytest.mark.parametrize(("height", "side"), [(25, 64), (150, 128)])
def test_a_face_with_more_pixels_of_its_own_gets_a_finer_crop(height, side):
    face = tracked(landmarks(160, 120, height))
    result = aligned([face], min_face=0, finest=128)
    assert result.crops.pixels[0].shape == (side, side, 3)
    matrix = result.crops.crop_from_frame[0]
    placed = face.landmarks @ matrix[:, :2].T + matrix[:, 2]
    assert np.abs(placed - template("gpen", side)).max() < side / 16
    assert np.array_equal(result.crops.pixels[0], crop_face(result.frame, matrix, side))
    coarse = aligned([face], min_face=0, finest=127)
    assert coarse.crops.pixels[0].shape == (64, 64, 3)
