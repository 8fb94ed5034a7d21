"""What every detector keeps to, whatever network it runs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.made_pictures.portraits import astronaut, coffee
from tests.stand_ins.fakes import FakeDetector
from vidrestore.datatypes import Face
from vidrestore.detect.hybrid import default_detector
from vidrestore.detect.networks.centerface import CenterFace
from vidrestore.detect.networks.retinaface import RetinaFaceDetector, build_network
from vidrestore.detect.turned import TurnedDetector


def default():
    return default_detector(0.3)


def centerface():
    return CenterFace(0.3)


def turned():
    return TurnedDetector(default(), 1)


def retinaface():
    """With random weights that still look at the picture: some of its anchors pass."""
    torch.manual_seed(1)
    network = build_network("mobile0.25", "cpu")
    picture = torch.from_numpy(np.ascontiguousarray(astronaut()[::2, ::2].transpose(2, 0, 1)))
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.inference_mode():
        # Without this the activations of so deep a random network die away.
        network.train()(picture[None].float() - 110)
    return RetinaFaceDetector(network.eval(), 0.75, "cpu")


MAKERS = {
    maker.__name__: maker for maker in (default, centerface, turned, retinaface, FakeDetector)
}


@pytest.fixture(scope="module", autouse=True)
def one_torch_thread():
    """Small pictures: helper threads would only wait for each other on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module", params=MAKERS)
def detector(request):
    return MAKERS[request.param]()


def small(picture, step):
    return np.ascontiguousarray(picture[::step, ::step])


def values(faces):
    return [np.concatenate([face.box, face.landmarks.ravel(), [face.score]]) for face in faces]


def test_one_tuple_of_faces_per_picture(detector):
    pictures = [small(astronaut(), 2), small(coffee(), 3), np.zeros((40, 60, 3), np.uint8)]
    results = detector.detect(pictures)
    assert isinstance(results, list)
    assert len(results) == 3
    for faces in results:
        assert isinstance(faces, tuple)
        assert all(isinstance(face, Face) for face in faces)


def test_no_pictures_no_results(detector):
    assert detector.detect([]) == []


def test_faces_are_finite_ordered_and_scored(detector):
    for face in detector.detect([small(astronaut(), 2)])[0]:
        assert face.box.dtype == face.landmarks.dtype == np.float64
        assert np.isfinite(face.box).all()
        assert np.isfinite(face.landmarks).all()
        assert (face.box[:2] < face.box[2:]).all()
        assert 0 <= face.score <= 1
        assert isinstance(face.score, float)


def test_a_picture_is_neither_changed_nor_need_be_writable(detector):
    picture = small(astronaut(), 2)
    before = picture.copy()
    picture.flags.writeable = False
    detector.detect([picture])
    np.testing.assert_array_equal(picture, before)


def test_no_state_between_calls_and_no_mixing_within_one(detector):
    first, second = small(astronaut(), 2), small(coffee(), 3)
    together = detector.detect([first, second, first])
    detector.detect([second])
    again = detector.detect([first])
    for result in (together[0], together[2]):
        assert len(result) == len(again[0])
        for one, other in zip(values(result), values(again[0]), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-2)


@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (33, 31), (65, 97)])
def test_any_size_of_picture_will_do(detector, shape):
    picture = np.random.default_rng(0).integers(0, 255, (*shape, 3)).astype(np.uint8)
    (faces,) = detector.detect([picture])
    for value in values(faces):
        assert np.isfinite(value).all()


@pytest.mark.parametrize("name", ["default", "centerface"])
def test_what_knows_faces_finds_the_one_and_only(name):
    detector = MAKERS[name]()
    (faces,) = detector.detect([astronaut()])
    assert len(faces) == 1
    assert faces[0].score >= 0.5
