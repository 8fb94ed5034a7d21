"""Pictures in place of a video: a numbered sequence, or a folder of them."""

from __future__ import annotations

import hashlib
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests import witness
from tests.made_files import synthetic
from vidrestore.config import InputConfig
from vidrestore.errors import InputError
from vidrestore.video import VideoSource
from vidrestore.video.demux.sequence import number_of, pictures


@pytest.fixture
def folder(clip: synthetic.ClipMaker, tmp_path: Path) -> Path:
    """Nine pictures, numbered from 7."""
    path = clip(synthetic.Clip("nine.mkv", count=9))
    witness.run("-i", path, "-start_number", "7", tmp_path / "frame_%03d.png")
    return tmp_path


def test_a_pattern_and_a_folder_give_the_same_frames(folder: Path) -> None:
    (folder / "notes.txt").write_text("not a picture")
    (folder / ".hidden.png").write_text("neither")
    (folder / "frame_8.png").write_text("none of the pattern's")
    by_pattern = VideoSource(folder / "frame_%03d.png")
    frames = list(by_pattern)
    assert len(frames) == 9
    assert [frame.pts * frame.time_base for frame in frames] == [Fraction(n, 25) for n in range(9)]
    (folder / "frame_8.png").unlink()
    by_folder = VideoSource(folder)
    for one, other in zip(frames, by_folder, strict=True):
        assert (one.planes[1] == other.planes[1]).all()
    (second,) = witness.frames(folder / "frame_008.png", pix_fmt="gbrp")
    raw = b"".join(np.ascontiguousarray(plane).tobytes() for plane in frames[1].planes)
    assert hashlib.md5(raw).hexdigest() == second.digest
    assert by_folder.info.name == str(folder)
    assert by_folder.info.as_dict()["path"] == str(folder)
    made = Path(by_folder.path).parent
    assert made.is_dir()
    by_folder.close()
    assert not made.exists()
    by_pattern.close()


def test_the_rate_is_an_option(folder: Path) -> None:
    source = VideoSource(folder, config=InputConfig(rate=24000 / 1001))
    frames = list(source)
    assert frames[1].pts * frames[1].time_base == Fraction(1001, 24000)
    assert source.info.picture.rate == Fraction(24000, 1001)


@pytest.mark.parametrize("name", ["", "frame_%03d.png"])
def test_a_gap_is_named(folder: Path, name: str) -> None:
    (folder / "frame_010.png").unlink()
    with pytest.raises(InputError, match=r"frame_010\.png is missing"):
        VideoSource(folder / name)


def test_a_damaged_picture_is_its_neighbour(folder: Path) -> None:
    path = folder / "frame_009.png"
    path.write_bytes(path.read_bytes()[:200] + bytes(400))
    source = VideoSource(folder)
    frames = list(source)
    assert len(frames) == 9
    assert (frames[2].planes[0] == frames[1].planes[0]).all()
    assert any("0.080 s" in line for line in source.warnings)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("frame_%05d.png", "matches no file"),
        ("away/frame_%05d.png", "does not exist"),
        ("empty", "without pictures"),
        ("mixed", r"several kinds \(\.jpg, \.png\)"),
    ],
)
def test_what_is_no_sequence_is_refused(folder: Path, name: str, said: str) -> None:
    (folder / "empty").mkdir()
    (folder / "mixed").mkdir()
    for ending in (".jpg", ".png"):
        shutil.copy(folder / "frame_007.png", folder / "mixed" / f"a{ending}")
    with pytest.raises(InputError, match=said) as caught:
        VideoSource(folder / name)
    assert "\n" not in str(caught.value)


def test_pictures_of_another_size_are_refused_or_scaled(
    folder: Path, clip: synthetic.ClipMaker
) -> None:
    other = clip(synthetic.Clip("other.mkv", count=1, width=32, height=32))
    witness.run("-i", other, "-y", folder / "frame_011.png")
    with pytest.raises(InputError, match=r"64x48 gbrp to 32x32 gbrp at 0\.160 s"):
        list(VideoSource(folder))
    source = VideoSource(folder, config=InputConfig(resize="first"))
    frames = list(source)
    assert {frame.format for frame in frames} == {source.format}
    assert [frame.pts for frame in frames] == list(range(9))
    assert any("1 frame of another size" in line and "0.160 s" in line for line in source.warnings)


def test_names_of_a_folder_are_in_natural_order(tmp_path: Path) -> None:
    for name in ("scan10.png", "scan9.png", "scan11.png"):
        (tmp_path / name).touch()
    found = [path.name for path in pictures(str(tmp_path))]
    assert found == ["scan9.png", "scan10.png", "scan11.png"]


def test_names_without_numbers_have_no_gaps(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", "scene1_take3.png", "scene2_take7.png"):
        (tmp_path / name).touch()
    assert len(pictures(str(tmp_path))) == 4


def test_numbers_of_a_pattern() -> None:
    assert number_of("a_%03d.png", "a_012.png") == 12
    assert number_of("a_%03d.png", "a_1234.png") == 1234
    assert number_of("a_%03d.png", "a_12.png") is None
    assert number_of("a_%d.png", "a_12.png") == 12
    assert number_of("a_%d.png", "a_012.png") is None
    assert number_of("a_%d.png", "a_.png") is None
    assert number_of("a_%d.png", "b_1.png") is None


def test_a_folder_of_videos_is_none_of_pictures(tmp_path: Path) -> None:
    (tmp_path / "one.MP4").touch()
    with pytest.raises(InputError, match=r"holds 1 video; name the videos \(.*/\*\.MP4\).*batch"):
        pictures(str(tmp_path))
    (tmp_path / "still.jpg").touch()
    with pytest.raises(
        InputError, match=r"1 video and 1 picture; name .* or the pictures by a pat"
    ):
        pictures(str(tmp_path))
