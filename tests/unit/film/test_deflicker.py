from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.made_pictures.faces import FORMATS, frame_format, landmarks, paint, skin, tracked
from tests.stand_ins.stages import aligning
from vidrestore.datatypes import Look, Tone, TrackedFrame
from vidrestore.detect.preview import reduced_rgb
from vidrestore.film.deflicker import DeflickerFaces, DeflickerFrames, steady_frame

TONE = Tone(1.15, -12.0)


def aligned(name, tone):
    frame = replace(paint(skin, frame_format(name)), flicker=tone)
    (item,) = aligning(64).push(TrackedFrame(frame, True, (tracked(landmarks(160, 120, 100)),)))
    return item


def brighter(x, y):
    return TONE.gain * skin(x, y) + TONE.offset


@pytest.mark.parametrize("name", FORMATS)
def test_crops_are_those_of_the_steady_picture(name):
    item = aligned(name, TONE)
    (steady,) = DeflickerFaces().push(item)
    frame = paint(brighter, frame_format(name))
    (wanted,) = aligning(64).push(TrackedFrame(frame, True, item.faces))
    levels = 1 if item.crops.pixels[0].dtype == np.uint8 else 257
    apart = np.array(steady.crops.pixels, float) - np.array(wanted.crops.pixels)
    assert np.abs(apart).max() <= 3.5 * levels
    assert steady.original is item.crops.pixels
    assert steady.frame is item.frame


def test_without_flicker_the_very_same_passes():
    item = aligned("yuv420p", None)
    assert list(DeflickerFaces().push(item)) == [item]
    look = Look(item.frame, np.zeros((24, 32, 3), np.uint8))
    assert list(DeflickerFrames().push(look)) == [look]


@pytest.mark.parametrize("name", FORMATS)
def test_whole_frames_are_those_of_the_steady_picture(name):
    frame = paint(skin, frame_format(name))
    steady = steady_frame(replace(frame, flicker=TONE), TONE)
    wanted = paint(brighter, frame_format(name))
    for index, (plane, other) in enumerate(zip(steady.planes, wanted.planes, strict=True)):
        step = 1 << (frame.format.bits - 8)
        assert np.abs(plane.astype(float) - other).max() <= 1.2 * step + 1
        if frame.format.alpha and index == 3:
            assert plane is frame.planes[3]
    assert steady.touched
    assert steady.deflickered
    assert steady.flicker is None
    assert not any(plane.flags.writeable for plane in steady.planes)


def test_samples_outside_the_legal_range_go_no_further():
    frame = paint(
        lambda x, _: np.repeat((x * 1.6 - 128)[..., None], 3, -1), frame_format("yuv420p")
    )
    for tone in (Tone(1.6, -40.0), Tone(1.5, 60.0)):
        luma = frame.planes[0]
        steady = steady_frame(frame, tone).planes[0]
        assert ((steady >= np.minimum(luma, 16)) & (steady <= np.maximum(luma, 235))).all()


def test_the_reduced_picture_follows_the_frame():
    frame = replace(paint(skin, frame_format("yuv420p")), flicker=TONE)
    (look,) = DeflickerFrames().push(Look(frame, reduced_rgb(frame, (80, 60)), True))
    again = reduced_rgb(look.frame, (80, 60))
    assert np.abs(look.picture.astype(int) - again).max() <= 3  # both are rounded
    assert look.shot_start
