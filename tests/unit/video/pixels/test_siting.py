"""Where chroma samples sit: the tag comes through, and no conversion moves colour."""

from __future__ import annotations

import re
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest

from tests import witness
from tests.made_files import siting, synthetic
from tests.unit.video.conftest import passed_through
from vidrestore.config import OutputConfig
from vidrestore.video import VideoSource, probe, scaler_for

LOCATIONS = ["left", "center", "topleft", "top"]


@pytest.mark.parametrize("size", [128, 127])
@pytest.mark.parametrize("location", LOCATIONS)
def test_numbered_pictures_have_colour_in_its_place(
    tmp_path: Path, location: str, size: int
) -> None:
    passed_through(siting.wave_clip(tmp_path, location, size), tmp_path / "new" / "f_%d.png")
    with av.open(str(tmp_path / "new" / "f_1.png")) as container:
        rgb = next(container.decode(video=0)).to_ndarray(format="rgb24").astype(float)
    assert abs(siting.moved(rgb[..., 2], siting.PERIOD)) < 0.05
    assert abs(siting.moved(rgb[..., 0].T, siting.PERIOD)) < 0.05


@pytest.mark.parametrize("location", LOCATIONS)
def test_enlarged_frames_have_colour_in_its_place(tmp_path: Path, location: str) -> None:
    source = VideoSource(siting.wave_clip(tmp_path, location))
    scaler = scaler_for(source.format, OutputConfig(scale=2.0), turned=False)
    assert scaler is not None
    frame = scaler(next(iter(source)))
    for plane, place in zip(frame.planes[1:], _first(location), strict=True):
        # A sample of the result lies at 2 k + place of its own luma: (2 k + place - 0.5) / 2 of the
        # source's, so the wave, which keeps its period in samples, starts late by this much.
        late = (0.5 - place) / 2
        across = plane.astype(float) if plane is frame.planes[1] else plane.astype(float).T
        assert abs(siting.moved(across, siting.PERIOD) - late) < 0.05


@pytest.mark.parametrize(("location", "tagged"), [("left", False), ("left", True), ("top", True)])
@pytest.mark.parametrize("own", [False, True])
def test_a_finer_grid_has_colour_in_its_place(
    tmp_path: Path, location: str, tagged: bool, own: bool
) -> None:
    """Odd sizes become 4:4:4 in H.264."""
    path = siting.wave_clip(tmp_path, location, 127, tagged=tagged)
    backend = {"backend": "ffmpeg", "ffmpeg": imageio_ffmpeg.get_ffmpeg_exe()} if own else {}
    passed_through(path, tmp_path / "out.mp4", codec="libx264", crf=0, **backend)
    frame = next(iter(VideoSource(tmp_path / "out.mp4")))
    assert frame.format.pix_fmt == "yuv444p"
    assert abs(siting.moved(frame.planes[1].astype(float), siting.PERIOD)) < 0.1
    assert abs(siting.moved(frame.planes[2].astype(float).T, siting.PERIOD)) < 0.1


def _first(location: str) -> tuple[float, float]:
    """Where the first chroma sample lies, in luma px across and down."""
    return (
        0.0 if location in {"left", "topleft"} else 0.5,
        0.0 if location in {"topleft", "top"} else 0.5,
    )


@pytest.mark.parametrize(
    ("name", "codec", "location"),
    [
        ("out.mkv", "ffv1", "center"),
        ("out.mkv", "ffv1", "top"),
        ("out.mp4", "libx264", "topleft"),
        ("out.mov", "libx264", "center"),
        ("out.mp4", "libx265", "topleft"),
        ("out.webm", "libvpx-vp9", "center"),
        ("out.mp4", "libsvtav1", "topleft"),
    ],
)
def test_the_tag_comes_through(
    clip: synthetic.ClipMaker, tmp_path: Path, name: str, codec: str, location: str
) -> None:
    tag = {"chroma_sample_location": location}
    source = clip(synthetic.Clip("in.mkv", 3, 64, 64, codec="ffv1", options=tag))
    passed_through(source, tmp_path / name, codec=codec)
    was, now = probe(source).picture.colour, probe(tmp_path / name).picture.colour
    assert was.as_dict()["chroma_location"] == now.as_dict()["chroma_location"] == location
    assert re.search(rf"[( ]{location}\)", witness.describe(tmp_path / name, detail="debug"))


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "location"),
    [
        ("film.mpg", "mpeg1video", "yuv420p", "center"),
        ("film.vob", "mpeg2video", "yuv420p", "left"),
        ("camera.avi", "mjpeg", "yuvj422p", "center"),
        ("tape.dv", "dvvideo", "yuv420p", "topleft"),
    ],
)
def test_codecs_have_habits(
    tmp_path: Path, name: str, codec: str, pix_fmt: str, location: str
) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc2=s=720x576:d=0.2", "-pix_fmt", pix_fmt)
    witness.run(*picture, "-c:v", codec, tmp_path / name)
    source = VideoSource(tmp_path / name)
    assert source.format.chroma_location == location


def test_what_is_not_told_stays_untold(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    source = clip(synthetic.Clip("in.mkv", 3, codec="ffv1", options={}))
    passed_through(source, tmp_path / "out.mkv", codec="ffv1")
    assert probe(tmp_path / "out.mkv").picture.colour.chroma_location == 0


@pytest.mark.parametrize("name", ["420jpeg", "420mpeg2", "420paldv"])
def test_y4m_tells_in_its_own_words(tmp_path: Path, name: str) -> None:
    path = tmp_path / "in.y4m"
    planes = np.full(64 * 48 * 3 // 2, 90, np.uint8).tobytes()
    path.write_bytes(f"YUV4MPEG2 W64 H48 F25:1 Ip C{name}\n".encode() + b"FRAME\n" + planes)
    expected = {"420jpeg": "center", "420mpeg2": "left", "420paldv": "topleft"}[name]
    assert VideoSource(path).format.chroma_location == expected


RAW = ("-c:v", "rawvideo")


@pytest.mark.parametrize(
    ("name", "codec", "told"),
    [
        ("in.3gp", ("-c:v", "h263"), 2),
        ("in.avi", ("-c:v", "h263p"), 2),
        ("in.mkv", ("-c:v", "h263"), 2),
        ("in.avi", RAW, 0),
        ("in.nut", RAW, 0),
        ("in.mkv", RAW, 0),
        ("in.mkv", (*RAW, "-chroma_sample_location", "topleft"), 3),
        ("in.mkv", (*RAW, "-chroma_sample_location", "center"), 2),
        ("in.flv", ("-c:v", "flv1"), 0),
    ],
)
def test_nothing_is_told_that_nobody_said(
    tmp_path: Path, name: str, codec: tuple[str, ...], told: int
) -> None:
    """H.263 has its place by its standard, raw pictures only what their container tells."""
    source, out = tmp_path / name, tmp_path / "out.mkv"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=128x96:r=25", "-frames:v", "3")
    witness.run(*picture, "-pix_fmt", "yuv420p", *codec, source)
    assert probe(source).picture.colour.chroma_location == told
    passed_through(source, out, codec="ffv1")
    assert probe(out).picture.colour.chroma_location == told
