"""Weight files that ask for endless work: small, and told or refused soon all the same."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable

from tests.made_files.hostile.hostile import archive, safetensors, zipped
from tests.made_files.hostile.pickles import (
    DUP,
    EMPTY_DICT,
    MARK,
    NONE,
    POP,
    REDUCE,
    TUPLE,
    TUPLE1,
    TUPLE2,
    get,
    named,
    number,
    numbers,
    put,
    state,
    storage,
    tensor,
    text,
    whole,
)

_MAGIC = 0x1950A86A20F9469CFC6C
_COLLIDING = [k * (2**61 - 1) for k in range(1, 100_000)]
_BOMB = NONE + (DUP + TUPLE2) * 60
_KEY = text("final_linear.0.weight")


def saved(pickled: bytes) -> bytes:
    """A file of torch.save with this description."""
    return archive(pickled, bytes(4))


def _legacy(protocol: bytes) -> bytes:
    parts = (number(_MAGIC), protocol, EMPTY_DICT, EMPTY_DICT, b"]")
    return b"".join(whole(part) for part in parts)


def _shared_shape() -> bytes:
    shape = numbers([1] * 100_000) + put(1) + POP
    parts = named("torch._utils", "_rebuild_tensor_v2") + put(2) + POP + storage("0", 1) + put(3)
    call = get(2) + MARK + get(3) + b"K\0" + get(1) + get(1) + TUPLE + REDUCE + POP
    return whole(shape + parts + POP + call * 20_000 + EMPTY_DICT)


def _many_sizes() -> bytes:
    entry = b'{"w":{"dtype":"F32","shape":[' + b"2," * 1_500_000 + b'2],"data_offsets":[0,4]}}'
    return struct.pack("<Q", len(entry)) + entry + bytes(4)


def _vint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(place: int, content: bytes | int) -> bytes:
    """One field of a protocol buffer."""
    if isinstance(content, int):
        return _vint(place << 3) + _vint(content)
    return _vint(place << 3 | 2) + _vint(len(content)) + content


def onnx(graph: bytes) -> bytes:
    return field(1, 8) + field(2, b"pytorch") + field(7, graph)


FILES: dict[str, Callable[[], bytes]] = {
    "keys that collide": lambda: saved(state(*(number(k) + NONE for k in _COLLIDING))),
    "places that collide": lambda: saved(
        whole(NONE + b"".join(f"p{k}\n".encode() for k in _COLLIDING))
    ),
    "a key without an end": lambda: saved(state(_BOMB + NONE)),
    "a key nested deep": lambda: saved(state(NONE + TUPLE1 * 100_000 + NONE)),
    "a key of many digits": lambda: saved(state(number(1 << 20_000) + NONE)),
    "a value nested deep": lambda: saved(state(text("a") + NONE + TUPLE1 * 100_000)),
    "a set of itself": lambda: saved(whole(b"\x8f" + put(0) + MARK + get(0) * 1000 + b"\x90")),
    "a protocol without an end": lambda: _legacy(_BOMB),
    "a protocol of many digits": lambda: _legacy(number(1 << 20_000)),
    "a product of thousands": lambda: saved(
        state(
            _KEY
            + tensor(
                storage("0", 1),
                MARK + number(2**62) + put(9) + get(9) * 100_000 + TUPLE + put(1),
                get(1),
            )
        )
    ),
    "a product that overflows": lambda: saved(
        state(_KEY + tensor(storage("0", 1), numbers([2**62] * 16), numbers([2**62] * 16)))
    ),
    "a count of many digits": lambda: saved(
        state(_KEY + tensor(storage("0", 1 << 20_000), numbers([1]), numbers([1])))
    ),
    "a shape that thousands share": lambda: saved(_shared_shape()),
    "five pickles of many steps": lambda: (
        whole(number(_MAGIC)) + whole((NONE + POP) * 240_000 + NONE) * 4
    ),
    "imports by the thousand": lambda: saved(
        whole(b"".join(named("os", f"f{n}") + POP for n in range(50_000)) + NONE)
    ),
    "an archive of many entries": lambda: zipped({f"a/{n}": b"" for n in range(30_000)}),
    "a header of many sizes": _many_sizes,
    "a type without an end": lambda: safetensors(
        {"w": {"dtype": [[]] * 1000, "shape": [1], "data_offsets": [0, 4]}}, bytes(4)
    ),
    "a header of many digits": lambda: (
        struct.pack("<Q", 9000) + (b'{"w":' + b"9" * 8994 + b"}") + bytes(4)
    ),
    "notes without an end": lambda: safetensors(
        {
            "__metadata__": {f"\x1b{n}": "\n" * 10 for n in range(5000)},
            "w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
        },
        bytes(4),
    ),
    "names without an end": lambda: safetensors(
        json.loads('{"' + "w" * 100_000 + '":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'),
        bytes(4),
    ),
    "a graph of many sizes": lambda: onnx(
        field(5, field(1, b"\xff\x7f" * 1_000_000) + field(2, 1) + field(8, b"w"))
    ),
    "a graph of many sizes, one by one": lambda: onnx(
        field(5, field(1, 2) * 300_000 + field(2, 1) + field(8, b"w"))
    ),
    "a graph of many nodes": lambda: onnx(field(1, field(4, b"Add")) * 300_000),
    "a graph that loops": lambda: onnx(field(1, field(4, b"Loop"))),
    "a graph that loops inside": lambda: onnx(
        field(1, field(4, b"If") + field(5, field(6, field(1, field(4, b"Scan")))))
    ),
}
