"""The picture enlarged, and faces pasted at the new size."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tests import witness
from tests.functional.exactness import invert, samples
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from vidrestore import Config, ConfigError, restore_video
from vidrestore.build import finding
from vidrestore.video import VideoSource

PLAIN = Config().with_options(
    {
        "encoder.codec": "ffv1",
        "temporal.denoise": 0,
        "temporal.blend": 0,
        "paste.colour": False,
        "detect.every": 1,
        "paste.occlusion": False,
    }
)


@pytest.fixture(autouse=True)
def fake_detector(monkeypatch):
    monkeypatch.setattr(finding, "build_detector", lambda *_: FakeDetector())


@pytest.mark.parametrize(
    ("name", "options", "size"),
    [
        ("yuv420p", {"output.scale": 2}, (320, 240)),
        ("yuv422p10le", {"output.scale": 1.5}, (240, 180)),
        ("gray12le", {"output.height": 300}, (400, 300)),
        ("gbrp10le", {"output.height": 90}, (120, 90)),
    ],
)
def test_frames_are_scaled_and_faces_keep_their_place(tmp_path, name, options, size):
    tags = (1, 1, 0 if name.startswith("gbr") else 1, 1)
    clip = Clip("in.mkv", 3, 160, 120, pix_fmt=name, codec="ffv1", options={}, colour=tags)
    source, same, out = make(tmp_path, clip), tmp_path / "same.mkv", tmp_path / "out.mkv"
    before = restore_video(source, same, PLAIN, restorer=FakeRestorer(invert))
    config = PLAIN.with_options(options)
    after = restore_video(source, out, config, restorer=FakeRestorer(invert))
    result = VideoSource(out)
    assert (result.format.width, result.format.height) == size
    assert result.format.pix_fmt == name
    assert result.info.picture.colour == VideoSource(source).info.picture.colour
    assert [f.pts for f in witness.frames(out)] == [f.pts for f in witness.frames(source)]
    ratio = size[0] / 160
    old, new = (report.tracks[0].regions[:, 1:] for report in (before, after))
    assert np.abs(new - old * ratio).max() <= 4 * ratio
    # The restored picture, enlarged, is what was pasted into the enlarged picture.
    enlarged = tmp_path / "enlarged.mkv"
    scale = f"scale={size[0]}:{size[1]}:flags=lanczos"
    witness.run("-i", same, "-vf", scale, "-c:v", "ffv1", "-pix_fmt", name, enlarged)
    levels = 1 << (result.format.bits - 8)
    for made, told in zip(
        samples(out, result.format), samples(enlarged, result.format), strict=True
    ):
        assert np.abs(made.astype(float) - told).mean() < 3 * levels


def test_height_is_that_of_the_picture_as_shown(tmp_path):
    clip = Clip("in.mp4", 3, 160, 120, rotation=90, sample_aspect=Fraction(4, 3))
    out = tmp_path / "out.mp4"
    config = Config().with_options({"output.height": 320})
    restore_video(make(tmp_path, clip), out, config, restorer=FakeRestorer())
    picture = VideoSource(out).info.picture
    assert (picture.width, picture.height, picture.sample_aspect) == (320, 240, Fraction(4, 3))
    assert picture.rotation == 90


def test_a_face_is_pasted_with_the_crops_own_detail(tmp_path):
    """Stripes finer than the source's pixels arrive: they were not reduced to them first."""

    def striped(crops):
        made = crops.copy()
        made[:, :, ::4] = made[:, :, 1::4] = 0
        made[:, :, 2::4] = made[:, :, 3::4] = 255
        return made

    clip = Clip("in.mkv", 2, 160, 120, codec="ffv1", options={})
    source, contrast = make(tmp_path, clip), []
    for scale in (1, 4):
        out = tmp_path / f"out{scale}.mkv"
        config = PLAIN.with_options({"output.scale": scale, "restore.adaptive": False})
        restore_video(source, out, config, restorer=FakeRestorer(striped, 256))
        luma = samples(out, VideoSource(out).format)[0][0]
        height, width = luma.shape
        face = luma[height * 9 // 20 : height * 11 // 20, width * 9 // 20 : width * 11 // 20]
        contrast.append(float(face.std()))
    assert contrast[1] > 1.8 * contrast[0]


def test_sizes_that_exclude_each_other_are_refused():
    with pytest.raises(ConfigError, match="exclude each other"):
        Config().with_options({"output.scale": 2, "output.height": 720})
    with pytest.raises(ConfigError, match=r"interlaced.mode keep and output"):
        Config().with_options({"output.scale": 2, "interlaced.mode": "keep"})
