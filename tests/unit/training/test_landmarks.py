from __future__ import annotations

import cv2
import numpy as np
import torch

from training.landmarks import Samples, drawn, folded, train
from training.samples.landmark_samples import MARGIN, _moved, _parted, halved, mixed, sample
from training.samples.portraits import Portrait
from vidrestore.detect.networks.landmark_network import EYES, SIDE, TEMPLATE, LandmarkNetwork
from vidrestore.detect.networks.onet import MIRRORED_ORDER

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


def test_two_people_make_one_whose_landmarks_show() -> None:
    moved = POINTS + np.array([(-6, 3), (9, 0), (4, 8), (-5, -7), (8, 2.0)])
    y, x = np.mgrid[:768, :768]
    picture = np.full((768, 768), 128.0)
    for px, py in moved:
        picture += 110 * np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * 6.0**2))
    pixels = np.repeat(picture[..., None], 3, axis=2).clip(0, 255).astype(np.uint8)
    other = halved(Portrait("q", pixels, moved))
    between = mixed(halved(portrait(110.0)), other, np.random.default_rng(0))
    gray = between.pixels.mean(axis=2) - 128
    for px, py in between.landmarks:
        rows, columns = np.mgrid[round(py) - 7 : round(py) + 8, round(px) - 7 : round(px) + 8]
        weight = np.clip(gray[rows, columns] - 30, 0, None)
        found = np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()
        assert np.linalg.norm(found - (px, py)) < 0.7
        assert weight.max() > 60  # the two lie on each other


def test_lips_part_and_the_rest_of_the_face_stays() -> None:
    y, x = np.mgrid[:200, :200].astype(np.float32)
    face = np.repeat((0.5 + 0.3 * np.sin(x / 9) * np.cos(y / 7))[..., None], 3, axis=2)
    points = np.array([(70.0, 60), (130, 60), (100, 95), (75, 130), (125, 130)])
    for seed in range(6):
        spoken = _parted(face, points, np.random.default_rng(seed))
        change = np.abs(spoken - face).max(axis=2)
        assert change[128:150, 95:105].max() > 0.1
        assert change[:80].max() < 0.1
        assert np.abs(spoken - face)[120:140, :60].max() < 0.05


def batch(count: int = 6) -> Samples:
    generator = np.random.default_rng(0)
    side = SIDE + 2 * MARGIN
    crops = generator.integers(0, 256, (count, side, side), dtype=np.uint8)
    points = np.float32(TEMPLATE + MARGIN + generator.normal(0, 1, (count, 5, 2)))
    return Samples(crops, points, np.repeat(np.arange(count)[:, None], 2, axis=1))


def test_a_mirrored_batch_has_mirrored_answers() -> None:
    samples = batch(1)
    middle, answer = drawn(samples, np.array([0]), None)
    np.testing.assert_array_equal(
        middle[0].numpy(), samples.crops[0, MARGIN : MARGIN + SIDE, MARGIN : MARGIN + SIDE]
    )
    mirrors = 0
    for seed in range(20):
        _, answers = drawn(samples, np.array([0]), np.random.default_rng(seed))
        points = TEMPLATE + EYES * answers[0].numpy()
        if points[0, 0] > points[1, 0]:
            raise AssertionError("the left eye is the left one, mirrored or not")
        plain = TEMPLATE + EYES * answer[0].numpy()
        other = (plain * (-1, 1) + (SIDE - 1, 0))[list(MIRRORED_ORDER)]
        near, far = (np.abs(points - there).mean() for there in (plain, other))
        mirrors += far < near
    assert 4 < mirrors < 16


def test_crops_are_cut_where_their_answers_say() -> None:
    side = SIDE + 2 * MARGIN
    y, x = np.mgrid[:side, :side]
    points = np.float32(TEMPLATE + MARGIN)[None]
    spots = sum(np.exp(-((x - px) ** 2 + (y - py) ** 2) / 8) for px, py in points[0])
    one = Samples(np.uint8(250 * spots.clip(0, 1))[None], points, np.zeros((1, 2), np.int64))
    for seed in range(10):
        crops, answers = drawn(one, np.array([0]), np.random.default_rng(seed))
        for px, py in TEMPLATE + EYES * answers[0].numpy():
            rows, columns = np.mgrid[round(py) - 4 : round(py) + 5, round(px) - 4 : round(px) + 5]
            weight = crops[0].numpy()[rows, columns]
            found = np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()
            assert np.linalg.norm(found - (px, py)) < 0.4


def test_folded_weights_answer_as_the_trained_network_does(capsys) -> None:
    samples = batch()
    network = train(samples, steps=3, seed=0, held=3)
    plain = LandmarkNetwork().eval()
    plain.load_state_dict({name: value.float() for name, value in folded(network).items()})
    crops, _ = drawn(samples, np.arange(6), None)
    with torch.inference_mode():
        for one, other in zip(plain(crops), network(crops), strict=True):
            np.testing.assert_allclose(one, other, atol=5e-3)
    assert "unknown people" in capsys.readouterr().out
