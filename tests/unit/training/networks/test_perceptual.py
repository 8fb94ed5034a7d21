from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from training.networks.observers import CenterFaceLayers, ONetLayers
from training.networks.onnx_values import float_tensors
from training.networks.perceptual import PerceptualLoss
from vidrestore.picture.template import template
from vidrestore.weights.installed import CENTERFACE

SIDE = 64
MARKS = torch.from_numpy(template("gpen", SIDE)).float()[None]


@pytest.fixture(scope="module")
def loss() -> PerceptualLoss:
    return PerceptualLoss()


def truth() -> torch.Tensor:
    coarse = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return torch.nn.functional.interpolate(coarse, size=SIDE, mode="bicubic").clamp(-1, 1)


def softened(picture: torch.Tensor, factor: int) -> torch.Tensor:
    small = torch.nn.functional.avg_pool2d(picture, factor)
    return torch.nn.functional.interpolate(small, size=SIDE, mode="bilinear")


def test_centerface_sees_what_opencv_says_that_it_sees() -> None:
    """OpenCV is told that the inner maps are the file's outputs: their names are as long."""
    content, inner = CENTERFACE.read(), (b"387", b"413", b"430")
    for output, name in zip((b"537", b"538", b"539"), inner, strict=True):
        assert content.count(b"\x0a\x03" + output + b"\x12") == 1
        content = content.replace(b"\x0a\x03" + output + b"\x12", b"\x0a\x03" + name + b"\x12")
    network = cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))
    network.setInput(((truth() + 1) * 127.5).numpy())
    *expected, _ = network.forward([*(name.decode() for name in inner), "540"])
    with torch.inference_mode():
        maps = CenterFaceLayers()(truth())
    for mine, theirs in zip(maps, expected, strict=True):
        torch.testing.assert_close(mine, torch.from_numpy(theirs), rtol=1e-3, atol=1e-3)


def test_tensors_are_read_with_their_sizes() -> None:
    tensors = float_tensors(CENTERFACE.read())
    assert tensors["542"].shape == (32, 3, 3, 3)
    assert tensors["544"].shape == (32,)
    assert all(tensor.isfinite().all() for tensor in tensors.values())


def test_onet_gives_three_layers_at_any_size() -> None:
    sizes = [tuple(maps.shape[1:]) for maps in ONetLayers()(torch.zeros(1, 3, 48, 48))]
    assert sizes == [(32, 46, 46), (64, 21, 21), (64, 8, 8)]


def test_the_truth_costs_nothing_and_blur_more_and_more(loss: PerceptualLoss) -> None:
    own, little, much = (loss(x, truth(), MARKS) for x in (truth(), *map(_soft, (2, 8))))
    assert float(own) == 0
    assert 0 < float(little) < float(much)


def _soft(factor: int) -> torch.Tensor:
    return softened(truth(), factor)


def test_an_eye_counts_more_than_a_corner(loss: PerceptualLoss) -> None:
    x, y = MARKS[0, 0].round().int().tolist()
    costs = []
    for column, row in ((x - 4, y - 4), (2, 2)):
        spoilt = truth()
        spoilt[..., row : row + 8, column : column + 8] += 0.3
        costs.append(float(loss(spoilt, truth(), MARKS)))
    assert costs[0] > 2 * costs[1]


def test_gradients_reach_the_restored_alone(loss: PerceptualLoss) -> None:
    restored = softened(truth(), 4).requires_grad_()
    wanted = truth().requires_grad_()
    loss(restored, wanted, MARKS).sum().backward()
    assert restored.grad is not None
    assert restored.grad.abs().max() > 0
    assert wanted.grad is None
    assert all(parameter.grad is None for parameter in loss.parameters())
