"""Weight files made to do harm, or damaged: written byte by byte, so that no library helps."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path


class RunsCode:
    """Its pickle creates a file when it is executed."""

    def __init__(self, sign: Path) -> None:
        self.sign = sign

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.sign,)


def zipped(entries: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tensor_pickle(
    shape: tuple[int, ...],
    stride: tuple[int, ...],
    count: int,
    *,
    offset: int = 0,
    kind: str = "FloatStorage",
    names: tuple[str, ...] = ("final_linear.0.weight",),
) -> bytes:
    """A state dict as torch.save describes one, with whatever sizes are asked for."""

    def number(value: int) -> bytes:
        return pickle.dumps(value, 2)[2:-1]

    def sizes(values: tuple[int, ...]) -> bytes:
        return b"(" + b"".join(number(value) for value in values) + b"t"

    content = b"\x80\x02}("
    for name in names:
        content += b"X" + struct.pack("<I", len(name)) + name.encode()
        content += b"ctorch._utils\n_rebuild_tensor_v2\n(("
        content += b"X\x07\0\0\0storagectorch\n" + kind.encode() + b"\nX\x01\0\0\x000X\x03\0\0\0cpu"
        content += number(count) + b"tQ" + number(offset) + sizes(shape) + sizes(stride)
        content += b"\x89}tR"
    return content + b"u."


def archive(pickled: bytes, numbers: bytes) -> bytes:
    return zipped({"a/data.pkl": pickled, "a/data/0": numbers})


def safetensors(header: object, numbers: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers


def _wrong_crc() -> bytes:
    content = bytearray(archive(tensor_pickle((2,), (1,), 2), b"\x11" * 8))
    place = content.index(b"\x11" * 8)
    content[place] ^= 1
    return bytes(content)


def _overlapping() -> bytes:
    """Two entries whose directory records point to the same bytes."""
    content = archive(tensor_pickle((2,), (1,), 2), b"\x11" * 8)
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a") as opened:
        first = opened.infolist()[1]
        for number in range(1, 4):
            twin = zipfile.ZipInfo(f"a/data/{number}")
            twin.header_offset, twin.CRC = first.header_offset, first.CRC
            twin.file_size, twin.compress_size = first.file_size, first.compress_size
            opened.filelist.append(twin)
        opened._didModify = True
    return buffer.getvalue()


def _truncated(keep: float) -> bytes:
    whole = archive(tensor_pickle((2000,), (1,), 2000), b"\0" * 8000)
    return whole[: int(len(whole) * keep)]


_F32 = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}

FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip bomb": (
        lambda: zipped({"a/data.pkl": b"\0" * 4_000_000}, zipfile.ZIP_DEFLATED),
        "compressed",
    ),
    "bomb in a storage": (
        lambda: zipped({"a/data.pkl": b".", "a/data/0": b"\0" * 4_000_000}, zipfile.ZIP_DEFLATED),
        "compressed",
    ),
    "enormous shape": (lambda: archive(tensor_pickle((1 << 40,), (1,), 2), b"\0" * 8), "outside"),
    "enormous storage": (
        lambda: archive(tensor_pickle((1 << 40,), (1,), 1 << 40), b"\0" * 8),
        "bytes",
    ),
    "overflowing shape": (
        lambda: archive(tensor_pickle((1 << 62, 4), (1, 1), 2), b"\0" * 8),
        "impossible shape",
    ),
    "negative shape": (lambda: archive(tensor_pickle((-1,), (1,), 2), b"\0" * 8), "impossible"),
    "one number shown often": (
        lambda: archive(tensor_pickle((1 << 30,), (0,), 2), b"\0" * 8),
        "outside",
    ),
    "view behind the storage": (
        lambda: archive(tensor_pickle((2,), (1,), 2, offset=1), b"\0" * 8),
        "outside",
    ),
    "one storage, many tensors": (
        lambda: archive(
            tensor_pickle(
                (2000,), (1,), 2000, names=("final_linear.0.weight", *map(str, range(50)))
            ),
            b"\0" * 8000,
        ),
        "the file has",
    ),
    "overlapping entries": (_overlapping, "overlaps|damaged"),
    "wrong checksum": (_wrong_crc, "damaged"),
    "cut in the directory": (lambda: _truncated(0.99), "damaged"),
    "cut in the numbers": (lambda: _truncated(0.5), "damaged"),
    "pickle without an end": (
        lambda: zipped({"a/data.pkl": b"\x80\x02}("}),
        "breaks off",
    ),
    "pickle claiming 2 GiB of text": (
        lambda: zipped({"a/data.pkl": b"\x80\x02X\xff\xff\xff\x7fabc."}),
        "breaks off",
    ),
    "unknown element type": (
        lambda: archive(tensor_pickle((2,), (1,), 2, kind="QInt8Storage"), b"\0" * 8),
        "QInt8Storage",
    ),
    "other zip": (lambda: zipped({"word/document.xml": b"hello"}), "without data.pkl"),
    "program in an archive": (
        lambda: zipped({"a/data.pkl": b"\x80\x02}.", "a/code/x.py": b""}),
        "TorchScript",
    ),
    "tar": (lambda: b"x".ljust(257, b"\0") + b"ustar".ljust(300, b"\0"), "tar archive"),
    "huge header": (lambda: struct.pack("<Q", 1 << 60) + b'{"a":1}', "header claims"),
    "header behind the end": (lambda: struct.pack("<Q", 5000) + b'{"a":1}', "header claims"),
    "deep header": (
        lambda: struct.pack("<Q", 200_005) + b'{"a":' + b"[" * 200_000,
        "header is damaged",
    ),
    "name twice": (
        lambda: struct.pack("<Q", 17) + b'{"a": 1,"a": 2}  ',
        "stands twice",
    ),
    "overlapping tensors": (
        lambda: safetensors({"a": _F32, "b": _F32}, b"\0" * 8),
        "overlap",
    ),
    "tensor behind the end": (
        lambda: safetensors({"a": {**_F32, "shape": [200], "data_offsets": [0, 800]}}, b"\0" * 8),
        "behind the end",
    ),
    "shape and place differ": (
        lambda: safetensors({"a": {**_F32, "shape": [1 << 50]}}, b"\0" * 8),
        "impossible shape",
    ),
    "bytes of no tensor": (lambda: safetensors({"a": _F32}, b"\0" * 80), "belong to no tensor"),
    "entry of no kind": (lambda: safetensors({"a": 7}), "header is damaged"),
}
