from __future__ import annotations

import numpy as np
import pytest

from tests.made_pictures.portraits import ASTRONAUT, astronaut, coffee
from vidrestore.detect.networks.onet import MIRRORED_ORDER, LandmarkRefiner, Square, crop_window

MIDDLE = np.array([225.0, 117.0])


@pytest.fixture(scope="module")
def refiner():
    return LandmarkRefiner()


def test_landmarks_are_found_from_a_rough_box(refiner):
    windows = [
        Square(0, MIDDLE + offset, side, angle)
        for offset in ((0, 0), (8, -6), (-7, 5))
        for side in (100.0, 125.0)
        for angle in (0.0, 0.15)
    ]
    for _, second in refiner.refine([astronaut()], windows):
        assert second.score > 0.9
        # The truth is by hand; the mean must agree within 3 % of the distance of the eyes.
        assert np.linalg.norm(second.landmarks - ASTRONAUT, axis=1).mean() < 1.5


def test_a_turned_picture_gives_turned_landmarks(refiner):
    ((_, upright),) = refiner.refine([astronaut()], [Square(0, MIDDLE, 110.0, 0.0)])
    turned = np.ascontiguousarray(np.rot90(astronaut(), -1))
    centre = np.array([511 - MIDDLE[1], MIDDLE[0]])
    ((_, sideways),) = refiner.refine([turned], [Square(0, centre, 110.0, np.pi / 2)])
    expected = np.stack([511 - upright.landmarks[:, 1], upright.landmarks[:, 0]], axis=1)
    np.testing.assert_allclose(sideways.landmarks, expected, atol=0.1)


def test_a_mirror_image_gives_mirrored_landmarks(refiner):
    ((_, plain),) = refiner.refine([astronaut()], [Square(0, MIDDLE, 110.0, 0.0)])
    mirrored = np.ascontiguousarray(astronaut()[:, ::-1])
    centre = MIDDLE * (-1, 1) + (511, 0)
    ((_, swapped),) = refiner.refine([mirrored], [Square(0, centre, 110.0, 0.0)])
    back = (swapped.landmarks * (-1, 1) + (511, 0))[list(MIRRORED_ORDER)]
    assert np.abs((back - plain.landmarks).mean(axis=0)).max() < 0.25
    assert np.linalg.norm(back - plain.landmarks, axis=1).max() < 1


def test_windows_of_several_pictures_do_not_mix(refiner):
    windows = [
        Square(1, MIDDLE, 110.0, 0.0),
        Square(0, np.array([300.0, 200]), 150.0, 0.0),
        Square(1, MIDDLE + 5, 120.0, 0.1),
    ]
    images = [coffee(), astronaut()]
    together = refiner.refine(images, windows)
    for window, looks in zip(windows, together, strict=True):
        (alone,) = refiner.refine(images, [window])
        for one, other in zip(looks, alone, strict=True):
            np.testing.assert_allclose(one.landmarks, other.landmarks, atol=1e-2)
            assert one.score == pytest.approx(other.score, abs=1e-4)
    assert together[0][1].score > 0.9
    assert together[1][1].score < 0.5


def test_no_windows_no_work(refiner):
    assert refiner.refine([astronaut()], []) == []


@pytest.mark.parametrize("side", [20.0, 48.0, 100.0, 200.0, 600.0])
@pytest.mark.parametrize("angle", [0.0, 0.4, -2.0])
def test_a_crop_shows_what_its_matrix_says(side, angle):
    y, x = np.mgrid[:700, :700]
    ramp = np.stack([x * 0.3, y * 0.3, (x + y) * 0.15], axis=-1)
    window = Square(0, np.array([352.25, 341.5]), side, angle)
    crop = crop_window(np.rint(ramp).astype(np.uint8), window).astype(float)
    places = np.stack(np.meshgrid(np.arange(48), np.arange(48)), axis=-1).reshape(-1, 2)
    matrix = window.image_from_crop()
    image = places @ matrix[:, :2].T + matrix[:, 2]
    expected = np.stack([image[:, 0], image[:, 1], image.sum(axis=1) / 2], axis=1) * 0.3
    inside = ((image > 8) & (image < 690)).all(axis=1)
    error = crop.reshape(-1, 3)[inside] - expected[inside]
    assert np.abs(error).max() < 1.6
    # Half a pixel of the crop would be 0.31 here from a side of 100 px on.
    assert np.abs(error.mean(axis=0)).max() < 0.2


def test_outside_the_picture_a_crop_is_black():
    white = np.full((50, 50, 3), 255, np.uint8)
    crop = crop_window(white, Square(0, np.array([0.0, 25]), 40.0, 0.0))
    assert (crop[:, :20] == 0).all()
    assert (crop[5:-5, 30:] == 255).all()
