"""In every format, a job that inverts faces leaves all other samples and all tags as they were."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests.functional.exactness import check_exactness, invert
from tests.made_files import cropped, interlaced
from tests.made_files.interlaced import make_scanned
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from vidrestore import Config, restore_video
from vidrestore.build import finding
from vidrestore.video import VideoSource

LOSSLESS = Config().with_options(
    {
        "encoder.codec": "ffv1",
        "temporal.denoise": 0,
        "temporal.blend": 0,
        "paste.colour": False,
        "detect.every": 1,
        "restore.adaptive": False,
        "paste.occlusion": False,
    }
)
HDR = {"pq": (9, 16, 9, 1), "hlg": (9, 18, 9, 1), "full 2020": (9, 14, 9, 2)}


def clip(pix_fmt: str, width: int = 160, height: int = 120, **more) -> Clip:
    """FFV1 holds every format, and exactly."""
    return Clip("in.mkv", 2, width, height, pix_fmt=pix_fmt, codec="ffv1", options={}, **more)


CLIPS = {
    **{
        name: clip(name)
        for name in (
            *("yuv420p", "yuv422p", "yuv444p", "yuv411p", "yuv440p", "yuv410p"),
            *("yuv420p10le", "yuv422p10le", "yuv444p10le"),
            *("yuv420p12le", "yuv422p12le", "yuv444p12le", "yuv420p16le"),
            *("gray", "gray10le", "gray12le", "gray16le"),
            *("bgr0", "gbrp10le", "gbrp12le", "gbrp16le", "gbrap10le"),
            *("yuva420p", "yuva444p", "yuva422p10le", "yuva444p10le"),
        )
    },
    "odd size": clip("yuv420p", 161, 123),
    "odd 10 bit 4:2:2": clip("yuv422p10le", 161, 123),
    "wide pixels": clip("yuv420p", sample_aspect=Fraction(64, 45)),
    "bt601 full": clip("yuv420p", colour=(5, 6, 5, 2)),
    "bt601 limited": clip("yuv422p", colour=(6, 6, 6, 1)),
    "bt709": clip("yuv420p", colour=(1, 1, 1, 1)),
    "gray limited": clip("gray", colour=(2, 2, 2, 1)),
    **{name: clip("yuv420p10le", colour=tags) for name, tags in HDR.items()},
}


@pytest.fixture(autouse=True)
def fake_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "build_detector", lambda *_: FakeDetector())


@pytest.mark.parametrize("name", CLIPS)
def test_samples_and_tags_out_as_in(tmp_path: Path, name: str) -> None:
    source = make(tmp_path, CLIPS[name])
    out = tmp_path / "out.mkv"
    report = restore_video(source, out, LOSSLESS, restorer=FakeRestorer(invert))
    assert report.faces == 2
    before, after = VideoSource(source), VideoSource(out)
    check_exactness(source, out, report, before.format)
    old, new = before.info.picture, after.info.picture
    assert (new.pix_fmt, new.width, new.height) == (old.pix_fmt, old.width, old.height)
    assert (new.colour, new.sample_aspect) == (old.colour, old.sample_aspect)


def test_faces_beside_hidden_borders(tmp_path: Path) -> None:
    """The witness leaves the borders out, as players do: so does the result."""
    source = cropped.hide(make(tmp_path, CLIPS["yuv420p10le"]), (8, 4, 0, 12))
    out = tmp_path / "out.mkv"
    report = restore_video(source, out, LOSSLESS, restorer=FakeRestorer(invert))
    assert report.picture["shown"] == (8, 4, 160, 108)
    check_exactness(source, out, report, VideoSource(out).format)


@pytest.mark.parametrize(
    ("pictures", "flag"), [(interlaced.top_first, "tff"), (interlaced.bottom_first, "bff")]
)
def test_what_is_kept_interlaced_is_exact_line_by_line(tmp_path: Path, pictures, flag: str) -> None:
    source = make_scanned(tmp_path / "in.mkv", pictures, 16, flag=flag)
    if flag == "tff":
        # Fields stay what they are where hidden lines are left out.
        source = cropped.hide(source, (0, 4, 0, 8))
    out = tmp_path / "out.mkv"
    config = LOSSLESS.with_options({"interlaced.mode": "keep"})
    report = restore_video(source, out, config, restorer=FakeRestorer(invert))
    assert (report.frames_in, report.frames_out, report.faces) == (16, 16, 16)
    before, after = VideoSource(source), VideoSource(out)
    check_exactness(source, out, report, before.format)
    assert (before.format.height == interlaced.HEIGHT - 12) == (flag == "tff")
    assert after.info.picture.interlaced
    assert after.scan.order == before.scan.order
    assert after.scan.kind == "interlaced"
