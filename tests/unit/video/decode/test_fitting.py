"""Pictures whose size or width of pixels changes on the way."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests import witness
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.passing import passed_through
from vidrestore.config import InputConfig
from vidrestore.errors import InputError
from vidrestore.video import VideoSource

# The witness draws a square as it is shown, whatever the pixels' width is.
_SECOND = "color=gray:s={size}:r=25:d=0.4,drawbox=x={x}:y={y}:w={w}:h={h}:color=white:t=fill"


def _joined(folder: Path, ending: str, second: str, size: str, aspect: str) -> Path:
    """Ten frames of 4:3, and ten more of something else, joined end to end.

    MPEG-2 tells each sequence's aspect; a transport stream and a program stream pass it on.
    """
    parts = []
    for number, (picture, wide) in enumerate(
        [("testsrc2=s=160x120:r=25:d=0.4", "4:3"), (second, aspect)]
    ):
        part = folder / f"{number}{ending}"
        witness.run(
            *("-f", "lavfi", "-i", picture, "-c:v", "mpeg2video", "-q:v", "3", "-bf", "0"),
            *("-aspect", wide, "-output_ts_offset", str(0.4 * number), "-pix_fmt", "yuv420p"),
            part,
        )
        parts.append(part.read_bytes())
    joined = folder / f"in{ending}"
    joined.write_bytes(b"".join(parts))
    return joined


def _square(out: Path, wide: Fraction) -> tuple[float, float]:
    """Width and height of the white square in the last picture, as shown."""
    frames = [frame.planes[0] for frame in VideoSource(out)]
    ys, xs = np.nonzero(frames[-1] > 200)
    return float(np.ptp(xs) + 1) * float(wide), float(np.ptp(ys) + 1)


@pytest.mark.parametrize("ending", [".ts", ".vob"])
def test_another_width_of_pixels_is_told_with_its_time(tmp_path: Path, ending: str) -> None:
    picture = _SECOND.format(size="160x120", x=60, y=40, w=30, h=40)
    source = _joined(tmp_path, ending, picture, "160x120", "16:9")
    frames = VideoSource(source)
    assert len(list(frames)) == 20
    told = [entry for entry in frames.damage if entry["kind"] == "reshaped"]
    assert [entry["count"] for entry in told] == [10]
    assert float(str(told[0]["from"])) - float(frames.info.start) == pytest.approx(0.4, abs=0.01)
    assert any("another aspect" in line for line in frames.warnings)
    with pytest.raises(
        InputError, match=r"from 1:1 to 4:3 at 0\.400 s; .* run without output.strict"
    ):
        list(VideoSource(source, strict=True))


@pytest.mark.parametrize("ending", [".ts", ".vob"])
def test_another_width_of_pixels_is_fitted_if_asked(tmp_path: Path, ending: str) -> None:
    # Thirty wide pixels are as wide as forty rows are high.
    picture = _SECOND.format(size="160x120", x=60, y=40, w=30, h=40)
    source = _joined(tmp_path, ending, picture, "160x120", "16:9")
    out = tmp_path / "out.mkv"
    passed_through(source, out, codec="ffv1", input={"resize": "first"}, output={"strict": True})
    width, height = _square(out, Fraction(1))
    assert width == pytest.approx(30, abs=1)
    assert height == pytest.approx(30, abs=1)
    # Above and below there are bars.
    last = [frame.planes[0] for frame in VideoSource(out)][-1]
    assert last[:14].max() <= 18
    assert last[-14:].max() <= 18
    assert last[20:100, :50].min() > 100


@pytest.mark.parametrize("ending", [".ts", ".vob"])
def test_a_picture_on_end_keeps_its_shape(tmp_path: Path, ending: str) -> None:
    """A phone is turned in the middle of a call."""
    picture = _SECOND.format(size="120x160", x=40, y=60, w=40, h=40)
    source = _joined(tmp_path, ending, picture, "120x160", "3:4")
    out = tmp_path / "out.mkv"
    passed_through(source, out, codec="ffv1", input={"resize": "first"})
    width, height = _square(out, Fraction(1))
    assert width == pytest.approx(height, abs=1)
    assert height == pytest.approx(30, abs=1)


def test_pictures_that_are_fitted_are_told_where_seeking_fails(tmp_path: Path) -> None:
    """Raw H.264 has no times to seek to: it is opened anew and read from its beginning."""
    parts = []
    for number, size in enumerate(("128x96", "64x48")):
        part = tmp_path / f"{number}.h264"
        picture = ("-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d=0.8")
        witness.run(*picture, "-c:v", "libx264", "-bf", "0", "-pix_fmt", "yuv420p", part)
        parts.append(part.read_bytes())
    source = tmp_path / "in.h264"
    source.write_bytes(b"".join(parts))
    frames = VideoSource(source, start=Fraction(1, 5), config=InputConfig(resize="first"))
    assert len(list(frames)) == 35
    assert [entry["count"] for entry in frames.damage if entry["kind"] == "resized"] == [20]
    assert any("another size" in line for line in frames.warnings)


def test_what_never_changes_is_not_told(tmp_path: Path) -> None:
    """Also where container and codec contradict each other."""
    plain = make(tmp_path, Clip("in.mkv", sample_aspect=Fraction(12, 11)))
    other = tmp_path / "other.mkv"
    witness.run("-i", plain, "-c", "copy", "-aspect", "16:9", other)
    for path in (plain, other):
        frames = VideoSource(path, strict=True)
        assert len(list(frames)) == 12
        assert frames.warnings == []
