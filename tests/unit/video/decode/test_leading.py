"""Files that begin in the middle: what cannot be decoded is left out, and nothing moves."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from tests import witness
from tests.made_files import odd_files, synthetic
from tests.made_files.synthetic import Clip
from tests.unit.video.conftest import passed_through
from vidrestore.video import VideoSource

# The frames before a keyframe in the order of presentation lean on the group before it.
_OPEN = "keyint=12:min-keyint=12:open-gop=1:bframes=2:b-adapt=0:scenecut=0"
OPEN_GROUPS = {
    "h264 ts": Clip("open.ts", options={"preset": "veryfast", "x264-params": _OPEN}),
    "h264 mkv": Clip("open.mkv", options={"preset": "veryfast", "x264-params": _OPEN}),
    "hevc mkv": Clip(
        "hevc.mkv",
        codec="libx265",
        options={"preset": "ultrafast", "x265-params": f"log-level=none:{_OPEN}"},
    ),
    "mpeg2 mpg": Clip("open.mpg", codec="mpeg2video", options={"g": "12", "bf": "2"}),
}


def _clip(name: str) -> Clip:

    return replace(OPEN_GROUPS[name], count=30, audio=("mp2",), seconds=1.2)


@pytest.mark.parametrize("where", ["at an open group", "within a group"])
@pytest.mark.parametrize("name", OPEN_GROUPS)
def test_pictures_and_sound_begin_where_they_did(
    clip: synthetic.ClipMaker, tmp_path: Path, name: str, where: str
) -> None:
    whole = clip(_clip(name))
    cut = {"keyframes": 1} if where == "at an open group" else {"packets": 5}
    late = odd_files.without_start(whole, f"late-{name[-3:]}-{whole.name}", **cut)
    truth = witness.frames(late)
    source = VideoSource(late)
    frames = list(source)
    times = [frame.pts * frame.time_base for frame in frames]
    assert times == [seen.pts for seen in truth]

    # The group's own keyframe is the first that shows, at the time that it had in the whole file.
    known = {frame.pts * frame.time_base: frame for frame in VideoSource(whole)}
    moved = witness.frames(late)[0].pts - witness.frames(whole)[12].pts
    first = known[times[0] - moved]
    assert first.index == 12
    for frame in frames:
        same = known[frame.pts * frame.time_base - moved]
        assert (frame.planes[0] == same.planes[0]).all()

    (told,) = source.damage
    assert told["kind"] == "leading"
    assert told["count"] == (2 if where == "at an open group" else 7)
    assert told["to"] == float(times[0] - Fraction(1, 25))

    out = tmp_path / "out.mkv"
    passed_through(late, out)
    sound, copied = witness.packets(late, "0:a:0"), witness.packets(out, "0:a:0")
    assert [seen.digest for seen in copied] == [seen.digest for seen in sound]
    apart = [seen[0].pts - sound[0].pts for seen in (truth, sound)]
    kept = [seen[0].pts - copied[0].pts for seen in (witness.frames(out), copied)]
    assert abs(apart[0] - kept[0]) <= Fraction(1, 500)
