"""H.264 that phones and browsers do not play is told, and kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import witness
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.passing import passed_through


@pytest.mark.parametrize(
    ("clip", "told"),
    [
        (Clip("in.avi", 3, codec="mjpeg", pix_fmt="yuvj422p", options={}), "4:2:2"),
        (Clip("in.mkv", 3, 63, 47, codec="ffv1", options={}), "4:4:4"),
        (Clip("in.mkv", 3, pix_fmt="bgr0", codec="ffv1", options={}), "RGB"),
        (Clip("in.mkv", 3), None),
    ],
)
@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv"])
def test_what_does_not_play_is_told(
    tmp_path: Path, clip: Clip, told: str | None, ending: str
) -> None:
    out = tmp_path / f"out{ending}"
    warnings = passed_through(make(tmp_path, clip), out, codec="libx264")
    lines = [line for line in warnings if "does not play in browsers" in line]
    assert [told in line for line in lines if told] == ([True] if told and ending != ".mkv" else [])
    assert len(witness.frames(out)) == 3
