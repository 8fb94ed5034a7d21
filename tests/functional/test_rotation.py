"""Video stored on its side, upside down or mirrored is restored as an upright one is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests import witness
from tests.functional.conftest import SAMPLE
from tests.stand_ins.fakes import FakeRestorer
from vidrestore import Config, restore_video
from vidrestore.video import probe


def stored_turned(folder: Path, quarter_turns: int) -> Path:
    """The sample's beginning, its picture turned in storage and turned back by the display matrix.

    Args:
        folder: where the clip goes.
        quarter_turns: counter-clockwise turns that players have to make.
    """
    stored, tagged = folder / "stored.mp4", folder / f"turned{quarter_turns}.mp4"
    # transpose=1 turns clockwise: players turn back counter-clockwise.
    turn = ",".join(["transpose=1"] * quarter_turns)
    encoding = ("-c:v", "libx264", "-crf", "10", "-preset", "ultrafast", "-an", "-sn")
    witness.run("-i", SAMPLE, "-t", "0.4", "-vf", turn, *encoding, stored)
    degrees = str(90 * quarter_turns)
    witness.run("-display_rotation", degrees, "-i", stored, "-c", "copy", tagged)
    return tagged


@pytest.mark.parametrize("quarter_turns", [1, 2, 3])
def test_faces_are_found_upright_and_the_tag_is_kept(tmp_path, quarter_turns):
    clip = stored_turned(tmp_path, quarter_turns)
    out = tmp_path / "out.mp4"
    report = restore_video(clip, out, Config(), restorer=FakeRestorer())
    assert report.faces == report.frames == 10
    assert len(report.tracks) == 1
    told = [line for line in witness.describe(out).splitlines() if "rotation of" in line]
    assert told == [line for line in witness.describe(clip).splitlines() if "rotation of" in line]
    # In the sample's first shot the face stays near the middle, whichever way it is stored.
    box = np.median(report.tracks[0].regions[:, 1:], axis=0)
    size = (384, 288) if quarter_turns == 2 else (288, 384)
    middle = np.array([box[0] + box[2], box[1] + box[3]]) / 2
    assert (np.abs(middle / size - 0.5) < 0.25).all()


@pytest.mark.parametrize(("mirror", "container"), [("hflip", "mp4"), ("vflip", "mkv")])
def test_mirrored_storage_is_upright_for_the_detector_and_plays_as_before(
    tmp_path, mirror, container
):
    stored, tagged = tmp_path / "stored.mp4", tmp_path / f"tagged.{container}"
    encoding = ("-c:v", "libx264", "-crf", "10", "-preset", "ultrafast", "-an", "-sn")
    witness.run("-i", SAMPLE, "-t", "0.4", "-vf", mirror, *encoding, stored)
    witness.run(f"-display_{mirror}", "-i", stored, "-c", "copy", tagged)
    assert probe(tagged).picture.display_matrix is not None
    out = tmp_path / f"out.{container}"
    report = restore_video(tagged, out, Config(), restorer=FakeRestorer())
    assert report.faces == report.frames == 10
    assert probe(out).picture.display_matrix == probe(tagged).picture.display_matrix
