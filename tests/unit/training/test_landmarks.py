from __future__ import annotations

import cv2
import numpy as np
import torch

from training.landmark_samples import MARGIN, _moved, halved, sample
from training.landmarks import Samples, drawn, folded, train
from training.portraits import Portrait
from vidrestore.detect.landmark_network import SIDE, TEMPLATE, LandmarkNetwork
from vidrestore.detect.onet import MIRRORED_ORDER

POINTS = np.array([(330.0, 376), (438, 377), (384, 440), (335, 486), (433, 487)])


def portrait(dots: float = 0.0) -> Portrait:
    """Gray, with soft dots at the landmarks."""
    y, x = np.mgrid[:768, :768]
    picture = np.full((768, 768), 128.0)
    for px, py in POINTS:
        picture += dots * np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * 6.0**2))
    pixels = np.repeat(np.clip(picture, 0, 255)[..., None], 3, axis=2).astype(np.uint8)
    return Portrait("p", pixels, POINTS)


def test_landmarks_go_along_with_the_picture() -> None:
    plain, dotted = halved(portrait()), halved(portrait(110.0))
    for seed in range(12):
        with_dots, points, _ = _moved(dotted, np.random.default_rng(seed))
        without, _, _ = _moved(plain, np.random.default_rng(seed))
        dots = cv2.GaussianBlur((with_dots - without).mean(axis=2), (0, 0), 1.0)
        for px, py in points:
            x, y = round(px), round(py)
            around = dots[y - 6 : y + 7, x - 6 : x + 7]
            if around.max() < 0.05:
                continue  # a shut eye or something before the face
            weight = np.clip(around - 0.3 * around.max(), 0, None)
            rows, columns = np.mgrid[y - 6 : y + 7, x - 6 : x + 7]
            found = np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()
            assert np.linalg.norm(found - (px, py)) < 1.2


def test_a_sample_depends_on_its_seed_alone_and_has_room_for_shifts() -> None:
    first = sample(halved(portrait(110.0)), np.random.default_rng((1, 2)))
    again = sample(halved(portrait(110.0)), np.random.default_rng((1, 2)))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert first[0].shape == (SIDE + 2 * MARGIN,) * 2
    assert first[0].dtype == np.uint8
    assert np.abs(first[1] - MARGIN - TEMPLATE).max() < 12


def batch(count: int = 6) -> Samples:
    generator = np.random.default_rng(0)
    side = SIDE + 2 * MARGIN
    crops = generator.integers(0, 256, (count, side, side), dtype=np.uint8)
    points = np.float32(TEMPLATE + MARGIN + generator.normal(0, 1, (count, 5, 2)))
    return Samples(crops, points, np.arange(count))


def test_a_mirrored_batch_has_mirrored_answers() -> None:
    samples = batch(1)
    middle, answer = drawn(samples, np.array([0]), None)
    np.testing.assert_array_equal(
        middle[0].numpy(), samples.crops[0, MARGIN : MARGIN + SIDE, MARGIN : MARGIN + SIDE]
    )
    for seed in range(20):
        crops, answers = drawn(samples, np.array([0]), np.random.default_rng(seed))
        if torch.equal(crops[0].flip(1), middle[0]):
            points = TEMPLATE + 22 * answers[0].numpy()
            back = (points * (-1, 1) + (SIDE - 1, 0))[list(MIRRORED_ORDER)]
            np.testing.assert_allclose(back, TEMPLATE + 22 * answer[0].numpy(), atol=1e-4)
            return
        dx = np.float32(22 * (answer - answers).numpy()[0]) if crops.shape else 0
        assert np.abs(dx).max() < 12


def test_folded_weights_answer_as_the_trained_network_does(capsys) -> None:
    samples = batch()
    network = train(samples, steps=3, seed=0, held=3)
    plain = LandmarkNetwork().eval()
    plain.load_state_dict({name: value.float() for name, value in folded(network).items()})
    crops, _ = drawn(samples, np.arange(6), None)
    with torch.inference_mode():
        np.testing.assert_allclose(plain(crops), network(crops), atol=2e-3)
    assert "unknown people" in capsys.readouterr().out
