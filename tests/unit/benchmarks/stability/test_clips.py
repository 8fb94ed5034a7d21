from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.stability.clips import EVENTS, SCENES, SIDE, TrueClip, make_clip, takes
from benchmarks.stability.measures import (
    Outcome,
    of_landmarks,
    of_pixels,
    settled,
    true_crops,
    warp_errors,
)
from benchmarks.stability.variants import portrait_of

LANDMARKS = np.array([(330, 370), (437, 370), (384, 440), (335, 495), (430, 495)], float)
BY_NAME = {scene.name: scene for scene in SCENES}


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    noise = np.random.default_rng(1).standard_normal((768, 768, 3))
    return np.clip(128 + 400 * cv2.GaussianBlur(noise, (0, 0), 4), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def swaying(portrait) -> TrueClip:
    return make_clip(BY_NAME["sway"], portrait, LANDMARKS, frames=6)


def outcome(clip: TrueClip, error: float = 0.0, grain: float = 0.0) -> Outcome:
    random = np.random.default_rng(0)
    landmarks = clip.landmarks + error * random.standard_normal(clip.landmarks.shape)
    crops = true_crops(clip)
    noise = grain * random.standard_normal(crops.shape)
    return Outcome(landmarks, 1, 0, (crops + noise).astype(np.float32))


def test_the_truth_itself_is_perfect(swaying: TrueClip) -> None:
    truth = outcome(swaying)
    seen = of_landmarks(swaying, truth, truth)
    assert seen["jitter"] == seen["error"] == seen["lag"] == 0
    pixels = of_pixels(swaying, true_crops(swaying), truth)
    assert pixels["warp error"] == 0
    assert pixels["sharpness"] == pytest.approx(1)
    assert np.isinf(pixels["PSNR"])


def test_the_known_motion_explains_the_moving_truth(swaying: TrueClip) -> None:
    crops = true_crops(swaying)
    still = replace(swaying, before_from_now=np.stack([np.eye(3)] * 5))
    # Crops follow the face, so that in them it hardly moves: shift one to see the motion matter.
    assert max(abs(e) for e in warp_errors(swaying, crops, crops)) == 0
    np.testing.assert_allclose(swaying.before_from_now, still.before_from_now, atol=0.05)


def test_noise_costs_in_every_measure(swaying: TrueClip) -> None:
    truth, noisy = outcome(swaying), outcome(swaying, error=1.0, grain=8.0)
    seen = of_landmarks(swaying, noisy, truth)
    assert seen["jitter"] > 1
    assert seen["error"] > 0.5
    pixels = of_pixels(swaying, true_crops(swaying), noisy)
    assert pixels["warp error"] > 3
    assert 20 < pixels["PSNR"] < 35


def test_a_ghost_after_a_sudden_change_is_seen(portrait) -> None:
    clip = make_clip(BY_NAME["light"], portrait, LANDMARKS, frames=EVENTS[1] + 4)
    assert clip.truth[EVENTS[0]].mean() < 0.7 * clip.truth[0].mean()
    truth, prompt = true_crops(clip), outcome(clip, grain=4.0)
    late = replace(prompt, crops=np.roll(prompt.crops, 3, axis=0))
    assert settled(clip, truth, prompt, prompt) == 0
    assert settled(clip, truth, late, prompt) < -3


def test_every_scene_is_named_once_and_crops_are_upright() -> None:
    assert len(BY_NAME) == len(SCENES) == 12
    assert sum(scene.speaks for scene in SCENES) >= 2
    assert sum(scene.stands for scene in SCENES) >= 3
    assert SIDE % 2 == 0


def test_another_take_has_other_people_and_seeds_and_the_same_scenes() -> None:
    assert takes(0) == SCENES
    played = [scene for number in range(3) for scene in takes(number)]
    assert len({scene.name for scene in played}) == len({scene.seed for scene in played}) == 36
    assert [
        replace(a, name=b.name, seed=b.seed) for a, b in zip(takes(2), SCENES, strict=True)
    ] == [*SCENES]
    people = [(Path(str(n)), LANDMARKS) for n in range(36)]
    cast = {portrait_of(n, people, take)[0] for take in range(3) for n in range(len(SCENES))}
    assert len(cast) == 36
