"""The files that torch.save writes, read without PyTorch's loader and without running a pickle.

Since PyTorch 1.6 a file is a zip archive, its entries stored as they are: ``NAME/data.pkl``
describes the tensors, ``NAME/data/KEY`` holds the numbers of one storage. Before, five pickles
stood one behind the other, followed by the numbers. Still older files are tar archives; those are
refused.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

from vidrestore.text.escaping import quoted, shown
from vidrestore.weights.reading.pickle_listing import MOST_BYTES, MOST_STEPS, Listing, list_pickle
from vidrestore.weights.reading.stored import Contents, Storage, Unreadable, unreadable_storage

ZIP_HEAD = b"PK\x03\x04"
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_PROTOCOL = 1001
_LOCAL_HEADER = 30
_ENCRYPTED = 1
_STEP = 1 << 20
_SHOWN = 3
# A state dict has an entry per tensor; some thousands are many.
_MOST_ENTRIES = 20_000
_MOST_AT_ONCE = 4 << 20


class _Modest(io.RawIOBase):
    """A file that hands out no more at once than a sane directory of an archive needs."""

    def __init__(self, file: io.BufferedReader, size: int) -> None:
        self._file, self._size = file, size

    def read(self, size: int = -1, /) -> bytes:
        if size > _MOST_AT_ONCE:
            raise Unreadable(f"its directory takes {size} bytes")
        # The buffer is allocated before it is filled: never ask for more than there is.
        left = min(max(self._size - self._file.tell(), 0), _MOST_AT_ONCE)
        return self._file.read(left if size < 0 else min(size, left))

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def read_zip(file: io.BufferedReader, size: int) -> Contents:
    """What a zip archive of torch.save holds.

    Args:
        file: the open file; storages are read from it later.
        size: its length.

    Raises:
        Unreadable: it is damaged, or no such archive, or made to take more memory than its length.
    """
    try:
        archive = zipfile.ZipFile(_Modest(file, size))
        entries = _entries(archive, size)
        top = {name.partition("/")[2]: name for name in entries}
        if "data.pkl" not in top:
            found = ", ".join(shown(name, 60) for name in sorted(entries)[:_SHOWN]) or "nothing"
            raise Unreadable(f"it is a zip archive without data.pkl (it holds {found})")
        if any(name.startswith("code/") for name in top):
            raise Unreadable("it is a TorchScript archive, a program; save its state dict instead")
        if "byteorder" in top and _content(archive, entries[top["byteorder"]]) == b"big":
            raise Unreadable("its numbers are big-endian; save it again on a usual machine")
        pickled = entries[top["data.pkl"]]
        if pickled.file_size > MOST_BYTES:
            raise Unreadable(f"its data.pkl is {pickled.file_size} bytes long, far too long")
        listing = list_pickle(bytes(_content(archive, pickled)))
    except _DAMAGED as error:
        raise Unreadable(f"its zip archive is damaged ({shown(str(error))})") from error

    def read(storage: Storage) -> bytearray:
        entry = entries.get(top.get(f"data/{storage.key}", ""))
        if entry is None or entry.file_size != storage.nbytes:
            held = "no" if entry is None else f"{entry.file_size}"
            raise Unreadable(
                f"it has {held} bytes for storage {quoted(storage.key, 60)} of {storage.nbytes} "
                "bytes"
            )
        try:
            return _content(archive, entry)
        except _DAMAGED as error:
            raise Unreadable(f"its zip archive is damaged ({shown(str(error))})") from error

    return _contents("PyTorch zip archive", listing, read)


_DAMAGED = (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, struct.error, OSError)


def _entries(archive: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """The archive's files by name: stored as they are, apart from one another, inside the file."""
    entries: dict[str, zipfile.ZipInfo] = {}
    end = 0
    if len(archive.infolist()) > _MOST_ENTRIES:
        raise Unreadable(f"its archive has more than {_MOST_ENTRIES} entries")
    for entry in sorted(archive.infolist(), key=lambda entry: entry.header_offset):
        name = shown(entry.filename, 60)
        if entry.filename in entries:
            raise Unreadable(f"its archive holds {name} twice")
        if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
            raise Unreadable(f"its entry {name} is compressed, which torch.save never does")
        if entry.flag_bits & _ENCRYPTED:
            raise Unreadable(f"its entry {name} is encrypted")
        if entry.header_offset < end:
            raise Unreadable(f"its entry {name} overlaps another")
        end = entry.header_offset + _LOCAL_HEADER + entry.compress_size
        if end > size:
            raise Unreadable(f"its entry {name} ends behind the end of the file")
        entries[entry.filename] = entry
    return entries


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytearray:
    """One entry whole, its checksum compared; its length was compared with the file's before."""
    content = bytearray(entry.file_size)
    view, done = memoryview(content), 0
    with archive.open(entry) as source:
        while piece := source.read(_STEP):
            view[done : done + len(piece)] = piece
            done += len(piece)
    if done != len(content):
        raise EOFError(f"{shown(entry.filename, 60)} is cut off")
    return content


def is_legacy(content: bytes) -> bool:
    """Whether a file that begins like this is of PyTorch before 1.6."""
    return list_pickle(content[:64]).value == _LEGACY_MAGIC


def read_legacy(file: io.BufferedReader, size: int) -> Contents:
    """What a file of torch.save before PyTorch 1.6 holds; as :func:`read_zip`."""
    file.seek(0)
    content = file.read(min(size, MOST_BYTES))
    _, protocol, system, listing, keys = pickles = _sequence(content, 5)
    if broken := next((pickle.broken for pickle in pickles if pickle.broken), ""):
        listing.broken = broken
        return _contents("PyTorch legacy file", listing, unreadable_storage)
    if protocol.value != _LEGACY_PROTOCOL:
        raise Unreadable(f"it is of the unknown legacy protocol {shown(protocol.value)}")
    if isinstance(system.value, dict) and system.value.get("little_endian") is not True:
        raise Unreadable("its numbers are big-endian; save it again on a usual machine")
    offsets = _offsets(file, size, listing, keys)

    def read(storage: Storage) -> bytearray:
        if storage.key not in offsets:
            raise Unreadable(f"it has no bytes for storage {quoted(storage.key, 60)}")
        numbers = bytearray(storage.nbytes)
        file.seek(offsets[storage.key])
        if file.readinto(numbers) != len(numbers):
            raise Unreadable("it is cut off")
        return numbers

    return _contents("PyTorch legacy file", listing, read)


def read_pickle(file: io.BufferedReader, size: int) -> Contents:
    """A bare pickle, which may be listed but holds no tensors that could be read."""
    file.seek(0)
    listing = list_pickle(file.read(min(size, MOST_BYTES)))
    return _contents("bare pickle", listing, unreadable_storage)


def _sequence(content: bytes, count: int) -> list[Listing]:
    """Pickles that stand one behind the other."""
    pickles: list[Listing] = []
    end, steps = 0, MOST_STEPS
    for _ in range(count):
        pickles.append(list_pickle(content, end, steps))
        end, steps = pickles[-1].end, steps - pickles[-1].steps
    return pickles


def _offsets(file: io.BufferedReader, size: int, listing: Listing, keys: Listing) -> dict[str, int]:
    """Where the numbers of each storage begin in a legacy file."""
    if not isinstance(keys.value, list):
        raise Unreadable("it has no list of its storages")
    offsets: dict[str, int] = {}
    offset = keys.end
    for key in keys.value:
        storage = listing.storages.get(key) if isinstance(key, str) else None
        if storage is None or storage.key in offsets:
            raise Unreadable("its list of storages contradicts its tensors")
        file.seek(offset)
        head = file.read(8)
        if len(head) < 8 or struct.unpack("<q", head)[0] != storage.count:
            raise Unreadable(f"storage {quoted(key, 60)} has another length than its tensors say")
        offsets[storage.key] = offset + 8
        offset += 8 + storage.nbytes
        if offset > size:
            raise Unreadable("it is cut off")
    return offsets


def _contents(form: str, listing: Listing, read: Callable[[Storage], bytearray]) -> Contents:
    return Contents(form, listing.value, read, tuple(listing.globals), listing.broken)
