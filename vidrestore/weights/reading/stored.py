"""What a weight file says of its tensors before any of their numbers is read.

Nothing here is trusted: sizes and places are compared with the file before memory is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import torch

from vidrestore.text.escaping import quoted, shown

DTYPES = {
    "float64": torch.float64,
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "int64": torch.int64,
    "int32": torch.int32,
    "int16": torch.int16,
    "int8": torch.int8,
    "uint8": torch.uint8,
    "bool": torch.bool,
}
"""Every element type that can be read, by name."""

MOST_DIMENSIONS = 16
_LONGEST = 1 << 48


class Unreadable(Exception):  # noqa: N818 - raised again as a ModelError by who knows the file's name
    """The bytes are not what their format promises; the text says where."""


def sizes(values: Iterable[object], what: str = "sizes") -> tuple[int, ...]:
    """Sizes or strides that a file gives, of a number and range that honest files have.

    Everything that multiplies them comes after this: a product of a million sizes takes hours.

    Args:
        values: as read; not more of them are looked at than there may be.
        what: they are, for the error.

    Raises:
        Unreadable: there are more than 16, or one is no whole number from 0 to below 2 to the 48.
    """
    found: list[int] = []
    for value in values:
        if len(found) == MOST_DIMENSIONS:
            raise Unreadable(f"a tensor has more than {MOST_DIMENSIONS} {what}")
        if type(value) is not int or not 0 <= value < _LONGEST:
            raise Unreadable(f"a tensor has the impossible shape ({shown(value)} among its {what})")
        found.append(value)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Storage:
    """A run of equal numbers in the file.

    Attributes:
        key: its name in the file; equal keys are the same numbers.
        dtype: a key of :data:`DTYPES`, or another name, which cannot be read.
        count: how many numbers.
    """

    key: str
    dtype: str
    count: int

    def __post_init__(self) -> None:
        """Refuse what no file holds."""
        if not 0 <= self.count < _LONGEST:
            raise Unreadable(f"a storage of {shown(self.count)} numbers lies outside of any file")

    @property
    def nbytes(self) -> int:
        """Its length in the file.

        Raises:
            Unreadable: its element type is unknown.
        """
        if self.dtype not in DTYPES:
            raise Unreadable(f"its numbers are of type {shown(self.dtype)}, which is not supported")
        return self.count * DTYPES[self.dtype].itemsize


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """A tensor that has not been read: a strided view of a storage.

    Attributes:
        storage: where its numbers are.
        shape: its sizes.
        offset: of its first number within the storage, in numbers.
        stride: steps between neighbours per dimension, in numbers; None is row after row.
    """

    storage: Storage
    shape: tuple[int, ...]
    offset: int = 0
    stride: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse sizes that no honest file has, before anything multiplies them."""
        sizes(self.shape)
        sizes((self.offset,), "offsets")
        if self.stride is not None:
            sizes(self.stride, "strides")
            if len(self.stride) != len(self.shape):
                raise Unreadable(
                    f"a tensor has {len(self.shape)} sizes and {len(self.stride)} strides"
                )

    @property
    def dtype(self) -> str:
        """The name of its element type."""
        return self.storage.dtype

    @property
    def count(self) -> int:
        """How many numbers it shows."""
        return math.prod(self.shape)

    def steps(self) -> tuple[int, ...]:
        """Its strides, written out."""
        if self.stride is not None:
            return self.stride
        return tuple(math.prod(self.shape[axis + 1 :]) for axis in range(len(self.shape)))

    def check(self) -> None:
        """Refuse a view that no honest file has.

        Raises:
            Unreadable: it reaches beyond its storage, or shows more numbers
                than the storage holds, which would take more memory than the file's length.
        """
        steps = self.steps()
        last = sum((size - 1) * step for size, step in zip(self.shape, steps, strict=True))
        reach = self.offset + last + 1 if self.count else self.offset
        if reach > self.storage.count or self.count > self.storage.count:
            raise Unreadable(
                f"a tensor of shape {self.shape} lies outside of its {self.storage.count} numbers"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """What a weight file holds, its numbers still unread.

    Attributes:
        form: the format, as a user calls it.
        value: dicts, lists and numbers, with :class:`StoredTensor` in the place of tensors.
        read: gives the bytes of one of its storages; raises :class:`Unreadable`.
        globals: what a pickle would import; nothing of it ever is.
        broken: why a pickle in it breaks off; empty if it does not.
        metadata: texts that the format stores beside the tensors.
    """

    form: str
    value: object
    read: Callable[[Storage], bytearray]
    globals: tuple[str, ...] = ()
    broken: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


def unreadable_storage(storage: Storage) -> bytearray:
    """The ``read`` of formats whose numbers are not for us to read."""
    raise Unreadable(f"storage {quoted(storage.key)} cannot be read")
