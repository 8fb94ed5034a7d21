"""What comes last, or lasts no time, is neither lost nor told wrongly."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests import witness
from tests.made_files.synthetic import Clip, add_video, make, video_packets, when
from tests.stand_ins.passing import passed_through
from vidrestore.errors import OutputError

# Two pixels of one colour, shown at once (DVD's sub-picture unit).
_UNIT = bytes.fromhex("0000 0008 8000 8000") + bytes.fromhex("0000 0008 01 ff")


def _with_pictures(path: Path, *, durations: bool) -> Path:
    """A clip with VobSub subtitles, which need not say how long they last."""
    clip = Clip(count=50)
    with av.open(str(path), "w") as output:
        video = add_video(output, clip)
        lines = output.add_mux_stream("dvd_subtitle", time_base=Fraction(1, 1000))
        packets = video_packets(video, clip)
        for number in range(4):
            packet = av.Packet(struct.pack(">H", len(_UNIT)) + _UNIT[2:])
            packet.pts = packet.dts = 400 * number
            packet.duration = 300 if durations else 0
            packet.time_base, packet.stream = Fraction(1, 1000), lines
            packets.append(packet)
        output.start_encoding()
        for packet in sorted(packets, key=when):
            output.mux(packet)
    return path


@pytest.mark.parametrize("durations", [False, True])
@pytest.mark.parametrize("name", ["in.mkv", "in.vob"])
@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_the_last_subtitle_comes_through(
    tmp_path: Path, name: str, ending: str, *, durations: bool
) -> None:
    source, out = _with_pictures(tmp_path / name, durations=durations), tmp_path / f"out{ending}"
    passed_through(source, out)
    before, after = (witness.packets(path, "0:s:0") for path in (source, out))
    assert len(before) == 4
    shown = [seen for seen in after if seen.size > 2]
    assert [seen.digest for seen in shown] == [seen.digest for seen in before]
    if ending == ".mp4":
        assert shown[-1].duration > 0


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("name", ["in.mp4", "in.mov"])
def test_data_that_lasts_no_time_is_told_as_what_it_is(
    tmp_path: Path, name: str, ending: str
) -> None:
    """FFmpeg passes over such a track as it does over the one that holds chapters."""
    chapters = ((0.0, 0.2, "One"), (0.2, 0.48, "Two"))
    whole = make(tmp_path, Clip(f"whole-{name}", chapters=chapters))
    data = bytearray(whole.read_bytes().replace(b"chap", b"cxxx").replace(b"chpl", b"free"))
    entry = data.rfind(b"stsd", 0, data.find(b"text", data.rfind(b"stsd")))
    assert data[entry + 16 : entry + 20] == b"text"
    data[entry + 16 : entry + 20] = b"gpmd"
    steps = data.find(b"stts", entry)
    for number in range(int.from_bytes(data[steps + 8 : steps + 12])):
        data[steps + 16 + 8 * number : steps + 20 + 8 * number] = bytes(4)
    source = tmp_path / name
    source.write_bytes(data)
    with pytest.raises(
        OutputError, match=r"data stream 1 .*last no time; run without output.strict"
    ):
        passed_through(source, tmp_path / f"out{ending}", output={"strict": True})
    warnings = passed_through(source, tmp_path / f"out{ending}")
    assert ["last no time, and is left out" in line for line in warnings] == [True]
    # A track of chapters is written anew, and nothing is told.
    assert passed_through(whole, tmp_path / f"plain{ending}", output={"strict": True}) == []
