from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidrestore.datatypes import Tone
from vidrestore.film.flicker import REACH, correction, flicker_size
from vidrestore.film.tone import SAME, inverse, then

FRAMES = 60
LEVEL, SPREAD = 110.0, 45.0


def tones(levels: np.ndarray, gains: np.ndarray | None = None) -> list[Tone]:
    """Of a scene that gets so many levels brighter, and so much stronger in contrast."""
    gains = np.ones(len(levels)) if gains is None else gains
    return [
        Tone(float(g), float(LEVEL + b - g * LEVEL)) for b, g in zip(levels, gains, strict=True)
    ]


def corrections(scene: list[Tone]) -> list[Tone]:
    found = []
    for t, tone in enumerate(scene):
        to = [then(inverse(tone), other) for other in scene]
        level = tone.gain * LEVEL + tone.offset
        found.append(correction(to[:t][::-1], to[t + 1 :], level, SPREAD * tone.gain))
    return found


def noise(size: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, size, FRAMES)


T = np.arange(FRAMES)
SCENES = {
    "rest": 0 * T,
    "lamp switched on": 60.0 * (T >= 30),
    "lamp on and off again": 60.0 * ((T >= 20) & (T < 35)),
    "fade to black": -LEVEL * np.clip((T - 20) / 25, 0, 1),
    "adapting camera": 40 * (1 - np.exp(-np.maximum(T - 15, 0) / 8)),
    "passing cloud": 25 * np.sin(T / 12),
    "flash of one frame": 90.0 * (T == 30),
    "three flashes": 90.0 * np.isin(T, (25, 30, 35)),
}


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("uncertainty", [0.0, 0.3])
def test_the_light_of_a_scene_is_no_flicker(name, uncertainty):
    scene = tones(SCENES[name] + noise(uncertainty))
    assert corrections(scene) == [SAME] * FRAMES


def test_a_fade_of_contrast_is_no_flicker():
    scene = tones(-0.8 * LEVEL * T / FRAMES, 1 - 0.8 * T / FRAMES)
    assert corrections(scene) == [SAME] * FRAMES


def left(scene: list[Tone], truth: list[Tone], at: float) -> np.ndarray:
    """What of the flicker stays at a level of the scene."""
    result = []
    for flickering, steady, tone in zip(scene, truth, corrections(scene), strict=True):
        result.append(
            sum(
                part.gain * at * sign + part.offset * sign
                for part, sign in ((then(flickering, tone), 1), (steady, -1))
            )
        )
    return np.array(result)


@pytest.mark.parametrize("name", ["rest", "passing cloud", "adapting camera"])
@pytest.mark.parametrize("at", [LEVEL - SPREAD, LEVEL, LEVEL + SPREAD])
def test_flicker_goes_and_the_light_of_the_scene_stays(name, at):
    gains = np.exp(noise(0.05, 1))
    scene, truth = tones(SCENES[name] + noise(5, 2), gains), tones(SCENES[name])
    stays = left(scene, truth, at)
    was = np.array(
        [a.gain * at + a.offset - b.gain * at - b.offset for a, b in zip(scene, truth, strict=True)]
    )
    assert stays.std() < 0.4 * was.std()
    assert np.diff(stays).std() < 0.15 * np.diff(was).std()


def test_a_lamp_is_switched_on_in_one_frame_though_the_film_flickers():
    scene, truth = (tones(SCENES["lamp switched on"] + n) for n in (noise(4, 3), 0 * T))
    stays = left(scene, truth, LEVEL)
    assert np.abs(stays[25:35]).max() < 5  # a mean over the step would be off by 30


def test_what_is_short_cannot_be_told():
    scene = tones(noise(8))[:8]
    assert corrections(scene) == [SAME] * 8


def test_a_result_depends_on_no_frame_beyond_the_reach():
    scene = tones(noise(6))
    to = [then(inverse(scene[30]), other) for other in scene]
    near = correction(to[:30][::-1][:REACH], to[31:][:REACH], LEVEL, SPREAD)
    assert near != SAME
    assert correction(to[:30][::-1], to[31:], LEVEL, SPREAD) == near


@settings(max_examples=50)
@given(st.lists(st.floats(-200, 200), min_size=2, max_size=30), st.floats(0, 255))
def test_any_course_of_light_gives_a_tone_that_can_be_used(course, level):
    before = [Tone(1.0, float(v)) for v in course]
    tone = correction(before, before[::-1], level, 40.0)
    assert 0.5 <= tone.gain <= 2
    assert np.isfinite(tone.offset)


def test_frames_that_are_shown_twice_hide_no_flicker():
    course = np.repeat(noise(5, 6), 2)[:FRAMES]
    stays = left(tones(course), tones(0 * T), LEVEL)
    assert np.std(stays[8:-8]) < 0.5 * np.std(course)


def test_the_size_of_flicker_is_its_deviation():
    assert flicker_size(noise(3.0, 5)) == pytest.approx(3.0, rel=0.35)
