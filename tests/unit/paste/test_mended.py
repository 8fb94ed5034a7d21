"""Pasting what was done to crops before they were restored, and frames that mix two shots."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.made_pictures.faces import (
    FORMATS,
    as_shown,
    frame_format,
    landmarks,
    paint,
    skin,
    tracked,
)
from tests.stand_ins.stages import aligning, pasting
from vidrestore.datatypes import LeftAlone, Reason, Tone, TrackedFrame
from vidrestore.film import DeflickerFaces

TONE = Tone(1.0, 14.0)
POINTS = landmarks(160, 120, 90)


def deflickered(name, mixed=0.0):
    frame = replace(paint(skin, frame_format(name)), flicker=TONE, mixed=mixed)
    (aligned,) = aligning(64).push(TrackedFrame(frame, True, (tracked(POINTS),)))
    (item,) = DeflickerFaces().push(aligned)
    return item


def luma_change(item, result):
    """At the nose, levels."""
    fmt = item.frame.format
    x, y = 160, 120
    values = [frame.planes[0].astype(float)[y, x] for frame in (result.frame, item.frame)]
    unit = 1 << (fmt.bits - 8)
    return (values[0] - values[1]) / unit * (1 if fmt.full_range else 255 / 219)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("strength", [0.4, 1.0])
def test_what_was_taken_out_of_a_crop_is_gone_from_the_frame_whatever_the_strength(name, strength):
    item = deflickered(name)
    (result,) = pasting(strength).push(as_shown(item, item.crops.pixels))
    assert luma_change(item, result) == pytest.approx(TONE.offset, abs=1.5)
    assert len(result.regions) == 1


def test_strength_0_is_the_source_all_the_same():
    item = deflickered("yuv420p")
    (result,) = pasting(0.0).push(as_shown(item, item.crops.pixels))
    assert result.frame is item.frame


@pytest.mark.parametrize("mixed", [0.0, 0.25, 0.5, 1.0])
def test_what_the_restorer_changed_fades_as_the_frame_is_more_of_a_mixture(mixed):
    """And that alone: averaging, and what film's stages took out, are right in a mixture too."""
    item, whole = deflickered("yuv420p", mixed), deflickered("yuv420p")
    y, x = np.mgrid[:64, :64]
    change = (40 * np.cos((x - 31.5) / 3) * np.cos((y - 31.5) / 3))[..., None]
    drawn = [(crop + change).clip(0, 255).astype(np.uint8) for crop in item.crops.pixels]
    results = [
        pasting().push(as_shown(frame, pixels))
        for frame, pixels in ((whole, whole.crops.pixels), (item, drawn), (whole, drawn))
    ]
    (mended,), (result,), (full,) = results
    none, after, most = (r.frame.planes[0].astype(float) for r in (mended, result, full))
    assert np.abs((after - none) - (1 - mixed) * (most - none)).max() <= 1
    assert np.abs(most - none).max() > 20
    (region,) = result.regions
    assert region.share == pytest.approx(1 - mixed)


def test_a_mixture_that_nothing_mended_is_left_alone():
    frame = replace(paint(skin, frame_format("yuv420p")), mixed=1.0)
    (item,) = aligning(64).push(TrackedFrame(frame, True, (tracked(POINTS),)))
    (result,) = pasting().push(as_shown(item, [255 - crop for crop in item.crops.pixels]))
    assert result.frame is frame
    assert result.left == (LeftAlone(1, Reason.MIXED),)
