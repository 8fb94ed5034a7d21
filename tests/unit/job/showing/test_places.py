"""Large faces first, and of two that are as large the worn one."""

from __future__ import annotations

import threading
from fractions import Fraction

import cv2
import numpy as np
import pytest

from tests.stand_ins.fakes import FakeDetector, FakeSource
from vidrestore.errors import Interrupted
from vidrestore.job.showing.places import LOOKS, Place, chosen, look, times_to_look
from vidrestore.measure.wear import wear


def place(time, face=0.0, worn=0.0):
    return Place(Fraction(time), face, worn)


def test_looks_are_spread_over_the_whole_video():
    times = times_to_look(Fraction(5), Fraction(3600))
    assert len(times) == LOOKS
    assert times[0] == 5 + 90
    assert times[-1] == 5 + 3510
    assert times_to_look(Fraction(5), None) == [5]


def test_what_tells_most_is_chosen_in_order_of_time():
    places = [place(0, 50), place(10, 60), place(20, 50, 0.9), place(30, 20, 1)]
    assert chosen(places, 1, Fraction(2)) == [places[2]]
    assert chosen(places, 2, Fraction(2)) == [places[1], places[2]]
    assert chosen(places, 9, Fraction(2)) == places


def test_chosen_places_lie_apart():
    places = [place(0, 50), place(1, 49), place(2, 10)]
    assert chosen(places, 2, Fraction(2)) == [places[0], places[2]]


def test_without_faces_the_middle_is_chosen():
    assert chosen([place(n) for n in range(5)], 1, Fraction(1)) == [place(2)]
    assert chosen([], 1, Fraction(1)) == []


def test_faces_are_looked_for_on_a_reduced_picture():
    source = FakeSource(count=2, width=128, height=96)
    found = look(source, FakeDetector(), 64, start=Fraction(0))
    assert [float(place.time) for place in found] == [0.0, 0.04]
    full = look(source, FakeDetector(), 128, start=Fraction(0))
    assert found[0].face == pytest.approx(full[0].face, rel=0.05)
    assert 0 <= found[0].wear <= 1


def test_looking_can_be_stopped():
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        look(FakeSource(), FakeDetector(), 64, start=Fraction(0), stop=stop)


@pytest.fixture
def face():
    noise = np.random.default_rng(1).normal(0, 40, (128, 128)).astype(np.float32)
    shape = cv2.GaussianBlur(noise, (0, 0), 8) * 8 + cv2.GaussianBlur(noise, (0, 0), 2)
    return np.clip(128 + shape, 0, 255)


def test_blur_and_noise_are_wear(face):
    blurred = [wear(cv2.GaussianBlur(face, (0, 0), sigma)) for sigma in (1, 2, 4)]
    assert blurred == sorted(blurred)
    noise = np.random.default_rng(2).normal(0, 1, face.shape)
    noisy = [wear(face + level * noise) for level in (5, 8, 12)]
    assert noisy == sorted(noisy)
    assert wear(np.full((20, 20), 9.0)) == 1.0


def test_a_face_enlarged_is_as_worn_as_one_blurred(face):
    small = cv2.resize(face, (32, 32), interpolation=cv2.INTER_AREA)
    assert wear(small) > wear(face)
    with pytest.raises(ValueError, match="from 3 on"):
        wear(np.zeros((2, 9)))
