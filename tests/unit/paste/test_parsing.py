from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tests.made_pictures.faces import restored
from vidrestore.errors import ModelError
from vidrestore.paste.parsing import CLASSES, SIDE, ParsedFaces, build_network, parsing_net

BRIGHT_IS_SKIN, SKIN, HAIR = 0.0, 1, 13


class ByBrightness(nn.Module):
    """What is bright is skin, the rest is hair."""

    def __init__(self):
        super().__init__()
        self.seen = None

    def forward(self, batch):
        self.seen = batch
        scores = torch.full((1, CLASSES, SIDE, SIDE), -20.0)
        bright = batch.mean(dim=1) > BRIGHT_IS_SKIN
        scores[:, SKIN] = torch.where(bright, 20.0, -20.0)
        scores[:, HAIR] = torch.where(bright, -20.0, 20.0)
        return scores, batch


def halves(split=64, dtype=np.uint8, **options):
    """Bright left of a column, dark right of it."""
    crop = np.zeros((128, 128, 3), dtype)
    crop[:, :split] = np.iinfo(dtype).max
    return restored(crop, crop, **options)


def begun(item):
    return replace(item, aligned=replace(item.aligned, shot_start=True))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_mask_is_where_the_face_is(dtype):
    network = ByBrightness()
    (mask,) = ParsedFaces(network, "cpu").masks(halves(dtype=dtype))
    assert network.seen.shape == (1, 3, SIDE, SIDE)
    assert (float(network.seen.min()), float(network.seen.max())) == (-1, 1)
    assert mask[:, :56].min() > 0.99
    assert mask[:, 72:].max() < 0.01


def test_the_mask_moves_calmly_and_a_shot_begins_anew():
    parsed = ParsedFaces(ByBrightness(), "cpu")
    (first,) = parsed.masks(halves(64))
    (second,) = parsed.masks(halves(96))
    assert first[64, 80] < 0.01
    assert 0.2 < second[64, 80] < 0.6
    for _ in range(12):
        (later,) = parsed.masks(halves(96))
    assert later[64, 80] > 0.98
    (anew,) = parsed.masks(begun(halves(64)))
    assert anew[64, 80] < 0.01


def test_a_track_that_was_away_begins_anew():
    parsed = ParsedFaces(ByBrightness(), "cpu")
    parsed.masks(halves(64, track_id=1))
    parsed.masks(halves(64, track_id=2))
    (mask,) = parsed.masks(halves(96, track_id=1))
    assert mask[64, 80] > 0.98


def test_the_published_network_takes_its_own_weights_and_no_others(tmp_path):
    torch.manual_seed(0)
    network = build_network()
    file = tmp_path / "parsing_parsenet.pth"
    torch.save(network.state_dict(), file)
    loaded = parsing_net(file, "cpu")
    own, read = network.state_dict(), loaded._network.state_dict()
    assert all(torch.equal(own[name], read[name]) for name in own)
    torch.save({"conv.weight": torch.zeros(1)}, file)
    with pytest.raises(ModelError, match="does not fit facexlib's ParseNet"):
        parsing_net(file, "cpu")
    with pytest.raises(ModelError, match=r"check paste\.parsing"):
        parsing_net(tmp_path / "missing.pth", "cpu")
