from __future__ import annotations

import cv2
import numpy as np
import pytest

from benchmarks.stability.expression import NEUTRAL, Actor, Expression, speech

LANDMARKS = np.array([(90, 90), (150, 90), (120, 125), (95, 155), (145, 155)], float)


@pytest.fixture(scope="module")
def actor() -> Actor:
    picture = np.full((240, 240, 3), 128, np.uint8)
    for x, y in LANDMARKS.astype(int):
        cv2.circle(picture, (int(x), int(y)), 3, (255, 0, 0), cv2.FILLED)
    return Actor(picture, LANDMARKS)


def test_no_expression_is_the_portrait_itself(actor) -> None:
    assert actor.picture(NEUTRAL) is actor.picture(Expression())
    np.testing.assert_allclose(actor.landmarks(NEUTRAL), LANDMARKS)


@pytest.mark.parametrize("drop", [-0.15, 0.2])
def test_landmarks_lie_where_the_expression_shows_them(actor, drop: float) -> None:
    expression = Expression(opening=0.4, widening=0.2, drop=drop)
    shown = actor.picture(expression).astype(int)
    red = (shown[..., 0] - shown[..., 1] > 120).astype(np.uint8)
    _, _, _, centres = cv2.connectedComponentsWithStats(red)
    for point in actor.landmarks(expression):
        assert np.linalg.norm(centres[1:] - point, axis=1).min() < 0.8


def test_an_open_mouth_is_dark_and_a_shut_eye_hides_what_was_there(actor) -> None:
    opened = actor.picture(Expression(opening=0.6))
    assert opened[164, 120].mean() < 90
    shut = actor.picture(Expression(shut=1.0)).astype(int)
    eye = shut[90, 90]
    assert eye[0] - eye[1] < 60
    np.testing.assert_array_equal(shut[145:], actor.picture(NEUTRAL)[145:])


def test_speech_moves_the_mouth_within_its_limits_and_repeats_with_its_seed() -> None:
    said = speech(np.random.default_rng(3), 50, 25)
    openings = np.array([e.opening for e in said])
    assert 0 <= openings.min() < 0.05
    assert 0.2 < openings.max() <= 0.5
    assert said == speech(np.random.default_rng(3), 50, 25)
