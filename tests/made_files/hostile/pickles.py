"""A small assembler of pickles: what pickle itself would never write."""

from __future__ import annotations

import struct

MARK, EMPTY_DICT, NONE, STOP, TUPLE, DUP, TUPLE2 = b"(", b"}", b"N", b".", b"t", b"2", b"\x86"
SETITEMS, REDUCE, PERSID, POP, TUPLE1 = b"u", b"R", b"Q", b"0", b"\x85"


def text(words: str) -> bytes:
    content = words.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(content)) + content


def named(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def put(place: int) -> bytes:
    return b"r" + struct.pack("<I", place)


def get(place: int) -> bytes:
    return b"j" + struct.pack("<I", place)


def number(value: int) -> bytes:
    content = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    if len(content) < 256:
        return b"\x8a" + bytes([len(content)]) + content
    return b"\x8b" + struct.pack("<i", len(content)) + content


def numbers(values: list[int]) -> bytes:
    return MARK + b"".join(map(number, values)) + TUPLE


def storage(key: str, count: int, kind: str = "FloatStorage") -> bytes:
    inner = text("storage") + named("torch", kind) + text(key) + text("cpu") + number(count)
    return MARK + inner + TUPLE + PERSID


def tensor(store: bytes, shape: bytes, stride: bytes) -> bytes:
    """Of arguments that are pickled already."""
    inner = store + number(0) + shape + stride
    return named("torch._utils", "_rebuild_tensor_v2") + MARK + inner + TUPLE + REDUCE


def whole(body: bytes) -> bytes:
    return b"\x80\x02" + body + STOP


def state(*pairs: bytes) -> bytes:
    """A dict of keys and values, pickled already."""
    return whole(EMPTY_DICT + MARK + b"".join(pairs) + SETITEMS)
