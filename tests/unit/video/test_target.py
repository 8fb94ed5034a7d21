"""Colours of results whose size stands for other colours than the source's did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.made_files import cropped
from tests.made_files.synthetic import Clip, make
from vidrestore.config import EncoderConfig, OutputConfig
from vidrestore.errors import OutputError
from vidrestore.video import VideoSource, open_sink, scaler_for, to_rgb

_BT601, _BT709, _UNTOLD = 6, 1, 2


def _clip(folder: Path, size: tuple[int, int], **options: Any) -> Path:
    options = {"codec": "ffv1", "options": {}, "count": 2, **options}
    return make(folder, Clip("in.mkv", width=size[0], height=size[1], **options))


def _written(path: Path, out: Path, codec: str = "ffv1", **options: Any) -> list[str]:
    """Bring frames to the size that is asked for, and give what the sink has to say."""
    output, source = OutputConfig(**options), VideoSource(path)
    scaler = scaler_for(source.format, output, turned=False)
    sink = open_sink(source, out, EncoderConfig(codec=codec), output, scaler=scaler)
    for frame in source:
        sink.push(frame if scaler is None else scaler(frame))
    sink.finish()
    source.close()
    return sink.warnings


def _read(path: Path) -> tuple[str, int, np.ndarray[Any, Any]]:
    """The matrix that is understood, the tag, and the first picture's average colour."""
    source = VideoSource(path)
    colour = to_rgb(next(iter(source))).mean(axis=(0, 1))
    source.close()
    return source.format.matrix, source.info.picture.colour.matrix, colour


@pytest.mark.parametrize(
    ("size", "output", "tag"),
    [
        ((320, 240), {"scale": 4}, _BT601),
        ((1280, 720), {"height": 480}, _BT709),
    ],
)
@pytest.mark.parametrize("codec", ["ffv1", "libx264"])
def test_colours_stay_where_an_untagged_video_comes_to_a_size_for_others(
    tmp_path: Path, size: tuple[int, int], output: dict[str, float], tag: int, codec: str
) -> None:
    path, out = _clip(tmp_path, size), tmp_path / "out.mkv"
    (told,) = _written(path, out, codec, **output)
    matrix, untold, colour = _read(path)
    assert untold == _UNTOLD
    assert f"does not say that it is {matrix}: the result does" in told
    assert _read(out)[:2] == (matrix, tag)
    np.testing.assert_allclose(_read(out)[2], colour, atol=1)


def test_a_tag_is_not_made_up_where_the_size_says_the_same(tmp_path: Path) -> None:
    path, out = _clip(tmp_path, (320, 240)), tmp_path / "out.mkv"
    assert _written(path, out, scale=2) == []
    assert _read(out)[1] == _UNTOLD


def test_a_tag_stays_what_it_is(tmp_path: Path) -> None:
    path = _clip(tmp_path, (320, 240), colour=(5, 6, 5, 1))
    assert _written(path, tmp_path / "out.mkv", scale=4) == []
    assert _read(tmp_path / "out.mkv")[1] == 5


def test_gray_has_no_matrix_to_tell(tmp_path: Path) -> None:
    path = _clip(tmp_path, (320, 240), pix_fmt="gray")
    assert _written(path, tmp_path / "out.mkv", scale=4) == []
    assert _read(tmp_path / "out.mkv")[1] == _UNTOLD


def test_a_picture_without_its_borders_keeps_its_colours(tmp_path: Path) -> None:
    path = cropped.hide(_clip(tmp_path, (320, 578)), (0, 0, 0, 2))
    (told,) = _written(path, tmp_path / "out.mkv")
    assert "bt709: the result does, for players would take 320x576 for bt601" in told
    assert _read(tmp_path / "out.mkv")[:2] == ("bt709", _BT709)


def test_a_picture_that_is_made_even_keeps_its_colours(tmp_path: Path) -> None:
    path, out = _clip(tmp_path, (1279, 64), pix_fmt="yuv444p"), tmp_path / "out.mp4"
    assert any("bt601" in line for line in _written(path, out, "libx264", compatible=True))
    assert _read(out)[:2] == ("bt601", _BT601)


@pytest.mark.parametrize(("name", "codec"), [("out.avi", "ffv1"), ("out.mov", "dnxhd")])
def test_what_has_no_place_for_the_tag_is_told_and_refused_if_asked(
    tmp_path: Path, name: str, codec: str
) -> None:
    path = _clip(tmp_path, (320, 240), pix_fmt="yuv422p")
    told = _written(path, tmp_path / name, codec, scale=4)
    assert any("cannot: players will take 1280x960 for bt709" in line for line in told)
    assert _read(tmp_path / name)[0] == "bt709"
    with pytest.raises(OutputError, match=f"{codec} in .* cannot.*output.strict"):
        _written(path, tmp_path / f"other-{name}", codec, scale=4, strict=True)
