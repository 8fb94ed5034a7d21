"""Very large faces, faces at the frame's edge, and faces that pass over each other."""

from __future__ import annotations

import numpy as np
import pytest

from tests.made_pictures.faces import changed, frame_format, landmarks, paint, skin, tracked
from tests.stand_ins.stages import aligning, pasting
from vidrestore.datatypes import BlendedFrame, LeftAlone, Reason, TrackedFrame
from vidrestore.picture.face_size import eyes_to_chin
from vidrestore.picture.outline import dilated, face_outline


def pasted(frame, faces, change, size=256, **options):
    (aligned,) = aligning(size).push(TrackedFrame(frame, True, tuple(faces)))
    (result,) = pasting(**options).push(changed(aligned, change))
    return result


def brighter(pixels):
    return pixels + pixels.dtype.type(20)


def test_a_face_of_more_than_a_thousand_pixels_has_no_step():
    frame = paint(skin, frame_format("gray", 1500, 1700))
    points = landmarks(750, 800, 1200)
    assert eyes_to_chin(points) > 1000
    result = pasted(frame, [tracked(points)], brighter, colour=False)
    moved = result.frame.planes[0].astype(int) - frame.planes[0]
    assert np.abs(moved[700:1000, 600:900] - 20).max() <= 1
    for axis in (0, 1):  # the edge is soft, and what was interpolated has no cells
        assert np.abs(np.diff(moved, axis=axis)).max() <= 1


@pytest.mark.parametrize(("x", "y"), [(0, 120), (319, 120), (160, 0), (160, 239), (5, 5)])
def test_a_face_cut_by_the_frame_is_restored_up_to_the_edge(x, y):
    frame = paint(skin, frame_format("gray"))
    points = landmarks(x, y, 90)
    result = pasted(frame, [tracked(points)], brighter, colour=False)
    moved = result.frame.planes[0].astype(int) - frame.planes[0]
    inner = dilated(face_outline(points), -0.3)
    low = np.ceil(np.clip(inner.min(axis=0), 0, (319, 239))).astype(int)
    high = np.floor(np.clip(inner.max(axis=0), 0, (319, 239))).astype(int)
    middle = (low + high) // 2
    assert np.abs(moved[middle[1], low[0] : high[0] + 1] - 20).max() <= 1
    assert np.abs(moved[low[1] : high[1] + 1, middle[0]] - 20).max() <= 1


def test_a_face_that_is_left_alone_still_covers_what_lies_behind():
    def fine(x, y):
        stripe = 60 * np.sin(x * 0.7) * (y > 120)
        return np.repeat((120 + stripe)[..., None], 3, axis=-1)

    frame = paint(fine, frame_format("gray"))
    far, near = landmarks(110, 110, 60), landmarks(180, 120, 150)

    faces = (tracked(far, 1), tracked(near, 2))
    (aligned,) = aligning(64).push(TrackedFrame(frame, True, faces))
    behind, before = aligned.crops.pixels
    (result,) = pasting().push(BlendedFrame(aligned, (255 - behind, before), (1.0, 0.0)))
    assert result.left == (LeftAlone(2, Reason.SHARP),)
    assert [region.track_id for region in result.regions] == [1]
    x, y = np.meshgrid(np.arange(320), np.arange(240))
    inner = dilated(face_outline(near), -0.3)
    ahead = np.roll(inner, -1, axis=0) - inner
    sides = [a[0] * (y - p[1]) - a[1] * (x - p[0]) for p, a in zip(inner, ahead, strict=True)]
    inside = (np.array(sides) >= 0).all(axis=0) | (np.array(sides) <= 0).all(axis=0)
    assert inside.any()
    assert np.array_equal(result.frame.planes[0][inside], frame.planes[0][inside])
