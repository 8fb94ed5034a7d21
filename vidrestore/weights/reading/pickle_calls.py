"""What the calls and references in a pickle of torch.save stand for; none of them is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vidrestore.weights.reading.stored import Storage, StoredTensor, sizes

_STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}


@dataclass(frozen=True, slots=True)
class Global:
    """Something that a pickle would import."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(slots=True, eq=False)
class Call:
    """Something that a pickle would have called, with its arguments; it never was."""

    function: object
    arguments: object


def referred(identity: object) -> Storage | None:
    """torch.save's reference to a storage: ("storage", type, key, device, count[, view])."""
    if not isinstance(identity, tuple) or len(identity) not in (5, 6):
        return None
    word, kind, key, _, count = identity[:5]
    if word != "storage" or not isinstance(kind, Global) or kind.module != "torch":
        return None
    if not isinstance(key, str) or type(count) is not int or count < 0:
        return None
    if any(part is not None for part in identity[5:]):
        return None
    return Storage(key, _STORAGES.get(kind.name, kind.name), count)


def called(function: object, arguments: object) -> object:
    """What a call stands for: an ordered dict, a tensor, or nothing that is known."""
    known = _KNOWN.get(str(function)) if isinstance(function, Global) else None
    if known is not None and isinstance(arguments, tuple):
        value = known(arguments)
        if value is not None:
            return value
    return Call(function, arguments)


def _dict(arguments: tuple[Any, ...]) -> dict[object, object] | None:
    """An OrderedDict, filled by later steps."""
    return None if arguments else {}


def _tensor(arguments: tuple[Any, ...]) -> StoredTensor | None:
    """torch._utils._rebuild_tensor_v2(storage, offset, size, stride, ...)."""
    if len(arguments) < 4:
        return None
    storage, offset, shape, stride = arguments[:4]
    if not isinstance(storage, Storage) or type(offset) is not int:
        return None
    if not isinstance(shape, tuple) or not isinstance(stride, tuple):
        return None
    return StoredTensor(storage, sizes(shape), offset, sizes(stride, "strides"))


def _parameter(arguments: tuple[Any, ...]) -> StoredTensor | None:
    """torch._utils._rebuild_parameter(tensor, requires_grad, hooks)."""
    return arguments[0] if arguments and isinstance(arguments[0], StoredTensor) else None


_KNOWN: dict[str, Callable[[tuple[Any, ...]], object]] = {
    "collections.OrderedDict": _dict,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
}
