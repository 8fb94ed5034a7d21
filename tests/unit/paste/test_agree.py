from __future__ import annotations

import numpy as np
import pytest

from tests.faces import frame_format, landmarks, paint, skin, tracked
from vidrestore.align import Align
from vidrestore.datatypes import RestoredFrame, TrackedFrame
from vidrestore.paste import Paste
from vidrestore.paste.agree import agreement

SIZE = 256
Y, X = np.mgrid[:SIZE, :SIZE]


def raised(values):
    return np.repeat(values[..., None], 3, axis=-1).astype(np.float32)


def test_detail_and_small_moves_of_light_are_believed():
    fine = raised(60 * np.sin(X / 1.5) * np.sin(Y / 1.7))
    assert agreement(fine).min() > 0.99
    assert agreement(raised(np.full((SIZE, SIZE), 12.0))).min() > 0.99


@pytest.mark.parametrize("channel", range(3))
def test_another_thing_in_that_place_is_not(channel):
    covered = np.zeros((SIZE, SIZE, 3), np.float32)
    covered[150:230, 90:150, channel] = 100
    weights = agreement(covered)
    assert weights[170:210, 105:135].max() < 0.05
    assert weights[:100].min() > 0.99
    assert np.abs(np.diff(weights, axis=1)).max() < 0.15  # no edge of its own


def test_no_face_is_painted_on_a_microphone():
    def scene(x, y):
        microphone = (np.abs(x - 175) < 22) & (y > 115)
        return np.where(microphone[..., None], 25.0, skin(x, y) / 2 + 90)

    def face(pixels):  # the network knows nothing of microphones
        bare = paint(lambda x, y: skin(x, y) / 2 + 90, frame_format("yuv444p"))
        (aligned,) = Align(SIZE).push(TrackedFrame(bare, True, (tracked(points),)))
        return aligned.crops.pixels

    points = landmarks(160, 120, 110)
    frame = paint(scene, frame_format("yuv444p"))
    (aligned,) = Align(SIZE).push(TrackedFrame(frame, True, (tracked(points),)))
    item = RestoredFrame(aligned, face(aligned.crops.pixels))
    moved = {}
    for occlusion in (False, True):
        (result,) = Paste(occlusion=occlusion).push(item)
        change = result.frame.planes[0].astype(int) - frame.planes[0]
        moved[occlusion] = np.abs(change[130:160, 160:190]).mean()
    assert moved[False] > 40
    assert moved[True] < 8
