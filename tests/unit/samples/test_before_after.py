from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples import before_after
from samples.before_after import GAP, PANEL, compose, read_frames, read_regions, square_around


def clip(path: Path, level: int, count: int = 8) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "bgr0"
        for index in range(count):
            pixels = np.full((48, 64, 3), level + index, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            container.mux(stream.encode(frame.reformat(format="bgr0")))
        container.mux(stream.encode(None))
    return path


def test_frames_come_in_the_order_asked_for(tmp_path):
    path = clip(tmp_path / "clip.mkv", 100)
    assert [int(f.mean()) for f in read_frames(path, [5, 2, 5])] == [105, 102, 105]
    with pytest.raises(SystemExit, match="no frame 8"):
        read_frames(path, [1, 8])


def test_the_largest_region_of_a_frame_is_shown(tmp_path):
    report = tmp_path / "report.json"
    tracks = [{"regions": [[3, 0, 0, 9, 9], [4, 1, 1, 5, 5]]}, {"regions": [[3, 10, 10, 40, 40]]}]
    report.write_text(json.dumps({"tracks": tracks}))
    assert read_regions(report) == {3: (10, 10, 40, 40), 4: (1, 1, 5, 5)}


@given(st.data(), st.integers(8, 300), st.integers(8, 300))
def test_a_square_lies_inside_the_picture_and_holds_what_fits(data, width, height):
    x0 = data.draw(st.integers(0, width - 2))
    y0 = data.draw(st.integers(0, height - 2))
    x1 = data.draw(st.integers(x0 + 1, width))
    y1 = data.draw(st.integers(y0 + 1, height))
    left, top, right, bottom = square_around((x0, y0, x1, y1), width, height)
    assert right - left == bottom - top > 0
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    side = right - left
    if side < min(width, height):  # not limited by the picture
        assert left <= x0 <= x1 <= right
        assert top <= y0 <= y1 <= bottom


def test_rows_hold_both_sides():
    before = [np.full((48, 64, 3), 60, np.uint8)]
    after = [np.full((48, 64, 3), 180, np.uint8)]
    whole = compose(before, after, [None])
    assert whole.shape == (PANEL * 48 // 64, 2 * PANEL + GAP, 3)
    assert (whole[200:, :PANEL] == 60).all()
    assert (whole[200:, -PANEL:] == 180).all()
    both = compose(before, after, [(10, 10, 30, 30)])
    assert both.shape[0] == whole.shape[0] + GAP + PANEL
    assert compose(before, after, [(10, 10, 30, 30)], frames=False).shape[0] == PANEL
    with pytest.raises(SystemExit, match="not one video's"):
        compose(before, [after[0][:24]], [None])


def test_the_script_writes_a_picture(tmp_path):
    before, after = clip(tmp_path / "in.mkv", 50), clip(tmp_path / "out.mkv", 150)
    (tmp_path / "out.json").write_text(json.dumps({"tracks": [{"regions": [[2, 10, 10, 30, 30]]}]}))
    picture = tmp_path / "folder" / "picture.png"
    command = [sys.executable, before_after.__file__, before, after, picture]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "frames 2, 6" in done.stdout
    pixels = cv2.imread(str(picture))
    assert pixels.shape == (2 * PANEL * 48 // 64 + PANEL + 2 * GAP, 2 * PANEL + GAP, 3)
    command[2] = tmp_path / "nothing.mkv"
    failed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert failed.returncode != 0
    assert "there is no video" in failed.stderr
