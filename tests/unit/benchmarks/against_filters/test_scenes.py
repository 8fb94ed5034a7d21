from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from benchmarks.against_filters.crops import crops_of
from benchmarks.against_filters.scenes import (
    Scene,
    Truth,
    around_face,
    expression_scenes,
    expressions,
    rigid,
)
from tests.unit.training.samples.expressions import drawn_face
from training.samples.portraits import Mesh
from vidrestore.measure import eye_region, mouth_region, skin_region
from vidrestore.picture.template import template

NAMES = drawn_face.groups()
LANDMARKS = np.array([*drawn_face.EYES, (192, 220), (152, 268), (232, 268)], float)


def scene_of(folder: Path, group: str) -> Scene:
    file = folder / "face.png"
    cv2.imwrite(str(file), drawn_face.picture(NAMES)[..., ::-1])
    return Scene(group, "face", file, 4, tuple((float(x), float(y)) for x, y in LANDMARKS))


def test_a_rigid_face_stays_the_same_face_under_its_landmarks(tmp_path):
    truth = rigid(scene_of(tmp_path, "rigid"), 5)
    assert truth.pictures.shape == (5, 512, 512, 3)
    assert np.abs(np.diff(truth.landmarks, axis=0)).max() > 0.3
    crops = crops_of(truth.pictures, truth.landmarks).astype(float)
    skin = skin_region(crops.shape[1])
    assert np.abs(crops - crops[0])[:, skin].mean() < 4
    assert np.abs(truth.pictures.astype(float) - truth.pictures[0])[4].mean() > 4


def test_an_actor_moves_eyes_and_mouth_and_keeps_the_skin(tmp_path):
    scene = scene_of(tmp_path, "expressions")
    mesh = Mesh(drawn_face.points(NAMES), NAMES, shuts=True)
    truth = expressions(scene, mesh, 30)
    crops = crops_of(truth.pictures, truth.landmarks).astype(float)
    change = crops.std(axis=0).mean(axis=-1)
    side = crops.shape[1]
    for moves in (eye_region(side), mouth_region(side)):
        assert change[moves].mean() > 3 * np.median(change[skin_region(side)])
    one, other = (expressions(scene, mesh, 4).pictures for _ in range(2))
    assert np.array_equal(one, other)


def test_only_people_whose_lids_shut_act():
    meshes = {
        name: Mesh(np.zeros((478, 2)), {}, shuts) for name, shuts in (("a", True), ("b", False))
    }
    people = [(Path(f"{name}.jpg"), LANDMARKS) for name in "abc"]
    assert [scene.name for scene in expression_scenes(people, meshes)] == ["a"]


def test_a_window_around_a_face_holds_the_same_pixels():
    pictures = np.random.default_rng(0).integers(0, 255, (2, 300, 401, 3), dtype=np.uint8)
    points = template("gpen", 90) + np.array([120, 101])
    truth = Truth(pictures, np.repeat(points[None], 2, axis=0), Fraction(30))
    cut = around_face(truth)
    height, width = cut.pictures.shape[1:3]
    assert height % 2 == width % 2 == 0
    assert height < 200
    x, y = (truth.landmarks - cut.landmarks)[0, 0].round().astype(int)
    assert np.array_equal(cut.pictures, pictures[:, y : y + height, x : x + width])
    outside = cut.landmarks.min(), cut.landmarks.max() - max(height, width)
    assert outside[0] > 0 > outside[1]
