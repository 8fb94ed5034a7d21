"""Damage of faces is painted by a network in the light of what is known, and known samples stay."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.made_pictures.faces import frame_format, landmarks, paint, skin, tracked
from tests.made_pictures.portraits import ASTRONAUT, astronaut
from tests.stand_ins.fakes import FakeRestorer
from tests.stand_ins.stages import aligning
from vidrestore.datatypes import TrackedFrame
from vidrestore.film import FacePainter, MendCracks, MendFrames, RepaintFaces
from vidrestore.film.painting.inpainting import inpainted
from vidrestore.film.painting.surroundings import painted_over
from vidrestore.picture.similarity import similarity
from vidrestore.picture.template import template

SIDE, SEEN = 256, 512
MATRIX = similarity(ASTRONAUT, template("gpen", SIDE))
POINTS = ASTRONAUT @ MATRIX[:, :2].T + MATRIX[:, 2]


def face(dtype=np.uint8):
    crop = cv2.warpAffine(astronaut(), MATRIX, (SIDE, SIDE), flags=cv2.INTER_CUBIC)
    return crop if dtype == np.uint8 else crop.astype(np.uint16) * 257


def hole():
    """A stroke over an eye and the nose, and one beside the face."""
    damage = np.zeros((SIDE, SIDE), np.uint8)
    cv2.line(damage, (80, 90), (140, 150), 1, 9)
    damage[100:110, :20] = 1
    return damage


class Knows:
    """Paints what is white as the portrait has it; all of it comes out a little too bright."""

    size = SEEN

    def __init__(self):
        self.white = []

    def restore(self, crops):
        top = np.iinfo(crops.dtype).max
        to_seen = similarity(ASTRONAUT, template("ffhq", SEEN))
        truth = cv2.warpAffine(astronaut(), to_seen, (SEEN, SEEN), flags=cv2.INTER_CUBIC)
        truth = (truth.astype(np.float64) + 12).clip(0, 255) * (top / 255)
        white = (crops == top).all(axis=-1)
        self.white.append(white.mean())
        return np.where(white[..., None], truth.astype(crops.dtype), crops // 12 * 13)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_is_known_stays_and_what_is_not_is_painted_in_its_light(dtype):
    truth, damage, network = face(dtype), hole(), Knows()
    crop = truth.copy()
    crop[damage > 0] = 0
    result = inpainted(crop, damage, POINTS, network)
    assert np.array_equal(result[damage == 0], truth[damage == 0])
    assert 0.005 < network.white[0] < 0.1  # damage is shown in white, and little besides
    levels = np.iinfo(dtype).max / 255
    stroke = np.s_[80:160, 70:150]
    within = damage[stroke] > 0
    left = np.abs(result[stroke].astype(float) - truth[stroke])[within].mean() / levels
    plain = painted_over(crop, damage)
    without = np.abs(plain[stroke].astype(float) - truth[stroke])[within].mean() / levels
    assert left < 0.6 * without
    # Where the network does not look, it is painted from around it.
    assert np.array_equal(result[100:110, :10], plain[100:110, :10])


def test_damage_that_the_network_does_not_see_does_not_trouble_it():
    crop, damage, network = face(), np.zeros((SIDE, SIDE), np.uint8), Knows()
    damage[:4, :4] = 1
    assert np.array_equal(inpainted(crop, damage, POINTS, network), painted_over(crop, damage))
    assert network.white == []


def test_cracks_are_painted_by_the_network():
    def folded(x, y):
        return np.where((np.abs(y - 118 - 0.1 * x) < 1.2)[..., None], 250.0, skin(x, y))

    frame = paint(folded, frame_format("gbrp"))
    seen = TrackedFrame(frame, True, (tracked(landmarks(160, 125, 150)),))
    (item,) = aligning(128).push(seen)
    black = FakeRestorer(lambda crops: crops // 2)
    (mended,), (plain,) = (MendCracks(FacePainter(network)).push(item) for network in (black, None))
    changed = mended.crops.pixels[0] != plain.crops.pixels[0]
    damaged = plain.crops.pixels[0] != item.crops.pixels[0]
    assert changed.any()
    assert not (
        changed.any(axis=2)
        & ~cv2.dilate(damaged.any(axis=2).astype(np.uint8), np.ones((9, 9))).astype(bool)
    ).any()
    assert mended.source[0] is item.crops.pixels[0]


def test_faces_of_frames_that_are_painted_over_already():
    def scratched(t):
        def picture(x, y):
            worn = 0.5 + 0.5 * np.sin(y / 19 + 2.3 * t)
            return skin(x, y) + (70 * (np.abs(x - 160) < 1.5) * worn)[..., None]

        return picture

    fmt, faces = frame_format("yuv420p"), (tracked(landmarks(160, 125, 150)),)
    items = [TrackedFrame(paint(scratched(t), fmt, t), t == 0, faces) for t in range(3)]
    stage = MendFrames()
    frames = [*(done for item in items for done in stage.push(item)), *stage.flush()]
    repaint = RepaintFaces(FacePainter(FakeRestorer(lambda crops: crops // 2)))
    for done in frames:
        (aligned,) = aligning(128).push(done)
        (painted,) = repaint.push(aligned)
        changed = (painted.crops.pixels[0] != aligned.crops.pixels[0]).any(axis=2)
        assert 0.005 < changed.mean() < 0.15
    (sound,) = aligning(128).push(items[0])
    assert list(repaint.push(sound)) == [sound]
