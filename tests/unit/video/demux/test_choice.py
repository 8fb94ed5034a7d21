"""Which of several video streams is restored."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import witness
from tests.made_files import odd_files
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.passing import passed_through
from vidrestore.config import InputConfig
from vidrestore.errors import InputError
from vidrestore.video import VideoSource, probe


def _two(folder: Path, name: str, frames: tuple[int, int], *, flags: str = "default") -> Path:
    """A small video first, and a larger one."""
    parts = [
        make(folder, Clip(f"{n}.mp4", count, 64 << n, 48 << n)) for n, count in enumerate(frames)
    ]
    out = folder / name
    inputs = [word for part in parts for word in ("-i", part)]
    marks = [word for n in (0, 1) for word in (f"-disposition:v:{n}", flags)]
    witness.run(*inputs, "-map", "0", "-map", "1", "-c", "copy", *marks, out)
    return out


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("out", ["out.mp4", "out.mov", "out.mkv"])
def test_the_one_that_moves_is_restored(tmp_path: Path, ending: str, out: str) -> None:
    """A phone's photo beside its film: both are flagged as default, and the still is larger."""
    source = _two(tmp_path, f"in{ending}", (25, 1))
    frames = VideoSource(source)
    assert frames.info.restored == 0
    assert len(list(frames)) == 25
    assert any("restored is stream 0" in line for line in frames.warnings)
    result = tmp_path / out
    passed_through(source, result)
    assert [len(witness.frames(result, f"0:{n}")) for n in (0, 1)] == [25, 1]
    # The still is copied.
    before, after = (witness.packets(path, "0:1") for path in (source, result))
    assert [seen.digest for seen in after] == [seen.digest for seen in before]


def test_an_animated_avif_is_restored_as_it_moves(tmp_path: Path) -> None:
    """Its first stream is a still, which stands for it where nothing can move."""
    source, out = tmp_path / "in.avif", tmp_path / "out.mkv"
    coded = ("-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", "lp=1")
    witness.run("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=0.4", *coded, source)
    frames = VideoSource(source)
    assert frames.info.restored == 1
    assert len(list(frames)) == 10
    passed_through(source, out)
    assert [len(witness.frames(out, f"0:{n}")) for n in (0, 1)] == [1, 10]


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_of_two_that_move_the_larger(tmp_path: Path, ending: str) -> None:
    assert probe(_two(tmp_path, f"in{ending}", (25, 20))).restored == 1


def test_a_flag_that_tells_them_apart_counts(tmp_path: Path) -> None:
    info = probe(odd_files.make_two_videos(tmp_path, default=0))
    assert (info.restored, info.reason) == (0, "flagged as default of 2 video streams")


@pytest.mark.parametrize("wanted", [0, 1])
def test_another_is_restored_if_asked(tmp_path: Path, wanted: int) -> None:
    source = _two(tmp_path, "in.mp4", (12, 12))
    frames = VideoSource(source, config=InputConfig(stream=wanted))
    assert frames.format.width == 64 << wanted
    assert {frame.format.width for frame in frames} == {64 << wanted}
    assert frames.warnings == []
    out = tmp_path / "out.mkv"
    passed_through(source, out, input={"stream": wanted}, codec="ffv1")
    codecs = [stream.codec for stream in probe(out).streams]
    assert codecs == [("ffv1" if n == wanted else "h264") for n in (0, 1)]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [(1, "input.stream 1 is audio; its video streams: 0"), (7, "input.stream 7 is not there")],
)
def test_what_is_no_video_is_refused(tmp_path: Path, wanted: int, told: str) -> None:
    source = make(tmp_path, Clip("in.mkv", audio=("flac",)))
    with pytest.raises(InputError, match=told):
        VideoSource(source, config=InputConfig(stream=wanted))


@pytest.mark.parametrize("ending", [".mp4", ".mov"])
@pytest.mark.parametrize("between", [b"", b"MotionPhoto_Data"])
def test_the_film_behind_a_photo_is_mentioned(tmp_path: Path, ending: str, between: bytes) -> None:
    film = make(tmp_path, Clip(f"film{ending}"))
    witness.run("-f", "lavfi", "-i", "testsrc2=s=64x48", "-frames:v", "1", tmp_path / "plain.jpg")
    plain = (tmp_path / "plain.jpg").read_bytes()
    photo = tmp_path / "photo.jpg"
    head = plain + between
    photo.write_bytes(head + film.read_bytes())
    told = [line for line in VideoSource(photo).warnings if "a film lies behind" in line]
    assert len(told) == 1
    assert f"tail -c +{len(head) + 1}" in told[0]
    assert not any("a film" in line for line in VideoSource(tmp_path / "plain.jpg").warnings)
