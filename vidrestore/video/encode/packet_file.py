"""Encoded packets in a file, for as long as they wait to be put into a container.

No container keeps all of them exactly: Matroska rounds times, NUT has no durations, and side data
(new parameters, transparency beside the picture) finds a place in few. The file is a line that
names the form, then for each packet a head of fixed size, its side data and its bytes. Packets of
several results of the same frames may lie in one file, in any order; each says whose it is.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import IO, Any, Protocol

import av
from av.packet import PacketSideData, packet_sidedata_type_from_literal

_FIRST_LINE = b"vidrestore packets 2\n"
# pts, dts, duration; the time base; whether there are a dts and a keyframe; of which result; side
# data; bytes.
_HEAD = struct.Struct("<qqqqq??BBI")
_BESIDE = struct.Struct("<BI")  # length of the name, bytes
_MOST = 1 << 30


class Writable(Protocol):
    """What packets can be written to."""

    def write(self, content: bytes, /) -> int:
        """Append."""
        ...


def begin(file: Writable) -> None:
    """Write what such a file begins with."""
    file.write(_FIRST_LINE)


def write(file: Writable, packets: Iterable[av.Packet[Any]], result: int = 0) -> None:
    """Append packets of a result, 0..255.

    Raises:
        OSError: the file cannot be written.
        ValueError: a packet has no pts.
    """
    for packet in packets:
        if packet.pts is None:
            raise ValueError("an encoded packet has no time")
        base, beside = packet.time_base, list(packet.iter_sidedata())
        head = _HEAD.pack(
            packet.pts,
            packet.dts or 0,
            packet.duration or 0,
            base.numerator,
            base.denominator,
            packet.dts is not None,
            packet.is_keyframe,
            result,
            len(beside),
            packet.size,
        )
        file.write(head)
        for data in beside:
            name = data.data_type.encode()
            file.write(_BESIDE.pack(len(name), data.data_size) + name + bytes(data))
        file.write(bytes(packet))


def read(file: IO[bytes], result: int = 0) -> Iterator[av.Packet[Any]]:
    """The packets of a result that were written; they belong to no stream.

    Raises:
        ValueError: the file is none of these, or is cut off.
    """
    if file.readline(len(_FIRST_LINE)) != _FIRST_LINE:
        raise ValueError("these are no packets, or those of another version")
    while head := file.read(_HEAD.size):
        if len(head) != _HEAD.size:
            raise ValueError("the file is cut off")
        pts, dts, duration, numerator, denominator, timed, key, whose, beside, size = _HEAD.unpack(
            head
        )
        if whose != result:
            _pass_over(file, beside, size)
            continue
        sides = [_side(file) for _ in range(beside)]
        packet: av.Packet[Any] = av.Packet(_exactly(file, size))
        packet.time_base = Fraction(numerator, denominator)
        packet.pts, packet.dts = pts, dts if timed else None
        packet.duration = duration
        packet.is_keyframe = key
        for name, content in sides:
            kind = packet_sidedata_type_from_literal(name)  # type: ignore[arg-type]
            data = PacketSideData(kind, len(content))  # type: ignore[call-arg]
            data.update(content)
            packet.set_sidedata(data)
        yield packet


def _side(file: IO[bytes]) -> tuple[str, bytes]:
    length, size = _BESIDE.unpack(_exactly(file, _BESIDE.size))
    return _exactly(file, length).decode(), _exactly(file, size)


def _exactly(file: IO[bytes], size: int) -> bytes:
    content = file.read(size) if size <= _MOST else b""
    if len(content) != size:
        raise ValueError("the file is cut off")
    return content


def times(file: IO[bytes], result: int = 0) -> Iterator[int]:
    """The pts of the packets of a result that were written, without these.

    Raises:
        ValueError: the file is none of these, or is cut off.
    """
    if file.readline(len(_FIRST_LINE)) != _FIRST_LINE:
        raise ValueError("these are no packets, or those of another version")
    while head := file.read(_HEAD.size):
        if len(head) != _HEAD.size:
            raise ValueError("the file is cut off")
        pts, *_, whose, beside, size = _HEAD.unpack(head)
        _pass_over(file, beside, size)
        if whose == result:
            yield pts


def _pass_over(file: IO[bytes], beside: int, size: int) -> None:
    """Go on behind a packet of whose head these are."""
    for _ in range(beside):
        length, content = _BESIDE.unpack(_exactly(file, _BESIDE.size))
        file.seek(length + content, os.SEEK_CUR)
    file.seek(size, os.SEEK_CUR)
