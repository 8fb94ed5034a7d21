"""A configuration that a stream tells once more does no harm to the result."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests import witness
from tests.fuzzing.fuzz_seeds import SEEDS
from tests.made_files import synthetic
from tests.unit.video.conftest import passed_through


@pytest.mark.parametrize("ending", ["mkv", "mp4"])
def test_flv_repeats_the_configuration_of_its_sound(
    clip: synthetic.ClipMaker, tmp_path: Path, ending: str
) -> None:
    """As recorders of live streams do."""
    whole = clip(SEEDS["flv"])
    data = whole.read_bytes()
    # AAC, "sequence header": behind the eleven bytes of the tag's head.
    begin = data.index(b"\xaf\x00") - 11
    end = begin + 11 + int.from_bytes(data[begin + 1 : begin + 4], "big") + 4
    path = tmp_path / "twice.flv"
    path.write_bytes(data[:end] + data[begin:end] + data[end:])
    out = tmp_path / f"out.{ending}"
    passed_through(path, out)
    assert len(witness.frames(out)) == len(witness.frames(whole))
    sound, copied = witness.packets(whole, "0:a:0"), witness.packets(out, "0:a:0")
    assert [seen.digest for seen in copied] == [seen.digest for seen in sound]
    for before, after in zip(sound, copied, strict=True):
        assert abs(before.pts - after.pts) <= Fraction(1, 500)
