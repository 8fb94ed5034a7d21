from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.made_pictures.portraits import ASTRONAUT, astronaut
from vidrestore.film.repair import specks
from vidrestore.film.repair.dust import without_specks
from vidrestore.film.repair.specks import Specks

SIDE = 192
SCALE = 1.6
CENTRE = ASTRONAUT.mean(axis=0) - (0, 2)


def matrix(t: int) -> np.ndarray:
    turn = np.radians(1.5 * t)
    scale = SCALE * (1 + 0.01 * t)
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    linear = np.array([[cos, -sin], [sin, cos]])
    shift = np.array([SIDE / 2 + 1.3 * t, SIDE / 2 - 0.8 * t]) - linear @ CENTRE
    return np.column_stack([linear, shift])


def face(t: int, grain: float = 4.0) -> np.ndarray:
    """(192, 192, 3) uint8 RGB, frame t of a head that turns and comes nearer."""
    picture = cv2.warpAffine(astronaut(), matrix(t), (SIDE, SIDE), flags=cv2.INTER_CUBIC)
    noise = np.random.default_rng(100 + t).normal(0, grain, (SIDE, SIDE, 1))
    return (picture * 0.85 + 15 + noise).clip(0, 255).astype(np.uint8)


def landmarks(t: int) -> np.ndarray:
    return ASTRONAUT @ matrix(t)[:, :2].T + matrix(t)[:, 2]


EYES = (landmarks(0)[0], landmarks(0)[1])
APART = float(np.linalg.norm(EYES[1] - EYES[0]))
MOUTH = landmarks(0)[3:].mean(axis=0)
# Parts of the face's side, where skin is.
SKIN = {
    "forehead": landmarks(0)[:2].mean(axis=0) - (0, 0.5 * APART),
    "cheek": (EYES[0] + landmarks(0)[3]) / 2 - (2, -4),
    "nose": landmarks(0)[2] - (0, 8),
    "chin": MOUTH - (0, -0.7 * APART),
}


def painted(crop, centre, axes, tone, turn=0.0):
    """With a soft-edged ellipse."""
    cover = np.zeros((SIDE, SIDE), np.float32)
    at = tuple(round(float(v) * 16) for v in centre)
    size = tuple(round(float(v) * 16) for v in axes)
    cv2.ellipse(cover, at, size, turn, 0, 360, 1.0, -1, cv2.LINE_AA, 4)
    cover = cv2.GaussianBlur(cover, (0, 0), 0.6)[..., None]
    return (crop + cover * (np.asarray(tone, np.float32) - crop)).clip(0, 255).astype(np.uint8)


def replaced(now, before=None, after=None):
    before = face(-1) if before is None else before
    after = face(1) if after is None else after
    return without_specks(Specks(), now, before, after, landmarks(0))


@pytest.mark.parametrize("place", SKIN)
@pytest.mark.parametrize(("size", "tone"), [(1.6, 20), (4.0, 20), (4.0, 245)])
def test_dust_on_skin_is_replaced_and_nothing_else(place, size, tone):
    clean = face(0)
    dusty = painted(clean, SKIN[place], (size, 0.8 * size), tone)
    result = replaced(dusty).astype(float)
    speck = np.abs(dusty.astype(float) - clean).max(axis=2) > 20
    assert (
        np.abs(result - clean)[speck].mean()
        < 0.2 * np.abs(dusty.astype(float) - clean)[speck].mean()
    )
    far = cv2.dilate(speck.astype(np.uint8), np.ones((15, 15), np.uint8)) == 0
    assert np.array_equal(result[far], dusty[far])


DUST = {"mouth": MOUTH - (-5, -2), "corner of an eye": EYES[0] - (-9, -3)}


@pytest.mark.parametrize(
    ("place", "tone"), [("mouth", 10), ("mouth", 245), ("corner of an eye", 10)]
)
def test_dust_in_mouth_and_eyes_is_replaced(place, tone):
    clean = face(0)
    dusty = painted(clean, DUST[place], (2.6, 2.4), tone)
    added = np.abs(dusty.astype(float) - clean).sum()
    assert np.abs(replaced(dusty).astype(float) - clean).sum() < 0.3 * added


def test_deep_samples_are_repaired_alike():
    dusty = painted(face(0), SKIN["cheek"], (3, 3), 20)
    deep = [crop.astype(np.uint16) * 257 for crop in (dusty, face(-1), face(1))]
    result = replaced(*deep)
    assert result.dtype == np.uint16
    assert np.abs(result / 257 - replaced(dusty)).max() <= 1


def blink(crop):
    for eye in EYES:
        crop = painted(crop, eye, (0.2 * APART, 0.12 * APART), (205, 160, 130))
        crop = painted(crop, eye - (0, -0.08 * APART), (0.2 * APART, 1.2), (60, 40, 35))
    return crop


def glint(crop):
    return painted(painted(crop, EYES[0], (1.6, 1.6), 250), EYES[1], (1.6, 1.6), 250)


def teeth(crop):
    return painted(crop, MOUTH, (0.3 * APART, 0.07 * APART), (240, 235, 225))


def open_mouth(crop):
    return painted(crop, MOUTH - (0, -6), (0.28 * APART, 0.16 * APART), (40, 15, 15))


@pytest.mark.parametrize("change", [blink, glint, teeth, open_mouth], ids=lambda f: f.__name__)
@pytest.mark.parametrize("grain", [0.5, 4.0, 9.0])
def test_what_faces_do_in_one_frame_is_no_dust(change, grain):
    now = change(face(0, grain))
    assert replaced(now, face(-1, grain), face(1, grain)) is now


@pytest.mark.parametrize("quality", [12, 20, 40])
@pytest.mark.parametrize("grain", [0.0, 4.0])
def test_what_a_codec_leaves_of_frames_is_no_dust(quality, grain):
    frames = []
    for t in (0, -1, 1):
        _, data = cv2.imencode(".jpg", face(t, grain), [cv2.IMWRITE_JPEG_QUALITY, quality])
        frames.append(cv2.imdecode(data, cv2.IMREAD_COLOR))
    assert replaced(*frames) is frames[0]


@pytest.mark.parametrize("grain", [0.0, 3.0, 10.0])
def test_a_face_that_moves_is_left_alone(grain):
    now = face(0, grain)
    assert replaced(now, face(-1, grain), face(1, grain)) is now


def test_what_stays_is_no_dust():
    spot = SKIN["cheek"]
    now, after = (painted(crop, spot, (3, 3), 20) for crop in (face(0), face(1)))
    assert replaced(now, after=after) is now


def test_brighter_than_the_one_and_darker_than_the_other_is_no_dust():
    before, after = (
        painted(face(t), SKIN["cheek"], (4, 4), tone) for t, tone in ((-1, 10), (1, 250))
    )
    now = painted(face(0), SKIN["cheek"], (4, 4), 130)
    assert replaced(now, before, after) is now


@pytest.mark.parametrize("tone", [0, 255])
def test_a_frame_that_is_lost_is_no_dust(tone):
    now = np.full((SIDE, SIDE, 3), tone, np.uint8)
    assert replaced(now) is now


def test_neighbours_that_show_something_else_tell_nothing():
    now = painted(face(0), SKIN["cheek"], (3, 3), 20)
    random = np.random.default_rng(0)
    other = random.integers(0, 255, now.shape, dtype=np.uint8)
    assert replaced(now, before=other) is now
    assert replaced(now, after=other) is now


def test_snow_is_another_kind_of_damage(monkeypatch):
    """A picture has thousands of flakes, each of which would be looked at by itself."""
    rng = np.random.default_rng(3)
    quiet = 120 + rng.normal(0, 1, (256, 256)).astype(np.float32)
    flakes = np.zeros_like(quiet)
    flakes[4:-4:6, 4:-4:6] = 80
    flakes = cv2.dilate(flakes, np.ones((2, 2), np.uint8))
    looked = []
    monkeypatch.setattr(specks, "_alone", lambda *given: looked.append(given))
    assert Specks().found(quiet + flakes, quiet, quiet + 1, [], 4) is None
    assert not looked
