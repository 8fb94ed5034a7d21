"""Damage that is painted over by hand is filled in; nothing else changes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.made_files.synthetic import Clip, make
from tests.made_pictures.photos import pixels
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from vidrestore import ConfigError, InputError, Session


def session(mask):
    config = PLAIN.with_options({"input.mask": str(mask)})
    return Session(config, restorer=FakeRestorer(), detector=FakeDetector())


@pytest.mark.parametrize("top", [255, 65535])
def test_holes_are_filled_and_the_rest_stays(tmp_path, top):
    truth = pixels(300, 400, top=top)
    mask = np.zeros((300, 400), np.uint8)
    mask[100:104] = 255
    mask[200:230, 50:60] = 255
    damaged = truth.copy()
    damaged[mask > 0] = top
    cv2.imwrite(tmp_path / "in.png", damaged[..., ::-1])
    Image.fromarray(mask).save(tmp_path / "mask.png")
    with session(tmp_path / "mask.png") as made:
        made.restore(tmp_path / "in.png", tmp_path / "out.png")
    result = cv2.imread(tmp_path / "out.png", cv2.IMREAD_UNCHANGED)[..., ::-1]
    assert np.array_equal(result[mask == 0], truth[mask == 0])
    assert np.abs(result.astype(float) - truth)[mask > 0].mean() < 0.03 * top


def test_a_mask_of_another_size_is_refused(tmp_path):
    Image.fromarray(pixels(300, 400)).save(tmp_path / "in.png")
    Image.fromarray(pixels(30, 40)).save(tmp_path / "mask.png")
    with session(tmp_path / "mask.png") as made:
        with pytest.raises(InputError, match="is 40x30, the photo 400x300"):
            made.restore(tmp_path / "in.png", tmp_path / "out.png")
        assert not (tmp_path / "out.png").exists()


def test_masks_are_for_photos(tmp_path):
    clip = make(tmp_path, Clip(count=2))
    with session(tmp_path / "mask.png") as made, pytest.raises(ConfigError, match="for photos"):
        made.restore(clip, tmp_path / "out.mkv")
