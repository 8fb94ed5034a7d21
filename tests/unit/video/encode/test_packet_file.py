"""Packets come back from a file as they were, and parts become one stream."""

from __future__ import annotations

import io
from fractions import Fraction
from functools import partial

import av
import pytest
from av.packet import PacketSideData, packet_sidedata_type_from_literal
from hypothesis import given
from hypothesis import strategies as st

from tests.made_files.synthetic import Clip, make
from vidrestore.errors import OutputError
from vidrestore.video.encode import packet_file
from vidrestore.video.encode.joining import joined_packets

BASE = Fraction(1, 25)


def told(packet):
    sides = [(side.data_type, bytes(side)) for side in packet.iter_sidedata()]
    head = packet.pts, packet.dts, packet.duration, packet.time_base, packet.is_keyframe
    return (*head, bytes(packet), sides)


def written(packets):
    file = io.BytesIO()
    packet_file.begin(file)
    packet_file.write(file, packets)
    return file.getvalue()


def packet(pts, *, key=False, base=BASE):
    made = av.Packet(b"content %d" % pts)
    made.pts, made.dts, made.duration, made.time_base = pts, None, 1, base
    made.is_keyframe = key
    return made


def test_encoded_packets_come_back_with_all_they_carry(tmp_path):
    clip = make(tmp_path, Clip(options={"bf": "2", "g": "6"}))
    with av.open(str(clip)) as container:
        packets = [each for each in container.demux(video=0) if each.size]
    side = PacketSideData(packet_sidedata_type_from_literal("matroska_block_additional"), 5)
    side.update(b"alpha")
    packets[3].set_sidedata(side)
    file = written(packets)
    assert [told(each) for each in packet_file.read(io.BytesIO(file))] == list(map(told, packets))
    assert list(packet_file.times(io.BytesIO(file))) == [each.pts for each in packets]


def test_packets_of_several_results_lie_in_one_file():
    file = io.BytesIO()
    packet_file.begin(file)
    for number in range(6):
        packet_file.write(file, [packet(number, key=True)], number % 2)
    for result in (0, 1):
        pts = list(range(result, 6, 2))
        assert list(packet_file.times(io.BytesIO(file.getvalue()), result)) == pts
        read = packet_file.read(io.BytesIO(file.getvalue()), result)
        assert [(each.pts, bytes(each)) for each in read] == [(n, b"content %d" % n) for n in pts]


@pytest.mark.parametrize("cut", [1, 30, -1, -9])
def test_a_file_that_is_cut_off_is_told(cut):
    file = written([packet(0, key=True), packet(1)])
    with pytest.raises(ValueError, match=r"cut off|no packets"):
        list(packet_file.read(io.BytesIO(file[:cut])))


def orders():
    """Groups of pictures in an order of decoding: each part of some pts, shuffled a little."""
    part = st.lists(st.integers(0, 3), min_size=1, max_size=12)
    return st.lists(part, min_size=1, max_size=4)


@given(orders())
def test_decoding_times_rise_and_never_come_late(parts):
    files, first = [], 10
    for delays in parts:
        # A picture is decoded up to three places before its turn; the first of a part is its first.
        pts = sorted(range(first, first + len(delays)), key=lambda n: (n - delays[n - first], n))
        pts.remove(first)
        first, coded = first + len(delays), [first, *pts]
        files.append(written([packet(n, key=n == coded[0]) for n in coded]))
    joined = list(joined_packets([partial(io.BytesIO, file) for file in files]))
    dts = [each.dts for each in joined]
    assert dts == sorted(set(dts))
    assert all(each.dts <= each.pts for each in joined)
    assert sorted(each.pts for each in joined) == list(range(10, first))
    if [each.pts for each in joined] == sorted(each.pts for each in joined):
        assert dts == [each.pts for each in joined]


def test_parts_that_overlap_are_refused():
    files = [written([packet(0, key=True), packet(1)]), written([packet(1, key=True)])]
    with pytest.raises(OutputError, match="begins before"):
        list(joined_packets([partial(io.BytesIO, file) for file in files]))
