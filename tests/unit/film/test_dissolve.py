from __future__ import annotations

import numpy as np
import pytest

from tests.unit.film.scenes import dissolved, other, person, table
from vidrestore.film.dissolve import REACH, mixture, smoothed
from vidrestore.film.tone import Motion, glance

BEGIN = 14


def evidence(pictures):
    glances = [glance(picture) for picture in pictures]
    return [mixture(glances, t, Motion()) for t in range(len(glances))]


def course(found):
    return [smoothed(found, t) for t in range(len(found))]


def dissolve(first, second, length):
    shares = np.clip((np.arange(BEGIN * 2 + length) - BEGIN + 1) / (length + 1), 0, 1)
    return [dissolved(first(t), second(t), share) for t, share in enumerate(shares)]


@pytest.mark.parametrize(
    ("first", "second", "length"),
    [(person, other, 10), (other, person, 24), (person, table, 24), (person, other, 48)],
)
def test_a_dissolve_is_found_from_its_first_frames_to_its_last(first, second, length):
    mixed = course(evidence(dissolve(first, second, length)))
    middle = slice(BEGIN + length // 4, BEGIN + length - length // 4)
    assert min(mixed[middle]) > 0.9
    assert max(np.abs(np.diff(mixed))) <= 0.35  # nothing goes on and off
    assert max(mixed[: BEGIN - 2 * REACH]) == max(mixed[BEGIN + length + 2 * REACH :]) == 0


@pytest.mark.parametrize(
    ("shot", "light"),
    [
        (person, "same"),
        (table, "same"),
        (person, "dimmed"),
        (other, "flickering"),
        (table, "flickering"),
        (other, "lamp"),
    ],
)
def test_a_shot_is_none(shot, light):
    random = np.random.default_rng(0)
    pictures = []
    for t in range(40):
        gain = {
            "same": 1.0,
            "dimmed": 1 - t / 50,
            "flickering": float(np.exp(random.normal(0, 0.06))),
            "lamp": 0.4 if t < 20 else 1.0,
        }[light]
        pictures.append((shot(t) * gain).clip(0, 255).astype(np.uint8))
    assert max(course(evidence(pictures))) == 0


def test_who_passes_close_before_the_camera_is_none():
    pictures = [person(t) for t in range(40)]
    for t, picture in enumerate(pictures):
        x = 12 * (t - 12)
        picture[:, max(x, 0) : max(x + 70, 0)] = (30, 40, 60)
    assert max(course(evidence(pictures))) < 0.1


def test_single_frames_of_evidence_are_none():
    assert smoothed([0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], 6) == 0
    assert smoothed([1.0] * 13, 6) == 1


def test_a_few_frames_tell_nothing():
    assert evidence([person(0), dissolved(person(1), other(1), 0.5), other(2)]) == [0, 0, 0]
