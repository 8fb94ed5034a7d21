"""Specks and scratches are taken out of whole frames, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.made_pictures.faces import frame_format, landmarks, paint, skin, tracked
from vidrestore.datatypes import TrackedFrame
from vidrestore.film import MendFrames, RepairFrames

COUNT = 5
PLANES = ("yuv420p", "yuv411p", "yuva444p12le", "gray16le", "gbrp10le")
SIZES = {"odd": (333, 251), "one square": (160, 144), "two squares": (536, 144)}
Y, X = np.mgrid[:144, :240].astype(np.float32)


def through(stage, items):
    return [*(done for item in items for done in stage.push(item)), *stage.flush()]


def specked(x, y):
    """One in the middle, one by the left, and one beside where two squares meet."""
    cover = np.zeros(np.shape(x), bool)
    for at in ((150, 70), (24, 60), (192, 110)):
        cover |= np.hypot(x - at[0], y - at[1]) < 3
    return np.where(cover[..., None], 245.0, skin(x, y))


def clip(name, size=(333, 251), bad=(2,), shots=(0,), faces=()):
    fmt = frame_format(name, *size)
    return [
        TrackedFrame(paint(specked if t in bad else skin, fmt, t), t in shots, faces)
        for t in range(COUNT)
    ]


@pytest.mark.parametrize("name", PLANES)
def test_specks_go_from_every_plane_and_nothing_else_changes(name):
    items, clean = clip(name), clip(name, bad=())[2].frame
    result = through(RepairFrames(), items)
    assert [a is b for a, b in zip(items, result, strict=True)] == [True, True, False, True, True]
    done, worn = result[2].frame, items[2].frame
    assert done.repaired
    assert done.touched
    assert not any(plane.flags.writeable for plane in done.planes)
    top = (1 << worn.format.bits) - 1
    for after, before, wanted in zip(done.planes, worn.planes, clean.planes, strict=True):
        left = np.abs(after.astype(int) - wanted) / top
        assert left.max() < 0.05
        changed = np.argwhere(after != before)
        harmed = np.argwhere(np.abs(before.astype(int) - wanted) > 0)
        for at in changed:
            assert np.abs(harmed - at).max(axis=1).min() <= 8
    if worn.format.alpha:
        assert done.planes[-1] is worn.planes[-1]


def test_specks_at_the_border_go_and_what_comes_in_over_it_stays():
    def entering(t):
        """A bright bar that has come in from the left."""

        def picture(x, y):
            bar = (x < 4 * (t - 1)) & (np.abs(y - 40) < 20)
            speck = (np.hypot(x - 3, y - 100) < 3) & (t == 2)
            return np.where((bar | speck)[..., None], 240.0, skin(x, y))

        return picture

    fmt = frame_format("gray", 160, 144)
    items = [TrackedFrame(paint(entering(t), fmt, t), t == 0, ()) for t in range(COUNT)]
    for done, item in zip(through(RepairFrames(), items), items, strict=True):
        clean = paint(skin, fmt).planes[0].astype(int)
        now, was = (each.frame.planes[0].astype(int) for each in (done, item))
        assert np.abs(now - clean)[90:115, :12].max() <= 12
        assert np.array_equal(now[:80], was[:80])


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_squares_cover_the_whole_frame(size):
    items, clean = clip("gray", size), clip("gray", size, bad=())[2].frame
    done = through(RepairFrames(), items)[2].frame
    assert np.abs(done.planes[0].astype(int) - clean.planes[0]).max() <= 12


@pytest.mark.parametrize(
    "items",
    [
        clip("gray", bad=(0,)),
        clip("gray", bad=(COUNT - 1,)),
        clip("gray", shots=(0, 2)),
        clip("gray", shots=(0, 3)),
        clip("gray", bad=(1, 2, 3)),
        clip("gray", size=(400, 24)),
        [replace(i, frame=replace(i.frame, field="top")) for i in clip("gray")],
    ],
    ids=["first", "last", "shot before", "shot after", "stays", "tiny", "fields"],
)
def test_what_no_frame_beside_tells_of_stays(items):
    assert all(a is b for a, b in zip(items, through(RepairFrames(), items), strict=True))


def test_what_an_eye_does_in_one_frame_is_no_speck():
    # The speck lies where a face has its left eye, and is as wide as a glint.
    face = tracked(landmarks(150 + 0.27 * 220, 70 + 0.4 * 220, 220))
    result = through(RepairFrames(), clip("gray", faces=(face,)))[2].frame
    assert (
        np.abs(result.planes[0].astype(int) - clip("gray")[2].frame.planes[0])[60:80, 140:160].max()
        == 0
    )


def lined(t, *, scratch, pole=False):
    light = 120 + 30 * np.sin((X - 3 * t) / 17 + Y / 29)
    if scratch:
        worn = 0.55 + 0.45 * np.sin(Y / 19 + 2.3 * t)
        light = light + 50 * np.exp(-((X - 120 - 0.4 * t) ** 2) / 0.8) * worn
    if pole:
        light = light + 60 * np.exp(-((X - 60) ** 2) / 0.8)
    grain = np.random.default_rng(t).normal(0, 3, X.shape)
    plane = np.clip(np.rint(light + grain), 0, 255).astype(np.uint8)
    plane.flags.writeable = False
    frame = paint(skin, frame_format("gray", 240, 144), t)
    return TrackedFrame(replace(frame, planes=(plane,)), t == 0, ())


def test_scratches_go_and_poles_stay():
    items = [lined(t, scratch=True, pole=True) for t in range(COUNT)]
    for t, done in enumerate(through(MendFrames(), items)):
        truth = lined(t, scratch=False, pole=True).frame.planes[0].astype(int)
        now, was = (each.frame.planes[0].astype(int) for each in (done, items[t]))
        line = np.s_[:, 118:125]
        assert (
            np.abs((now - truth)[line].mean(axis=0)).max()
            < 0.3 * np.abs((was - truth)[line].mean(axis=0)).max()
        )
        assert np.array_equal(now[:, :110], was[:, :110])
        assert np.array_equal(now[:, 135:], was[:, 135:])
        assert done.frame.repaired


def test_frames_without_scratches_pass_as_they_are():
    items = [lined(t, scratch=False, pole=True) for t in range(COUNT)]
    assert all(a is b for a, b in zip(items, through(MendFrames(), items), strict=True))


@pytest.mark.parametrize("name", ["yuv420p", "gbrp10le", "yuva444p12le"])
def test_scratches_go_from_every_plane(name):
    def scratched(t):
        def picture(x, y):
            worn = 0.5 + 0.5 * np.sin(y / 19 + 2.3 * t)
            return skin(x, y) + (70 * (np.abs(x - 100) < 1.5) * worn)[..., None]

        return picture

    fmt = frame_format(name)
    items = [TrackedFrame(paint(scratched(t), fmt, t), t == 0, ()) for t in range(3)]
    clean = paint(skin, fmt).planes
    for item, done in zip(items, through(MendFrames(), items), strict=True):
        for after, before, wanted in zip(done.frame.planes, item.frame.planes, clean, strict=True):
            assert np.abs(after - wanted.astype(float)).mean() <= 0.4 * np.abs(
                before - wanted.astype(float)
            ).mean() + 0.05 * (1 << fmt.bits - 8)
