"""Videos of a picture or two: an encoder that looks ahead has nothing to look at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.made_files.synthetic import Clip, make

# Prints pts and dts of every packet that the encoder gives.
ENCODE = """
import json, sys
from pathlib import Path
from tests.stand_ins.passing import passed_through
from vidrestore.video.encode.encoder import InProcessEncoder

times = []
def encode(self, picture, encode=InProcessEncoder.encode):
    packets = encode(self, picture)
    times.extend((packet.pts, packet.dts) for packet in packets)
    return packets
InProcessEncoder.encode = encode
passed_through(Path(sys.argv[1]), Path(sys.argv[2]), codec="libx265", speed="medium")
print(json.dumps(times))
"""


@pytest.mark.parametrize("count", [1, 2])
def test_decoding_times_are_those_of_pictures(tmp_path: Path, count: int) -> None:
    """Where memory that is not set yet holds anything, as in a process that has lived long."""
    clip = make(tmp_path, Clip(count=count, width=128, height=96))
    done = subprocess.run(
        [sys.executable, "-c", ENCODE, str(clip), str(tmp_path / "out.mkv")],
        cwd=Path(__file__).parents[4],
        env=os.environ | {"MALLOC_PERTURB_": "165"},
        capture_output=True,
        check=True,
    )
    times = json.loads(done.stdout)
    assert len(times) == count
    assert all(0 <= pts - dts <= 200 for pts, dts in times)  # ms of five frames
    assert all(a[1] < b[1] for a, b in pairwise(times))
