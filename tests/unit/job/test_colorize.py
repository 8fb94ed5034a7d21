"""Colour is added to faces and luma stays, bit for bit; over time it does not flicker."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.made_files.synthetic import Clip, make
from tests.made_pictures.faces import frame_format, paint, skin
from tests.made_pictures.photos import pixels
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from vidrestore import ConfigError, Session
from vidrestore.datatypes import Region
from vidrestore.paste.luma import with_luma_of
from vidrestore.picture.luma import BT601

COLORIZE = PLAIN.with_options({"restore.task": "colorize"})


def reddened(crops):
    """Skin of one colour, at another brightness than the crop's."""
    return np.clip(crops * 0.8 + (90, 10, 20), 0, 255).astype(crops.dtype)


@pytest.fixture(scope="module")
def session():
    with Session(COLORIZE, restorer=FakeRestorer(reddened), detector=FakeDetector()) as made:
        yield made


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_black_and_white_photo_keeps_its_luma(session, tmp_path, mode):
    gray = pixels(300, 400, channels=1)[..., 0]
    Image.fromarray(gray).convert(mode).save(tmp_path / "in.png")
    report = session.restore(tmp_path / "in.png", tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as out:
        result = np.asarray(out).astype(float)
    assert report.faces == 1
    assert any("only faces are given colour" in line for line in report.warnings)
    assert np.array_equal(np.rint(result @ np.array(BT601)), gray)
    ((_, x0, y0, x1, y1),) = report.tracks[0].regions.tolist()
    coloured = np.ptp(result, axis=2) > 10
    assert coloured[y0:y1, x0:x1].mean() > 0.3
    coloured[y0:y1, x0:x1] = False
    assert not coloured.any()


def test_luma_of_a_video_is_the_sources(session, tmp_path):
    clip = make(tmp_path, Clip(count=6, width=96, height=96))
    lossless = COLORIZE.with_options({"encoder.codec": "ffv1"})
    restorer = FakeRestorer(reddened)
    with Session(lossless, restorer=restorer, detector=FakeDetector()) as made:
        made.restore(clip, tmp_path / "out.mkv")
    before, after = (planes(path) for path in (clip, tmp_path / "out.mkv"))
    for (luma, *_), (kept, *chroma), (_, *old) in zip(before, after, before, strict=True):
        assert np.array_equal(luma, kept)
        assert not np.array_equal(chroma[1], old[1])


def planes(path):
    import av  # noqa: PLC0415

    with av.open(path) as container:
        return [
            [
                np.asarray(plane).reshape(plane.height, -1)[:, : plane.width]
                for plane in frame.planes
            ]
            for frame in container.decode(video=0)
        ]


def test_a_video_without_room_for_colour_is_refused(session, tmp_path):
    clip = make(tmp_path, Clip(count=2, width=96, height=96, pix_fmt="gray", codec="ffv1"))
    with pytest.raises(ConfigError, match="no room for colour"):
        session.restore(clip, tmp_path / "out.mkv")


@pytest.mark.parametrize("name", ["gbrp", "gbrp10le"])
def test_luma_of_rgb_is_kept_where_colour_is_strong(name):
    frame = paint(skin, frame_format(name, 64, 48))
    rng, top = np.random.default_rng(2), (1 << frame.format.bits) - 1
    noise = [rng.integers(0, top + 1, plane.shape).astype(plane.dtype) for plane in frame.planes]
    kept = with_luma_of(frame, frame.pasted(tuple(noise)), [Region(1, 0, 0, 64, 48)])
    weights = np.array([BT601[1], BT601[2], BT601[0]])

    def luma(each):
        return np.stack(each.planes, axis=-1) @ weights

    assert np.abs(luma(kept) - luma(frame)).max() <= 0.51
