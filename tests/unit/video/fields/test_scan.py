"""Is it interlaced? From flags and from the pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import witness
from tests.made_files import interlaced
from tests.made_files.interlaced import combing, make_scanned
from vidrestore.config import InterlacedConfig
from vidrestore.video import VideoSource
from vidrestore.video.fields.scan import ScanMarks, Watch


@pytest.mark.parametrize("flag", ["", "tff", "bff"])
@pytest.mark.parametrize(
    ("pictures", "kind", "order"),
    [
        (interlaced.top_first, "interlaced", "top"),
        (interlaced.bottom_first, "interlaced", "bottom"),
        (interlaced.pulled_down, "telecined", "top"),
    ],
)
def test_fields_are_found_whatever_the_flags_say(
    tmp_path: Path, pictures, kind: str, order: str, flag: str
) -> None:
    found = VideoSource(make_scanned(tmp_path / "clip.mkv", pictures, 40, flag=flag)).scan
    assert (found.kind, found.order, found.flagged) == (kind, order, bool(flag))


@pytest.mark.parametrize(("flag", "kind"), [("", "progressive"), ("tff", "interlaced")])
def test_what_has_fewer_lines_than_a_field_is_interlaced_only_if_flagged(
    tmp_path: Path, flag: str, kind: str
) -> None:
    """Small pictures that were reduced by leaving lines out look combed, and are not."""
    path = make_scanned(tmp_path / "clip.mkv", interlaced.top_first, 40, flag=flag, lines=120)
    source = VideoSource(path)
    assert source.scan.kind == kind
    assert len(list(source)) == 40
    assert source.deinterlaced == (40 if flag else 0)


@pytest.mark.parametrize("flag", ["", "tff"])
def test_moving_progressive_pictures_are_progressive_even_if_flagged(
    tmp_path: Path, flag: str
) -> None:
    path = make_scanned(tmp_path / "clip.mkv", interlaced.progressive, 40, flag=flag)
    source = VideoSource(path)
    assert source.scan.kind == "progressive"
    assert not source.delivered.picture.interlaced
    assert len(list(source)) == 40
    assert source.deinterlaced == 0


@pytest.mark.parametrize(("flag", "kind"), [("tff", "interlaced"), ("", "progressive")])
def test_what_stands_still_is_what_its_flags_say(tmp_path: Path, flag: str, kind: str) -> None:
    path = make_scanned(tmp_path / "clip.mkv", interlaced.still, 40, flag=flag)
    assert VideoSource(path).scan.kind == kind


def test_interlacing_that_begins_later_is_found_on_the_way(tmp_path: Path) -> None:
    """A progressive title before a recording: nothing of the title is deinterlaced."""

    def pictures(index: int):
        return interlaced.still(0) if index < 110 else interlaced.top_first(index - 110)

    source = VideoSource(make_scanned(tmp_path / "clip.mkv", pictures, 150))
    assert source.scan.kind == "progressive"
    combs = [interlaced.combing(frame.planes[0]) for frame in source]
    assert len(combs) == 150
    assert source.deinterlaced == pytest.approx(150 - 110 - 15, abs=3)
    assert max(combs[130:]) < 0.4 < combs[112]


def test_never_and_always_are_obeyed(tmp_path: Path) -> None:
    path = make_scanned(tmp_path / "clip.mkv", interlaced.top_first, 12)
    never = VideoSource(path, interlaced=InterlacedConfig(mode="never"))
    list(never)
    assert never.deinterlaced == 0
    path = make_scanned(tmp_path / "still.mkv", interlaced.still, 12)
    always = VideoSource(path, interlaced=InterlacedConfig(mode="always"))
    list(always)
    assert always.deinterlaced == 12


def test_single_stray_combs_change_nothing() -> None:
    watch = Watch(False, "top")
    for index in range(300):
        watch.observe(ScanMarks(False, "top" if index % 10 == 0 else None, index % 10 != 0, False))
        assert not watch.interlaced


def test_a_long_calm_ends_deinterlacing_of_unflagged_pictures_only() -> None:
    for flagged in (False, True):
        watch = Watch(True, "top")
        for _ in range(200):
            watch.observe(ScanMarks(flagged, None, True, False))
        assert watch.interlaced is flagged


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("in.avi", "ffv1", "bgr0"),
        ("in.mov", "rawvideo", "rgb24"),
        ("in.mkv", "ffv1", "gbrp10le"),
        ("in.mov", "prores_ks", "yuva444p10le"),
        ("in.mkv", "ffv1", "yuva444p12le"),
        ("in.mkv", "ffv1", "gbrap12le"),
        ("in.mkv", "ffv1", "gray12le"),
    ],
)
def test_rgb_and_deep_transparency_are_measured_and_deinterlaced(
    tmp_path: Path, name: str, codec: str, pix_fmt: str
) -> None:
    """Capture cards wrote RGB without a flag; nothing FFmpeg's filters take as it is."""
    plain = make_scanned(tmp_path / "plain.mkv", interlaced.top_first, 24)
    path = tmp_path / name
    witness.run("-i", plain, "-c:v", codec, "-pix_fmt", pix_fmt, path)
    source = VideoSource(path)
    assert (source.scan.kind, source.scan.order) == ("interlaced", "top")
    stored = list(VideoSource(path, interlaced=InterlacedConfig(mode="never")))
    frames = list(source)
    assert len(frames) == len(stored) == 24
    assert source.deinterlaced == 24
    for before, after in zip(stored, frames, strict=True):
        assert after.format == before.format
        scale = 1 << (after.format.bits - 8)
        assert after.planes[0].max() < 1 << after.format.bits
        assert combing(before.planes[0] / scale) > 1.0
        assert combing(after.planes[0] / scale) < 0.5
        if after.format.alpha:
            assert (after.planes[-1] == before.planes[-1]).all()
