from __future__ import annotations

import numpy as np

from benchmarks.stability.real import main_face, table
from tests.made_pictures.faces import frame_format, landmarks, paint, skin, tracked
from vidrestore.datatypes import TrackedFrame


def test_the_main_face_is_the_one_seen_in_most_frames():
    frame = paint(skin, frame_format("yuv420p"))
    often = tracked(landmarks(160, 120, 60, 0), 2)
    seldom = tracked(landmarks(60, 60, 40, 0), 1)
    shown = [
        TrackedFrame(frame, index == 0, (seldom, often) if index == 1 else (often,))
        for index in range(3)
    ]
    found = main_face(shown)
    assert list(found) == [0, 1, 2]
    assert all(np.array_equal(points, often.landmarks) for points in found.values())
    assert main_face([TrackedFrame(frame, True, ())]) == {}


def test_the_table_has_a_row_for_each_clip():
    values = dict.fromkeys(("frames", "jitter", "warp error", "identity", "identity spread"), 1.0)
    shown = table({"one": {"per-frame": values, "default": values}})
    assert shown.row_count == 1
    assert len(shown.columns) == 6
