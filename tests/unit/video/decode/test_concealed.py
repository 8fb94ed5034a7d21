"""A frame that the decoder conceals: kept, in its place, and told; the rest is what it was."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests import witness
from tests.fuzzing.fuzz_seeds import SEEDS
from tests.made_files import synthetic
from vidrestore.video import VideoSource

# Arithmetic coding makes a picture of any bytes; the other kind finds that they are wrong.
_PLAIN = {**SEEDS["mp4"].options, "x264-params": "b-adapt=0:cabac=0"}
CLIPS = {
    "h264": replace(SEEDS["mp4"], name="conceal.mp4", options=_PLAIN),
    "mpeg2": replace(SEEDS["mpg"], name="conceal.mkv"),
    "mpeg4": replace(SEEDS["avi"], name="conceal.avi"),
}
# Frames of a group; the damage lies in the first.
GROUP = 12


@pytest.mark.parametrize("name", CLIPS)
def test_concealed_frames(clip: synthetic.ClipMaker, tmp_path: Path, name: str) -> None:
    seed = CLIPS[name]
    whole = clip(replace(seed, count=30, options={**seed.options, "g": str(GROUP)}))
    with av.open(str(whole)) as container:
        packets = [p for p in container.demux(video=0) if p.size][: 2 * GROUP]
    # What others lean on is large.
    hit = max(packets[1:GROUP], key=lambda packet: 0 if packet.is_keyframe else packet.size)
    assert hit.pos is not None
    data = bytearray(whole.read_bytes())
    begin, length = hit.pos + hit.size * 2 // 3, hit.size // 4
    data[begin : begin + length] = np.random.default_rng(3).bytes(length)
    blank = tmp_path / whole.name
    blank.write_bytes(data)

    source = VideoSource(blank)
    frames = list(source)
    truth = witness.frames(whole)
    assert [frame.pts * frame.time_base for frame in frames] == [seen.pts for seen in truth]
    told = [entry for entry in source.damage if entry["kind"] == "concealed"]
    assert told, source.damage
    assert hit.pts is not None
    when = float(hit.pts * hit.time_base)
    assert all(abs(float(str(entry["from"])) - when) < 0.5 for entry in told)

    # The other reader shows as many, at the same times.
    assert [each.pts for each in witness.frames(blank)] == [each.pts for each in truth]
    good = list(VideoSource(whole))
    off = [
        float(np.abs(a.planes[0].astype(float) - b.planes[0]).mean())
        for a, b in zip(frames, good, strict=True)
    ]
    key = next(p for p in packets[1:] if p.is_keyframe)
    assert key.pts is not None
    after = key.pts * key.time_base
    for frame, wrong in zip(frames, off, strict=True):
        time = frame.pts * frame.time_base
        # B-frames before it lean on it, too.
        if time < Fraction(when) - Fraction(1, 5) or time >= after:
            assert wrong == 0
    assert max(off) > 0
