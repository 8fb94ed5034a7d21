from __future__ import annotations

import importlib
import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from vidrestore.detect.networks.retinaface import (
    VARIANTS,
    RetinaFaceDetector,
    anchors,
    build_network,
    decode,
    retinaface,
)
from vidrestore.errors import ModelError
from vidrestore.weights.state import read_state


@pytest.fixture(scope="module")
def small_network():
    torch.manual_seed(1)
    return build_network("mobile0.25", "cpu")


@pytest.fixture(scope="module")
def small_weights(small_network, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "mobile.pth"
    # As published: saved by data-parallel training.
    torch.save({f"module.{k}": v for k, v in small_network.state_dict().items()}, path)
    return path


def picture(seed=0, width=157, height=123):
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3)).astype(np.uint8)


class Answering(nn.Module):
    """Gives one chosen anchor a score and prepared numbers; keeps what it was shown."""

    def __init__(self, index, moves, points, score=0.9):
        super().__init__()
        self.index, self.moves, self.points, self.score = index, moves, points, score
        self.seen = None

    def forward(self, batch):
        self.seen = batch
        count = len(anchors(batch.shape[3], batch.shape[2]))
        classes = torch.tensor([1.0, 0.0]).repeat(1, count, 1)
        classes[0, self.index] = torch.tensor([1 - self.score, self.score])
        moves, points = torch.zeros(1, count, 4), torch.zeros(1, count, 10)
        moves[0, self.index] = torch.tensor(self.moves)
        points[0, self.index] = torch.tensor(self.points)
        return moves, classes, points


def test_the_networks_see_blue_green_red_less_their_means():
    image = np.zeros((32, 48, 3), np.uint8)
    image[...] = (200, 150, 110)
    network = Answering(0, [0.0] * 4, [0.0] * 10)
    RetinaFaceDetector(network, 0.5, "cpu").detect([image])
    assert network.seen.shape == (1, 3, 32, 48)
    assert network.seen[0, :, 5, 7].tolist() == [110 - 104, 150 - 117, 200 - 123]


def test_landmarks_and_box_of_one_anchor():
    # The fourth cell of the second row at stride 8, the larger of its two squares (32 px).
    columns = 6
    index = (1 * columns + 3) * 2 + 1
    points = [-2.0, -2, 2, -2, 0, 0, -1.5, 2, 1.5, 2]
    network = Answering(index, [1.0, 0, 0, float(np.log(2) / 0.2)], points)
    ((face,),) = RetinaFaceDetector(network, 0.5, "cpu").detect([np.zeros((32, 48, 3), np.uint8)])
    # The cell's middle, 28 and 12 px from the corner, is at 27.5 and 11.5 between pixel centres.
    expected = np.array([(-6.4, -6.4), (6.4, -6.4), (0, 0), (-4.8, 6.4), (4.8, 6.4)])
    np.testing.assert_allclose(face.landmarks - (27.5, 11.5), expected, atol=1e-4)
    np.testing.assert_allclose(face.box, [14.7, -20.5, 46.7, 43.5], atol=1e-4)
    assert face.score == pytest.approx(0.9)
    assert RetinaFaceDetector(network, 0.95, "cpu").detect([np.zeros((32, 48, 3), np.uint8)]) == [
        ()
    ]


@pytest.mark.parametrize("size", [(157, 123), (64, 64), (33, 65)])
def test_decoding_equals_facexlibs(small_network, size):
    theirs = importlib.import_module("facexlib.detection.retinaface_utils")
    width, height = size
    priors = theirs.PriorBox(small_network.cfg, image_size=(height, width)).forward()
    generator = torch.Generator().manual_seed(0)
    moves = torch.randn(len(priors), 4, generator=generator)
    points = torch.randn(len(priors), 10, generator=generator)
    variance = small_network.cfg["variance"]
    scale = torch.tensor([width, height], dtype=torch.float32)
    boxes = theirs.decode(moves, priors, variance) * scale.repeat(2)
    landmarks = theirs.decode_landm(points, priors, variance) * scale.repeat(5)
    ours = decode(anchors(width, height), moves.double().numpy(), points.double().numpy())
    # Theirs count from the picture's corner.
    np.testing.assert_allclose(ours[0], boxes.numpy() - 0.5, atol=2e-3)
    np.testing.assert_allclose(ours[1].reshape(-1, 10), landmarks.numpy() - 0.5, atol=2e-3)


def test_the_whole_network_gives_one_answer_per_anchor(small_network):
    with torch.inference_mode():
        moves, classes, points = small_network(torch.zeros(1, 3, 123, 157))
    count = len(anchors(157, 123))
    assert moves.shape == (1, count, 4)
    assert classes.shape == (1, count, 2)
    assert points.shape == (1, count, 10)


def test_weights_are_read_from_both_kinds_of_file(small_network, small_weights, tmp_path):
    tensors = tmp_path / "mobile.safetensors"
    save_file(dict(small_network.state_dict()), tensors)
    direct = RetinaFaceDetector(small_network, 0.45, "cpu").detect([picture()])
    for path in (small_weights, tensors, str(tensors)):
        loaded = retinaface("retinaface-mobile0.25", path, 0.45, "cpu").detect([picture()])
        assert len(loaded[0]) == len(direct[0]) > 0
        np.testing.assert_array_equal(loaded[0][0].landmarks, direct[0][0].landmarks)


def test_resnet50_takes_its_weights(tmp_path):
    path = tmp_path / "resnet.pth"
    torch.save(build_network("resnet50", "cpu").state_dict(), path)
    detector = retinaface("retinaface-resnet50", path, 0.999, "cpu")
    assert len(detector.detect([picture(width=64, height=64)])) == 1


@pytest.mark.parametrize("name", VARIANTS)
def test_missing_weights_are_asked_for_by_their_option(name):
    with pytest.raises(ModelError, match=r"detect\.weights") as caught:
        retinaface(name, None, 0.3, "cpu")
    assert VARIANTS[name].file in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelError, match=r"No such file .*check detect\.weights"):
        retinaface(name, "no/such/file.pth", 0.3, "cpu")


def test_weights_of_another_network_are_named(small_weights):
    with pytest.raises(ModelError, match=r"it is of retinaface-mobile0\.25"):
        retinaface("retinaface-resnet50", small_weights, 0.3, "cpu")


class Forbidden:
    def __reduce__(self):
        return (print, ("executed",))


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"not weights at all", "is neither"),
        (pickle.dumps({"a": Forbidden()}), "print, but pickled code is never run"),
        (pickle.dumps({"a": Forbidden()}, 2), "print, but pickled code is never run"),
    ],
    ids=["empty", "text", "pickle", "older pickle"],
)
def test_what_is_not_weights_is_refused_and_never_executed(
    tmp_path, capsys, content, words, suffix
):
    path = tmp_path / f"odd{suffix}"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=words) as caught:
        read_state(path, "detect.weights")
    assert "\n" not in str(caught.value)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("value", [[1, 2], {"a": 3}, {1: torch.zeros(1)}])
def test_what_is_not_a_state_dict_is_refused(tmp_path, value):
    path = tmp_path / "odd.pth"
    torch.save(value, path)
    with pytest.raises(ModelError, match="not a state dict"):
        read_state(path, "detect.weights")


def test_missing_tensors_are_named(small_network, tmp_path):
    state = dict(small_network.state_dict())
    del state["BboxHead.0.conv1x1.bias"]
    path = tmp_path / "part.pth"
    torch.save(state, path)
    with pytest.raises(ModelError, match=r"BboxHead\.0\.conv1x1\.bias") as caught:
        retinaface("retinaface-mobile0.25", path, 0.3, "cpu")
    assert "\n" not in str(caught.value)
