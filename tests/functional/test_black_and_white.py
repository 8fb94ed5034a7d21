"""A black-and-white film gains no colour, and the job says that it was one."""

from __future__ import annotations

import numpy as np

from tests import witness
from tests.functional.conftest import SAMPLE
from tests.functional.exactness import samples
from tests.stand_ins.fakes import FakeRestorer
from vidrestore import Config, restore_video
from vidrestore.video import VideoSource


def reddened(crops: np.ndarray) -> np.ndarray:
    """A restorer that gives every face red blotches."""
    y, x = np.mgrid[: crops.shape[1], : crops.shape[2]]
    red = 60 * np.sin(x / 5)[..., None] * np.array([1, -0.3, -0.5])
    return np.clip(crops + red + 10 * np.sin(y / 4)[..., None], 0, 255).astype(crops.dtype)


def test_noisy_tinted_film_keeps_its_chroma_in_every_sample(tmp_path):
    source, out = tmp_path / "film.mkv", tmp_path / "out.mkv"
    worn = "hue=s=0,noise=c1s=8:c2s=8:allf=t,lutyuv=u=val-3:v=val+3"
    witness.run("-i", SAMPLE, "-t", "1", "-vf", worn, "-an", "-sn", "-c:v", "ffv1", source)
    config = Config().with_options({"encoder.codec": "ffv1"})
    report = restore_video(source, out, config, restorer=FakeRestorer(reddened))
    fmt = VideoSource(source).format
    before, after = samples(source, fmt), samples(out, fmt)
    assert report.faces == report.frames == report.picture["colourless_frames"] == 25
    assert (before[0] != after[0]).any()
    np.testing.assert_array_equal(before[1], after[1])
    np.testing.assert_array_equal(before[2], after[2])
