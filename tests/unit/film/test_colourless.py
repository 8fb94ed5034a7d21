"""Black and white, or in colour? Noise and a slight tint do not count; a face's skin does."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.made_pictures.strategies import empty_frame, look_at
from vidrestore.datatypes import FrameFormat, Look
from vidrestore.film.colourless import Colourless, colour_vote

YUV = FrameFormat(4, 2, "yuv420p")


def gray(seed: int = 0) -> np.ndarray:
    """(120, 160, 3) float: a textured picture without colour."""
    y, x = np.mgrid[:120, :160]
    level = 120 + 50 * np.sin(x / 11 + seed) + 40 * np.cos(y / 8)
    return np.repeat(level[..., None], 3, axis=-1)


def picture(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


PLAIN = picture(gray())
NOISY = picture(
    gray() + cv2.GaussianBlur(np.random.default_rng(1).normal(0, 8, (120, 160, 3)), (0, 0), 0.8)
)
TINTED = picture(gray() + np.array([6, 0, -8]))
SKIN = picture(gray() * np.array([1.15, 0.95, 0.8]))
PALE = picture(gray() + np.linspace(-18, 18, 160)[None, :, None] * np.array([1, 0, -1]))


@pytest.mark.parametrize(
    ("shown", "vote"),
    [
        (PLAIN, -1),
        (NOISY, -1),
        (TINTED, -1),
        (SKIN, 1),
        (PALE, 1),
        (np.full((90, 120, 3), 8, np.uint8), 0),
    ],
    ids=["plain", "noisy", "tinted", "skin all over", "pale colours", "dark"],
)
def test_votes(shown: np.ndarray, vote: int) -> None:
    assert colour_vote(shown) == vote


def answers(pictures: list[np.ndarray], cuts: tuple[int, ...] = (0,), mode="auto") -> list[bool]:
    stage = Colourless(mode)
    found = []
    for index, shown in enumerate(pictures):
        look = Look(empty_frame(index, fmt=YUV), shown, index in cuts)
        (out,) = stage.push(look)
        assert out.picture is shown
        assert not look.frame.colourless
        found.append(out.frame.colourless)
    assert not list(stage.flush())
    return found


def test_a_shot_is_decided_from_its_first_picture_and_anew_at_each_cut() -> None:
    assert answers([PLAIN] * 5 + [SKIN] * 5 + [NOISY] * 5, (0, 5, 10)) == (
        [True] * 5 + [False] * 5 + [True] * 5
    )


def test_a_settled_shot_does_not_switch_to_and_fro() -> None:
    flicker = [PLAIN] * 10 + [SKIN, PLAIN, SKIN, SKIN, PLAIN, PLAIN] * 5
    assert all(answers(flicker))
    flicker = [SKIN] * 10 + [PLAIN, SKIN, PLAIN, PLAIN, SKIN, SKIN] * 5
    assert not any(answers(flicker))


def test_nine_pictures_more_change_a_settled_answer() -> None:
    assert answers([PLAIN] * 10 + [SKIN] * 8 + [PLAIN] * 2) == [True] * 20
    assert answers([PLAIN] * 10 + [SKIN] * 9) == [True] * 18 + [False]


def test_colour_that_comes_up_within_a_shot_is_seen() -> None:
    found = answers([PLAIN] * 10 + [PALE] * 12)
    assert found == [True] * 18 + [False] * 4


def test_a_fade_from_black_decides_nothing() -> None:
    dark = np.full((90, 120, 3), 6, np.uint8)
    assert answers([dark] * 20 + [SKIN] * 2) == [False] * 22
    assert answers([dark] * 20 + [PLAIN] * 2) == [False] * 20 + [True] * 2


def test_the_option_overrules_the_picture() -> None:
    assert answers([SKIN] * 3, mode="on") == [True] * 3
    assert answers([PLAIN] * 3, mode="off") == [False] * 3


def test_a_gray_format_has_no_colour() -> None:
    (out,) = Colourless("auto").push(look_at(0, SKIN))
    assert out.frame.format.layout == "gray"
    assert out.frame.colourless
    assert replace(out.frame, colourless=False).format == out.frame.format
