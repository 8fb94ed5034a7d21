"""Pictures of a finished job: of the right place, the right way up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from tests import witness
from vidrestore.config import Config
from vidrestore.job.showing.excerpts import excerpts
from vidrestore.report import Facts, ModelUsed, TrackReport
from vidrestore.video import probe

# As stored: a square, white at its left and gray at its right, far from the picture's middle.
_BOX = (100, 8, 148, 56)
_PICTURE = (
    "color=black:s=160x96:r=25:d=0.2,drawbox=x=100:y=8:w=24:h=48:color=white:t=fill,"
    "drawbox=x=124:y=8:w=24:h=48:color=gray:t=fill"
)


def _turned(folder, degrees):
    stored, tagged = folder / "stored.mp4", folder / "turned.mp4"
    encoding = ("-c:v", "libx264", "-crf", "5", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    witness.run("-f", "lavfi", "-i", _PICTURE, *encoding, stored)
    witness.run("-display_rotation", str(degrees), "-i", stored, "-c", "copy", tagged)
    assert probe(tagged).picture.upright == degrees
    return tagged


def _report(path):
    """Of a job with a face in five frames."""
    regions = np.array([[number, *_BOX] for number in range(5)], np.int32)
    track = TrackReport(1, 0, 4, 0.0, 0.16, 5, regions=regions, shares=np.ones(5))
    base = Facts().finish(
        source=str(path),
        output=str(path),
        frames_in=5,
        model=ModelUsed("default", "x", "ab" * 32, "Apache-2.0"),
        settings=Config().model_dump(),
        timing={},
        version="1.0",
        device="cpu",
        precision="float32",
        started=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        seconds=1.0,
    )
    return replace(base, frames_out=5, duration=0.2, tracks=(track,))


def _read(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE).astype(int)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_turned_face_is_cut_where_it_lies_and_shown_upright(tmp_path, degrees):
    found = excerpts(_report(_turned(tmp_path, degrees)), Config())
    ((track, faces),) = found.faces
    assert track == 1
    for data in (faces[0].before, faces[0].after):
        # Stored again, white is at the left of the middle and gray at its right.
        face = np.rot90(_read(data), -degrees // 90)
        side = len(face)
        middle = slice(2 * side // 5, 3 * side // 5)
        assert face[middle, side // 4 : 2 * side // 5].min() > 200
        assert 80 < face[middle, 3 * side // 5 : 3 * side // 4].mean() < 170
        assert np.abs(face[middle, 3 * side // 5 : 3 * side // 4] - 128).max() < 30
    size = (found.frames[0].width, found.frames[0].height)
    assert size == ((96, 160) if degrees % 180 else (160, 96))
