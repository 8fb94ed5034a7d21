from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.faces import frame_format, landmarks, paint, tracked
from vidrestore.align import Align
from vidrestore.datatypes import LeftAlone, Reason, RestoredFrame, TrackedFrame
from vidrestore.paste import Paste
from vidrestore.paste.sharper import SharperFaces, detail, detail_gained

Y, X = np.mgrid[:128, :128]
RING = np.hypot(X - 64, Y - 64)
FEATURES = (120 + 60 * ((RING > 20) & (RING < 30))).astype(np.float32)


def lines(x, y):
    """Fine lines on one half of the face, nothing on the other."""
    stripe = 60 * np.sin(x * 0.7) * (y > 120)
    return np.repeat((120 + stripe)[..., None], 3, axis=-1)


def item(change, height=150.0, *, index=1, shot_start=False, size=64, track_id=1):
    """A face that is larger in the frame than in a crop of 64, restored by ``change``."""
    frame = paint(lines, frame_format("yuv420p"), index)
    faces = (tracked(landmarks(160, 120, height), track_id),)
    (aligned,) = Align(size).push(TrackedFrame(frame, shot_start, faces))
    return RestoredFrame(aligned, change(aligned.crops.pixels))


def same(pixels):
    return pixels.copy()


def softer(pixels):
    return np.stack([cv2.GaussianBlur(crop, (0, 0), 3.0) for crop in pixels])


def test_noise_is_no_detail():
    noise = np.random.default_rng(0).normal(0, 4, FEATURES.shape).astype(np.float32)
    clean = detail(FEATURES)
    assert detail(FEATURES + noise) == pytest.approx(clean, rel=0.2)
    assert detail(120 + noise) < 0.3 * clean
    assert detail(cv2.GaussianBlur(FEATURES, (0, 0), 3)) < 0.4 * clean


def test_detail_does_not_depend_on_the_grid():
    fine = cv2.resize(FEATURES, (256, 256), interpolation=cv2.INTER_CUBIC)
    assert detail(fine, 2.0) == pytest.approx(detail(FEATURES), rel=0.1)


def test_detail_that_the_crop_cannot_hold_counts_for_the_face():
    assert detail_gained(item(same), 0) < 0.6
    assert detail_gained(item(same, size=256), 0) == pytest.approx(1, abs=0.05)


def test_what_the_restorer_blurred_is_less_than_the_face_had():
    assert detail_gained(item(softer, size=256), 0) < 0.5


def test_a_sharp_face_is_left_alone_and_a_soft_one_restored():
    assert SharperFaces().strengths(item(same)) == [0.0]
    assert SharperFaces().strengths(item(same, size=256)) == [1.0]


def test_strengths_change_slowly_and_only_for_good():
    judge = SharperFaces()
    found = [judge.strengths(item(same, size=256, index=i))[0] for i in range(3)]
    found += judge.strengths(item(softer, size=256, index=3))  # a single frame says little
    found += [judge.strengths(item(same, size=256, index=i))[0] for i in range(4, 6)]
    assert found[3] >= 0.9
    later = [judge.strengths(item(softer, size=256, index=i))[0] for i in range(6, 40)]
    assert later[-1] == 0.0
    assert max(abs(np.diff([*found, *later]))) < 0.11


def test_a_shot_and_a_new_track_are_judged_anew():
    judge = SharperFaces()
    assert judge.strengths(item(same)) == [0.0]
    assert judge.strengths(item(same, size=256, shot_start=True)) == [1.0]
    assert judge.strengths(item(softer, size=256, index=3, track_id=2)) == [0.0]


def test_a_face_left_alone_is_neither_changed_nor_reported():
    def inverted(pixels):
        return 255 - softer(pixels)

    source = item(inverted)
    (result,) = Paste(keep_sharp=True).push(source)
    assert result.frame is source.aligned.frame
    assert result.regions == ()
    assert result.left == (LeftAlone(1, Reason.SHARP),)
    (result,) = Paste().push(source)
    assert result.regions


def test_a_face_outside_the_frame_is_no_error():
    frame = paint(lines, frame_format("yuv420p"))
    faces = (tracked(landmarks(-300, 120, 60)),)
    (aligned,) = Align(64).push(TrackedFrame(frame, True, faces))
    softened = RestoredFrame(aligned, softer(aligned.crops.pixels))
    assert 0 < detail_gained(softened, 0) <= 1
