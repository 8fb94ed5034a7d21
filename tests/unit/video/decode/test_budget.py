"""A small file that holds, or claims, very many pixels is refused by option before it costs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests.made_files import synthetic
from vidrestore.config import InputConfig
from vidrestore.errors import InputError
from vidrestore.video import VideoSource, probe

CLIP = synthetic.Clip("small.mkv", 40, 64, 48)
PIXELS = 40 * 64 * 48


def limited(gigapixels: float | None) -> InputConfig:
    return InputConfig(max_gigapixels=gigapixels)


def test_what_is_within_the_limit_is_read(clip: synthetic.ClipMaker) -> None:
    assert len(list(VideoSource(clip(CLIP), config=limited(PIXELS / 1e9)))) == 40
    assert InputConfig().max_gigapixels is None


def test_a_header_that_promises_too_much_is_refused_at_once(clip: synthetic.ClipMaker) -> None:
    with pytest.raises(InputError, match=r"claims 40 frames.*max_gigapixels allows 0\.0001"):
        VideoSource(clip(CLIP), config=limited(0.0001))


def test_frames_that_no_header_tells_of_are_counted(
    clip: synthetic.ClipMaker, tmp_path: Path
) -> None:
    """A raw stream has no header; its frames are found one by one."""
    path = tmp_path / "raw.h264"
    made = clip(synthetic.Clip("many.h264", 40))
    path.write_bytes(made.read_bytes() * 3)
    assert probe(path).duration is None
    source = VideoSource(path, config=limited(110 * 64 * 48 / 1e9))
    with pytest.raises(InputError, match=r"holds too many pixels.*start and end") as caught:
        list(source)
    assert "\n" not in str(caught.value)


def test_a_part_may_be_small_enough(clip: synthetic.ClipMaker) -> None:
    source = VideoSource(clip(CLIP), end=Fraction(1, 5), config=limited(PIXELS / 4e9))
    assert len(list(source)) == 5
