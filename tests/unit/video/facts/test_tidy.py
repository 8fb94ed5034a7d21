"""Colour tags that no table knows are taken for none."""

from __future__ import annotations

from pathlib import Path

import av

from tests import witness
from tests.fuzzing.fuzz_seeds import SEEDS
from tests.made_files import synthetic
from tests.unit.video.conftest import passed_through
from vidrestore.video import VideoSource
from vidrestore.video.facts.tidy import tidy


def test_known_tags_stay() -> None:
    for primaries, transfer, matrix, kind in ((1, 1, 1, 1), (9, 16, 9, 1), (12, 13, 5, 2)):
        picture = av.VideoFrame(16, 16, "yuv420p")
        picture.color_primaries, picture.color_trc = primaries, transfer
        picture.colorspace, picture.color_range = matrix, kind
        tidy(picture)
        told = picture.color_primaries, picture.color_trc, picture.colorspace, picture.color_range
        assert tuple(map(int, told)) == (primaries, transfer, matrix, kind)


def test_a_prores_header_with_noise_for_tags(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    """ProRes tells them in every frame; filters and encoders refuse what is out of range."""
    whole = clip(SEEDS["mov"])
    data = bytearray(whole.read_bytes())
    at = data.find(b"icpf")
    while at >= 0:
        data[at + 18 : at + 21] = bytes((200, 201, 202))
        at = data.find(b"icpf", at + 1)
    path = tmp_path / "tags.mov"
    path.write_bytes(data)
    source = VideoSource(path)
    assert source.info.picture.colour.matrix == 2
    passed_through(path, tmp_path / "out.mkv", codec="ffv1")
    truth = [seen.digest for seen in witness.frames(whole)]
    assert [seen.digest for seen in witness.frames(tmp_path / "out.mkv")] == truth
