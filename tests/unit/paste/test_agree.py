from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.made_pictures.faces import (
    as_shown,
    bare,
    frame_format,
    landmarks,
    paint,
    tracked,
    with_microphone,
)
from tests.stand_ins.stages import aligning, pasting
from vidrestore.datatypes import TrackedFrame
from vidrestore.paste.agree import Agreement, Doubt, believed, doubt

SIZE = 256
Y, X = np.mgrid[:SIZE, :SIZE]
FACE = np.ones((128, 128), np.float32)
DULL = np.full((SIZE, SIZE, 3), 90, np.uint8)


def raised(values):
    return np.repeat(values[..., None], 3, axis=-1).astype(np.float32)


def weights(difference, source=DULL):
    return believed(doubt(source, difference, FACE).lasting)


def lettered(level=200):
    """A caption across the crop, and where."""
    letters = (np.abs(Y - 190) < 14) & (X // 9 % 2 == 0) & (Y // 7 % 3 > 0)
    picture = DULL.copy()
    picture[letters] = level
    return picture, np.s_[45:50, 8:56]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_detail_small_moves_of_light_and_the_end_of_noise_are_believed(dtype):
    fine = raised(60 * np.sin(X / 1.5) * np.sin(Y / 1.7))
    assert weights(fine).min() > 0.99
    assert weights(raised(np.full((SIZE, SIZE), 10.0))).min() > 0.98
    noise = np.random.default_rng(0).normal(0, 14, (SIZE, SIZE, 3)).round().clip(-90, 90)
    noisy = ((DULL + noise) * (1 if dtype == np.uint8 else 257)).astype(dtype)
    assert weights(-noise.astype(np.float32), noisy).min() > 0.95


@pytest.mark.parametrize("channel", range(3))
def test_another_thing_in_that_place_is_not(channel):
    covered = np.zeros((SIZE, SIZE, 3), np.float32)
    covered[150:230, 90:150, channel] = 100
    believable = weights(covered)
    assert believable[38:57, 23:37].max() < 0.05
    assert believable[:30].min() > 0.99


def test_a_caption_that_the_result_lacks_is_left_alone_and_a_sharpened_one_is_not():
    source, letters = lettered()
    lost = weights(DULL.astype(np.float32) - source, source)
    assert lost[letters].max() < 0.1
    assert lost[:38].min() > 0.99
    sharper = source.astype(np.float32) - DULL
    assert weights(0.2 * sharper, source).min() > 0.95


def steady(level, momentary=0.0):
    return Doubt(*(np.full((4, 4), value, np.float32) for value in (level, momentary)))


def run(*frames, begins=()):
    agreement, found = Agreement(), []
    for index, seen in enumerate(frames):
        agreement.begin(shot_start=index in begins)
        if seen is not None:
            found.append(float(agreement.weights(1, seen).mean()))
    return found


def test_what_is_seen_in_one_frame_alone_is_not_kept_unless_it_is_strong():
    none = steady(0)
    assert min(run(none, steady(1.6), none)) > 0.99
    assert run(none, steady(1.6), steady(1.6))[-1] < 0.05
    assert run(none, steady(3.0, 1.6))[-1] < 0.05
    assert run(steady(1.6))[-1] < 0.05  # nothing is known of the frame before


def test_weights_rise_slowly_and_begin_anew_with_a_shot_or_a_track():
    none, doubted = steady(0), steady(1.6)
    rising = run(doubted, *[none] * 12)
    assert 0.2 < rising[1] < 0.4
    assert all(a < b for a, b in pairwise(rising))
    assert rising[-1] > 0.95
    assert run(doubted, none, begins=[1])[-1] > 0.99
    assert run(doubted, None, none)[-1] > 0.99


POINTS = landmarks(160, 120, 110)


def crop(scene):
    frame = paint(scene, frame_format("yuv444p"))
    (aligned,) = aligning(SIZE).push(TrackedFrame(frame, True, (tracked(POINTS),)))
    return aligned


def change(scene, drawn, **options):
    """Of luma, where the network draws another scene."""
    aligned = crop(scene)
    (result,) = pasting(**options).push(as_shown(aligned, crop(drawn).crops.pixels))
    return result.frame.planes[0].astype(int) - aligned.frame.planes[0]


def test_no_face_is_painted_on_a_microphone():
    # The network knows nothing of microphones.
    covered = np.s_[130:160, 160:190]
    painted = change(with_microphone, bare, occlusion=False, colour=False)
    assert np.abs(painted[covered]).mean() > 40
    assert np.abs(change(with_microphone, bare, occlusion=True)[covered]).mean() < 1


def test_what_covers_a_face_does_not_tell_its_light():
    beside = np.s_[110:150, 125:145]
    assert np.abs(change(with_microphone, bare, occlusion=False)[beside]).mean() > 4
    assert np.abs(change(with_microphone, bare, occlusion=True)[beside]).mean() < 1


@pytest.mark.parametrize("other_is_there", [False, True])
def test_what_covered_a_face_is_forgotten_with_the_frame_that_it_misses(other_is_there):
    """Whoever else is in the picture: a frame without faces is a frame."""
    other = tracked(landmarks(60, 60, 40), 2)

    def pasted(paste, scene, index, *faces):
        frame = paint(scene, frame_format("yuv444p"), index)
        (aligned,) = aligning(SIZE).push(TrackedFrame(frame, index == 0, faces))
        drawn = [own + np.uint8(9) * (X // 8 % 2 == 0)[..., None] for own in aligned.crops.pixels]
        if scene is with_microphone:
            drawn = len(faces) * list(crop(bare).crops.pixels)
        (result,) = paste.push(as_shown(aligned, [own.astype(np.uint8) for own in drawn]))
        moved = result.frame.planes[0].astype(int) - frame.planes[0]
        return np.abs(moved[60:180, 110:210]).mean()

    face, paste = tracked(POINTS), pasting(occlusion=True)
    without_history = pasted(pasting(occlusion=True), bare, 0, face)
    pasted(paste, with_microphone, 0, face)
    pasted(paste, bare, 1, *[other] * other_is_there)
    assert pasted(paste, bare, 2, face) == without_history > 2
