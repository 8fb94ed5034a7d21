"""What the user's own FFmpeg writes shows what the source does: fields, colour, HDR."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from tests import witness
from tests.made_files import interlaced, synthetic
from tests.made_files.interlaced import make_scanned
from tests.stand_ins.fakes import FakeRestorer
from tests.unit.video.conftest import passed_through
from tests.unit.video.pixels.test_hdr import BT2020, X265
from vidrestore import Config, restore_video
from vidrestore.errors import ConfigError
from vidrestore.video import VideoSource, probe

OWN = {"backend": "ffmpeg", "ffmpeg": imageio_ffmpeg.get_ffmpeg_exe()}
KEEP = {f"encoder.{name}": value for name, value in OWN.items()} | {"interlaced.mode": "keep"}


@pytest.mark.parametrize(
    ("pictures", "flag"), [(interlaced.top_first, "tff"), (interlaced.bottom_first, "bff")]
)
@pytest.mark.parametrize("codec", ["libx264", "ffv1", "prores"])
def test_fields_are_kept_in_order(tmp_path: Path, pictures: Any, flag: str, codec: str) -> None:
    source = make_scanned(tmp_path / "in.mkv", pictures, 12, flag=flag)
    out = tmp_path / ("out.mov" if codec == "prores" else "out.mkv")
    config = Config().with_options({**KEEP, "encoder.codec": codec})
    report = restore_video(source, out, config, restorer=FakeRestorer())
    assert (report.frames_in, report.frames_out) == (12, 12)
    order = {"tff": "top", "bff": "bottom"}[flag]
    assert f"{order} first" in witness.describe(out)
    scan = VideoSource(out).scan
    assert (scan.kind, scan.order, scan.flagged) == ("interlaced", order, True)
    if codec == "ffv1":
        digests = [seen.digest for seen in witness.frames(out)]
        assert digests == [seen.digest for seen in witness.frames(source)]


def test_an_encoder_that_would_mix_fields_is_refused(tmp_path: Path) -> None:
    source = make_scanned(tmp_path / "in.mkv", interlaced.top_first, 12, flag="tff")
    config = Config().with_options({**KEEP, "encoder.codec": "libx265"})
    with pytest.raises(ConfigError, match="libx265 cannot write interlaced"):
        restore_video(source, tmp_path / "out.mkv", config, restorer=FakeRestorer())


@pytest.mark.parametrize("codec", ["libx264", "libx265", "libsvtav1"])
def test_hdr_comes_through(clip: synthetic.ClipMaker, tmp_path: Path, codec: str) -> None:
    source = clip(
        synthetic.Clip(
            *("hdr.mkv", 4, 64, 64, "yuv420p10le", "libx265"),
            options={"preset": "ultrafast", "x265-params": X265},
            colour=(9, 16, 9, 1),
        )
    )
    said = passed_through(source, tmp_path / "out.mp4", **OWN, codec=codec)
    # H.264 of 10 bits is kept, and is told not to play everywhere.
    assert ["does not play" in line for line in said] == ([True] if codec == "libx264" else [])
    colour = probe(tmp_path / "out.mp4").picture.colour
    assert (colour.mastering, colour.light) == (BT2020, (1000, 400))
    assert "yuv420p10le(tv, bt2020nc/bt2020/smpte2084" in witness.describe(tmp_path / "out.mp4")


@pytest.mark.parametrize(
    ("looks", "location", "told"),
    [
        (("yuv420p", (5, 6, 5, 2)), "topleft", "yuvj420p(pc, bt470bg/bt470bg/smpte170m"),
        (("yuv422p10le", (9, 18, 9, 2)), "left", "yuv422p10le(pc, bt2020nc/bt2020/arib-std-b67"),
        (("yuv420p", (6, 6, 6, 1)), "center", "yuv420p(tv, smpte170m"),
    ],
)
def test_tags_of_colour_come_through(
    clip: synthetic.ClipMaker, tmp_path: Path, looks: Any, location: str, told: str
) -> None:
    tag = {"chroma_sample_location": location}
    pix_fmt, colour = looks
    source = clip(
        synthetic.Clip("in.mkv", 4, pix_fmt=pix_fmt, codec="ffv1", options=tag, colour=colour)
    )
    passed_through(source, tmp_path / "out.mkv", **OWN, codec="libx264", crf=0)
    was, now = probe(source).picture.colour, probe(tmp_path / "out.mkv").picture.colour
    assert now == was
    assert told in witness.describe(tmp_path / "out.mkv")
