from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest

from benchmarks.against_filters import media
from benchmarks.against_filters.crops import crops_of, side_of
from benchmarks.against_filters.scenes import Truth
from benchmarks.against_filters.wear import KINDS
from vidrestore.measure import face_region, psnr
from vidrestore.picture.template import template

FRAMES, SIDE = 3, 160


@pytest.fixture(scope="module")
def truth() -> Truth:
    random = np.random.default_rng(3)
    texture = random.uniform(0, 255, (SIDE, SIDE, 3)).astype(np.float32)
    picture = cv2.normalize(cv2.GaussianBlur(texture, (0, 0), 2), None, 20, 230, cv2.NORM_MINMAX)
    pictures = np.repeat(picture.astype(np.uint8)[None], FRAMES, axis=0)
    landmarks = np.repeat(template("gpen", SIDE)[None], FRAMES, axis=0)
    return Truth(pictures, landmarks, Fraction(25))


@pytest.mark.parametrize("kind", KINDS)
def test_worn_files_have_their_truths_size_and_are_the_same_for_the_same_seed(
    kind, truth, tmp_path
):
    seen = KINDS[kind].seen(truth)
    for name in ("one.mkv", "two.mkv"):
        pictures, how = KINDS[kind].worn(seen, np.random.default_rng(5))
        media.write(pictures, tmp_path / name, seen.rate, how)
    worn = media.read(tmp_path / "one.mkv")
    assert worn.shape == seen.pictures.shape
    assert np.array_equal(worn, media.read(tmp_path / "two.mkv"))
    assert media.rate_of(tmp_path / "one.mkv") == 25
    decibels = psnr(worn[0], seen.pictures[0])
    assert 10 < decibels < 40


def test_reduction_wears_more_from_kind_to_kind(truth):
    found = []
    for kind in ("mild", "medium", "heavy"):
        pictures, _ = KINDS[kind].worn(truth, np.random.default_rng(5))
        found.append(psnr(pictures[0], truth.pictures[0]))
    assert found[0] > found[1] + 1 > found[2] + 2


def test_film_is_gray_and_flickers(truth):
    film = KINDS["film"]
    seen = film.seen(truth)
    assert np.ptp(seen.pictures, axis=-1).max() == 0
    pictures, _ = film.worn(seen, np.random.default_rng(5))
    means = pictures.reshape(FRAMES, -1).mean(axis=1)
    assert np.ptp(means) > 2
    assert np.ptp(seen.pictures.reshape(FRAMES, -1).mean(axis=1)) == 0


def test_cctv_shows_faces_of_its_height(truth):
    small = KINDS["cctv"].seen(truth)
    scale = small.pictures.shape[1] / SIDE
    height = np.flatnonzero(face_region(512).any(axis=1))
    face = (height[-1] - height[0] + 1) * SIDE / 512 * scale
    assert face == pytest.approx(50, abs=1.5)
    moved = (truth.landmarks + 0.5) * scale - 0.5
    assert np.allclose(small.landmarks, moved)


def test_crops_are_upright_and_about_as_large_as_the_face(truth):
    assert side_of(truth.landmarks) == SIDE
    crops = crops_of(truth.pictures, truth.landmarks)
    assert np.abs(crops.astype(int) - truth.pictures).max() <= 1
    turn = cv2.getRotationMatrix2D((80, 80), 20, 1.0)
    turned = np.stack([cv2.warpAffine(p, turn, (SIDE, SIDE)) for p in truth.pictures])
    places = truth.landmarks @ turn[:, :2].T + turn[:, 2]
    upright = crops_of(turned, places)
    inner = face_region(SIDE)
    assert psnr(upright[0], truth.pictures[0], inner) > 32
