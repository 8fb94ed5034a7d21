"""Images of RGB as frames, and frames as such images."""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests import witness
from tests.made_files import clips
from tests.made_files.synthetic import ClipMaker
from vidrestore import InputError
from vidrestore.datatypes import Frame, FrameFormat
from vidrestore.picture import colour
from vidrestore.video import VideoSource, frame_from_rgb, to_rgb


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_an_image_comes_back_as_it_was(dtype):
    image = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, (5, 7, 3)).astype(dtype)
    kept = image.copy()
    frame = frame_from_rgb(image, 0.04, index=3)
    image[:] = 0
    assert (frame.index, frame.seconds) == (3, 0.04)
    assert (to_rgb(frame) == kept).all()
    assert to_rgb(frame).dtype == dtype


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("rgb", np.uint8), ("rgb 10 bit", np.uint16), ("gray", np.uint8)],
)
def test_frames_of_a_video_are_what_ffmpeg_shows(
    clip: ClipMaker, tmp_path: Path, name: str, dtype: type
) -> None:
    path = clip(clips.PICTURES[name])
    with closing(VideoSource(path)) as source:
        image = to_rgb(next(iter(source)))
    size, pix_fmt = np.dtype(dtype).itemsize, "rgb24" if dtype == np.uint8 else "rgb48le"
    raw = tmp_path / "raw"
    witness.run("-i", path, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", pix_fmt, raw)
    shown = np.fromfile(raw, dtype).reshape(image.shape)
    assert image.dtype == dtype
    assert np.abs(image.astype(int) - shown).max() <= (1 << (8 * (size - 1)))


@pytest.mark.parametrize("matrix", ["bt601", "bt2020"])
def test_yuv_is_converted_by_its_own_matrix_and_range(matrix):
    fmt = FrameFormat(7, 5, "yuv420p10le", bits=10, matrix=matrix)
    planes = tuple(
        np.full(shape, value, np.uint16)
        for shape, value in zip(fmt.plane_shapes(), (500, 400, 600), strict=True)
    )
    for plane in planes:
        plane.flags.writeable = False
    image = to_rgb(Frame(0, 0, 1, Fraction(1, 25), planes, fmt))
    true = colour.to_rgb([np.full((5, 7), value) for value in (500, 400, 600)], fmt) * 257
    assert image.dtype == np.uint16
    assert np.abs(image - true).max() < 128


def test_frames_of_pyav_are_taken_too(clip: ClipMaker) -> None:
    with av.open(str(clip(clips.PICTURES["rgb"]))) as video:
        frame = next(video.decode(video=0))
    assert (to_rgb(frame) == frame.to_ndarray(format="rgb24")).all()


def test_a_time_that_is_none_is_refused():
    with pytest.raises(InputError, match="frame 2 is at inf s"):
        frame_from_rgb(np.zeros((4, 4, 3), np.uint8), float("inf"), index=2)
