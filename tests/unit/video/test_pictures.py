"""Writing numbered pictures: all of them or none."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tests import witness
from tests.made_files import clips, interlaced, synthetic
from tests.made_files.interlaced import make_scanned
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from tests.unit.video.conftest import passed_through
from vidrestore import Session
from vidrestore.config import EncoderConfig, InterlacedConfig, OutputConfig
from vidrestore.errors import OutputError
from vidrestore.text.wording import clock
from vidrestore.video import VideoSource, open_sink, scaler_for


def _stored(path: Path) -> av.VideoFrame:
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("rgb", "rgb24"),
        ("rgb 10 bit", "rgb48be"),
        ("10 bit", "rgb48be"),
        ("gray 12 bit", "gray16be"),
    ],
)
def test_every_frame_is_a_picture(
    clip: synthetic.ClipMaker, tmp_path: Path, name: str, stored: str
) -> None:
    path = clip(clips.PICTURES[name])
    passed_through(path, tmp_path / "new" / "f_%03d.png")
    names = sorted(entry.name for entry in (tmp_path / "new").iterdir())
    assert names == [f"f_{n:03d}.png" for n in range(1, 13)]
    assert _stored(tmp_path / "new" / "f_001.png").format.name == stored
    assert list(tmp_path.iterdir()) == [tmp_path / "new"]


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("rgb", "rgb24"),
        ("rgb 10 bit", "rgb48le"),
        ("gray", "gray"),
        ("gray 12 bit", "gray16le"),
        ("alpha", "rgba"),
    ],
)
def test_tiff_holds_what_png_does(
    clip: synthetic.ClipMaker, tmp_path: Path, name: str, stored: str
) -> None:
    path = clip(clips.PICTURES[name])
    for ending in ("tiff", "png"):
        passed_through(path, tmp_path / ending / f"f_%02d.{ending}")
    assert _stored(tmp_path / "tiff" / "f_01.tiff").format.name == stored
    one, other = (
        [witness.frames(tmp_path / e / f"f_{n:02d}.{e}", pix_fmt=stored)[0].digest for n in (1, 12)]
        for e in ("tiff", "png")
    )
    assert one == other


def test_rgb_comes_back_bit_for_bit(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    path = clip(clips.PICTURES["rgb"])
    passed_through(path, tmp_path / "f_%d.png")
    truth = [seen.digest for seen in witness.frames(path, pix_fmt="rgb24")]
    pictures = [witness.frames(tmp_path / f"f_{n}.png", pix_fmt="rgb24") for n in range(1, 13)]
    assert [seen[0].digest for seen in pictures] == truth


def test_yuv_is_converted_with_its_own_matrix(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    path = clip(clips.PICTURES["bt709 limited"])
    passed_through(path, tmp_path / "f_%d.png")
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    y, _, cr = (
        np.frombuffer(p, np.uint8).reshape(p.height, -1)[:, : p.width].astype(float)
        for p in frame.planes
    )
    y, cr = (y[8, 8] - 16) * 255 / 219, (cr[4, 4] - 128) * 255 / 224
    red = _stored(tmp_path / "f_1.png").to_ndarray(format="rgb24")[8, 8, 0]
    assert abs(float(red) - np.clip(y + 1.5748 * cr, 0, 255)) < 6


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv420p10le"])
def test_turned_pictures_are_upright(
    clip: synthetic.ClipMaker, tmp_path: Path, pix_fmt: str
) -> None:
    turned = replace(clips.PICTURES["rotated"], pix_fmt=pix_fmt)
    passed_through(clip(turned), tmp_path / "turned" / "f_%d.png")
    passed_through(clip(replace(turned, rotation=0)), tmp_path / "stored" / "f_%d.png")
    stored = _stored(tmp_path / "stored" / "f_1.png").to_ndarray()
    picture = _stored(tmp_path / "turned" / "f_1.png").to_ndarray()
    assert picture.shape[:2] == (64, 48)
    np.testing.assert_array_equal(picture, np.rot90(stored))


def test_scaled_frames(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    source = VideoSource(clip(clips.TIMINGS["cfr"]))
    scaler = scaler_for(source.format, OutputConfig(scale=2.0), turned=False)
    assert scaler is not None
    sink = open_sink(source, tmp_path / "f_%d.png", EncoderConfig(), scaler=scaler)
    sink.push(scaler(next(iter(source))))
    sink.finish()
    source.close()
    picture = _stored(tmp_path / "f_1.png")
    assert (picture.width, picture.height) == (128, 96)


def test_sound_is_left_out_with_a_warning(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    (said,) = passed_through(clip(clips.STREAMS["mp4 with sound"]), tmp_path / "f_%d.png")
    assert "audio stream 1" in said
    assert "left out" in said
    dropped = passed_through(
        clip(clips.STREAMS["mp4 with sound"]),
        tmp_path / "new" / "f_%d.png",
        output={"audio": "drop"},
    )
    assert not dropped


def test_strict_refuses_to_leave_sound_out(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    path = clip(clips.STREAMS["mp4 with sound"])
    with pytest.raises(OutputError, match="audio stream 1"):
        passed_through(path, tmp_path / "f_%d.png", output={"strict": True})
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_anything_is_left_alone_unless_told(
    clip: synthetic.ClipMaker, tmp_path: Path
) -> None:
    path = clip(clips.TIMINGS["cfr"])
    for number in (3, 99):
        (tmp_path / f"f_{number}.png").write_text("precious")
    (tmp_path / "other.png").write_text("mine")
    with pytest.raises(OutputError, match="overwrite"):
        passed_through(path, tmp_path / "f_%d.png")
    assert (tmp_path / "f_3.png").read_text() == "precious"
    passed_through(path, tmp_path / "f_%d.png", overwrite=True)
    names = {entry.name for entry in tmp_path.iterdir()}
    assert names == {"other.png", *(f"f_{n}.png" for n in range(1, 13))}
    assert _stored(tmp_path / "f_3.png").width == 64


def test_a_move_that_fails_brings_the_old_pictures_back(
    clip: synthetic.ClipMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "f_3.png").write_text("precious")
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if Path(target) == tmp_path / "f_7.png":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OutputError, match="no space left"):
        passed_through(clip(clips.TIMINGS["cfr"]), tmp_path / "f_%d.png", overwrite=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["f_3.png"]
    assert (tmp_path / "f_3.png").read_text() == "precious"


def test_pictures_that_appear_meanwhile_are_kept(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    source = VideoSource(clip(clips.TIMINGS["cfr"]))
    sink = open_sink(source, tmp_path / "f_%d.png", EncoderConfig())
    sink.push(next(iter(source)))
    (tmp_path / "f_1.png").write_text("someone else's")
    with pytest.raises(OutputError, match="meanwhile"):
        sink.finish()
    source.close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["f_1.png"]
    assert (tmp_path / "f_1.png").read_text() == "someone else's"


def test_the_input_is_never_replaced(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    passed_through(clip(clips.TIMINGS["cfr"]), tmp_path / "f_%d.png")
    before = {entry: entry.read_bytes() for entry in tmp_path.iterdir()}
    with pytest.raises(OutputError, match="of the input"):
        passed_through(tmp_path, tmp_path / "f_%d.png", overwrite=True)
    assert {entry: entry.read_bytes() for entry in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", ["f_%d.jpg", "away/far/f_%d.png"])
def test_what_cannot_be_written_is_refused(
    clip: synthetic.ClipMaker, tmp_path: Path, name: str
) -> None:
    with pytest.raises(OutputError):
        passed_through(clip(clips.TIMINGS["cfr"]), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_fields_are_refused(tmp_path: Path) -> None:
    """A picture is shown at one moment; two fields are not."""
    made = make_scanned(tmp_path / "in.mkv", interlaced.top_first, 12, flag="tff")
    source = VideoSource(made, interlaced=InterlacedConfig(mode="keep"))
    with pytest.raises(OutputError, match="pictures hold no fields"):
        open_sink(source, tmp_path / "f_%d.png", EncoderConfig())
    source.close()
    assert list(tmp_path.iterdir()) == [made]
    passed_through(made, tmp_path / "new" / "f_%d.png")
    assert len(list((tmp_path / "new").iterdir())) == 12


def test_giving_up_leaves_nothing(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    source = VideoSource(clip(clips.TIMINGS["cfr"]))
    sink = open_sink(source, tmp_path / "new" / "f_%d.png", EncoderConfig())
    for frame in source:
        sink.push(frame)
    sink.abort()
    sink.abort()
    source.close()
    assert not list(tmp_path.iterdir())


def test_a_folder_that_turned_read_only(
    clip: synthetic.ClipMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be removed is named."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    source = VideoSource(clip(clips.TIMINGS["cfr"]))
    sink = open_sink(source, tmp_path / "f_%d.png", EncoderConfig())
    sink.push(next(iter(source)))
    source.close()
    monkeypatch.setattr(Path, "rename", refuse)
    monkeypatch.setattr("shutil.rmtree", refuse)
    with pytest.raises(OutputError, match=r"part .*read-only.*by hand"):
        sink.finish()
    sink.abort()
    assert not (tmp_path / "f_1.png").exists()


def test_one_writer_at_a_time(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    source = VideoSource(clip(clips.TIMINGS["cfr"]))
    first = open_sink(source, tmp_path / "f_%d.png", EncoderConfig())
    with pytest.raises(OutputError, match="another run"):
        open_sink(source, tmp_path / "f_%d.png", EncoderConfig())
    first.push(next(iter(source)))
    first.finish()
    source.close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["f_1.png"]


def test_pictures_that_a_killed_run_put_aside_are_kept(
    clip: synthetic.ClipMaker, tmp_path: Path
) -> None:
    old = tmp_path / ".f_%d.png.part" / "old"
    old.mkdir(parents=True)
    (old / "f_1.png").write_text("mine")
    with pytest.raises(OutputError, match="move them away first"):
        passed_through(clip(clips.TIMINGS["cfr"]), tmp_path / "f_%d.png")
    assert (old / "f_1.png").read_text() == "mine"
    (old / "f_1.png").unlink()
    passed_through(clip(clips.TIMINGS["cfr"]), tmp_path / "f_%d.png")
    assert sorted(e.name for e in tmp_path.iterdir()) == sorted(f"f_{n}.png" for n in range(1, 13))


def test_pictures_are_numbered_by_frames_of_the_source_and_tell_their_time(
    clip: synthetic.ClipMaker, tmp_path: Path
) -> None:
    path = clip(synthetic.Clip("twelve.mkv", count=12))
    with closing(VideoSource(path)) as whole:
        start = 5 / whole.delivered.picture.rate
    options = {"output": {"numbering": "source"}, "start": start}
    passed_through(path, tmp_path / "new" / "f_%03d.png", **options)
    names = sorted(entry.name for entry in (tmp_path / "new").iterdir())
    assert names == [f"f_{number:03d}.png" for number in range(5, 12)]
    with Image.open(tmp_path / "new" / "f_006.png") as picture:
        picture.load()
        assert picture.text == {"Source Time": clock(float(start * 6 / 5))}


@pytest.mark.parametrize("name", ["cfr", "10 bit"])
def test_tiff_tells_the_time_of_its_frame(
    clip: synthetic.ClipMaker, tmp_path: Path, name: str
) -> None:
    path = clip({**clips.TIMINGS, **clips.PICTURES}[name])
    passed_through(path, tmp_path / "new" / "f_%03d.tiff")
    for number, seen in enumerate(witness.frames(path)[:3], start=1):
        with Image.open(tmp_path / "new" / f"f_{number:03d}.tiff") as picture:
            assert picture.tag_v2[270] == f"Source Time: {clock(float(seen.pts))}"
            if name == "cfr":
                picture.load()


def test_restored_pictures_say_so(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    path = clip(synthetic.Clip("faces.mkv", count=3, width=96, height=96))
    for ending in ("png", "tiff"):
        darker = FakeRestorer(lambda crops: crops // 2)
        with Session(PLAIN, restorer=darker, detector=FakeDetector()) as session:
            report = session.restore(path, tmp_path / ending / f"f_%03d.{ending}")
        assert report.faces
        assert not any("report" in warning for warning in report.warnings)
    with Image.open(tmp_path / "png" / "f_001.png") as picture:
        assert "processed by vidrestore" in picture.text["vidrestore"]
    with Image.open(tmp_path / "tiff" / "f_001.tiff") as picture:
        assert "processed by vidrestore" in picture.tag_v2[270]


def test_pictures_that_are_the_sources_own_do_not_say_that_they_were_restored(
    clip: synthetic.ClipMaker, tmp_path: Path
) -> None:
    path, detector = clip(clips.TIMINGS["cfr"]), FakeDetector()
    with closing(VideoSource(path)) as whole:
        rate = whole.delivered.picture.rate
    none = PLAIN.with_options({"align.min_face": 1000})
    with Session(none, restorer=FakeRestorer(), detector=detector) as session:
        report = session.restore(path, tmp_path / "new" / "f_%03d.png", start=2 / rate)
    assert report.faces == 0
    assert report.picture["source_frame"] == 2
    with Image.open(tmp_path / "new" / "f_001.png") as picture:
        assert picture.text == {"Source Time": clock(float(2 / rate))}
