"""The header of a safetensors file: https://github.com/huggingface/safetensors, section Format.

Eight bytes, little-endian, give the length of a JSON object that names each tensor's type, shape
and place in the bytes behind it.
"""

from __future__ import annotations

import json
import math
import struct
from io import BufferedReader
from typing import Any

from vidrestore.text.escaping import shown
from vidrestore.weights.reading.stored import (
    DTYPES,
    Contents,
    Storage,
    StoredTensor,
    Unreadable,
    sizes,
)

# A network of a thousand tensors has a tenth of a megabyte.
_LONGEST_HEADER = 4 << 20
_TYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}


def begins_like_safetensors(head: bytes) -> bool:
    """Whether a file with these first nine bytes may be one."""
    return len(head) >= 9 and head[8:9] == b"{"


def read_safetensors(file: BufferedReader, size: int) -> Contents:
    """What a safetensors file holds.

    Raises:
        Unreadable: its header is too long, no JSON, or contradicts itself or the file's length.
    """
    file.seek(0)
    length = struct.unpack("<Q", file.read(8))[0]
    begin = 8 + length
    if length > _LONGEST_HEADER or begin > size:
        raise Unreadable(f"its header claims {length} bytes, the file has {size}")
    try:
        header = json.loads(file.read(length), object_pairs_hook=_distinct)
        texts = header.pop("__metadata__", {})
        tensors = {name: _tensor(name, entry, size - begin) for name, entry in header.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        reason = shown(str(error) or type(error).__name__, 100)
        raise Unreadable(f"its header is damaged ({reason})") from error
    end = 0
    for first, last in sorted(_range(tensor.storage) for tensor in tensors.values()):
        if first < end:
            raise Unreadable("its tensors overlap")
        end = last
    if begin + end < size:
        raise Unreadable(f"it has {size - begin - end} bytes that belong to no tensor")

    def read(storage: Storage) -> bytearray:
        numbers = bytearray(storage.nbytes)
        file.seek(begin + _range(storage)[0])
        if file.readinto(numbers) != len(numbers):
            raise Unreadable("it is cut off")
        return numbers

    metadata = texts if isinstance(texts, dict) else {}
    return Contents(
        "safetensors file",
        tensors,
        read,
        metadata={name: text for name, text in metadata.items() if isinstance(text, str)},
    )


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose names differ."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _range(storage: Storage) -> tuple[int, int]:
    """First byte and the one behind the last, counted from the header's end."""
    first = int(storage.key)
    return first, first + storage.nbytes


def _tensor(name: str, entry: dict[str, Any], room: int) -> StoredTensor:
    text = shown(name, 60)
    dtype, shape = _TYPES.get(entry["dtype"], ""), sizes(entry["shape"])
    first, last = sizes(entry["data_offsets"], "offsets")
    if last > room:
        raise ValueError(f"{text} ends behind the end of the file")
    if dtype not in DTYPES:
        kind = shown(entry["dtype"], 20)
        raise ValueError(f"{text} is of type {kind}, which is not supported")
    count = math.prod(shape)
    if count * DTYPES[dtype].itemsize != last - first:
        raise ValueError(f"{text} has {last - first} bytes for the shape {shape}")
    storage = Storage(str(first), dtype, count)
    return StoredTensor(storage, shape)
