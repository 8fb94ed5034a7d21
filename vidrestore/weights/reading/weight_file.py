"""Opening a weight file of any format: what it is, its hash, and its tensors, safely.

The format is known by the content, never by the name. The file is opened once; what was hashed is
what is read. Memory stays within the file's own length and a fixed amount beside it.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

import torch
from torch import Tensor

from vidrestore.errors import ModelError
from vidrestore.weights.reading.onnx_file import looks_like_onnx, read_onnx
from vidrestore.weights.reading.safetensors_file import begins_like_safetensors, read_safetensors
from vidrestore.weights.reading.stored import DTYPES, Contents, StoredTensor, Unreadable
from vidrestore.weights.reading.torch_file import (
    ZIP_HEAD,
    is_legacy,
    read_legacy,
    read_pickle,
    read_zip,
)

_HEAD = 512
_TAR_MARK = slice(257, 262)
# First bytes of a pickle: the protocol, or what protocol 0 begins with.
_PICKLE_HEADS = (b"\x80", b"c", b"(", b"}", b"]", b"L")


@dataclass(frozen=True, slots=True, eq=False)
class WeightFile:
    """An open weight file.

    Attributes:
        path: where it is.
        size: its length in bytes.
        sha256: of its bytes, lower-case hexadecimal.
        contents: what it holds, numbers unread.
        file: its bytes.
    """

    path: Path
    size: int
    sha256: str
    contents: Contents
    file: BufferedReader

    def tensors(self, wanted: Mapping[str, StoredTensor]) -> dict[str, Tensor]:
        """Read tensors; those of one storage share their memory.

        Raises:
            ModelError: a tensor is impossible, damaged, or all together are larger than the file.
        """
        with explained(self.path):
            for tensor in wanted.values():
                tensor.check()
            total = sum(t.count * DTYPES[t.dtype].itemsize for t in wanted.values() if _known(t))
            if total > self.size:
                raise Unreadable(f"its tensors take {total} bytes, the file has {self.size}")
            storages: dict[str, Tensor] = {}
            return {name: self._read(tensor, storages) for name, tensor in wanted.items()}

    def _read(self, tensor: StoredTensor, storages: dict[str, Tensor]) -> Tensor:
        storage = tensor.storage
        if not _known(tensor):
            raise Unreadable(f"its numbers are of type {tensor.dtype}, which is not supported")
        if not tensor.count:
            return torch.empty(tensor.shape, dtype=DTYPES[tensor.dtype])
        if storage.key not in storages:
            numbers = self.contents.read(storage)
            storages[storage.key] = torch.frombuffer(numbers, dtype=DTYPES[storage.dtype])
        return storages[storage.key].as_strided(tensor.shape, tensor.steps(), tensor.offset)

    def bytes(self) -> bytes:
        """The whole file; what was hashed."""
        self.file.seek(0)
        return self.file.read()


def _known(tensor: StoredTensor) -> bool:
    return tensor.dtype in DTYPES


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Tell what is wrong with the file in one line."""
    try:
        yield
    except Unreadable as error:
        raise ModelError(
            f"model file {path} is refused: {error}; fetch it again from its source"
        ) from error


@contextmanager
def open_weights(path: Path, expected_sha256: str | None = None) -> Iterator[WeightFile]:
    """Open a weight file.

    Args:
        path: the file; links to files are followed, devices and pipes are not read.
        expected_sha256: what it must hash to; compared before anything in it is looked at.

    Raises:
        ModelError: it cannot be opened, differs from the hash, is damaged, or is of no format that
            is known.
    """
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if expected_sha256 is not None and sha256 != expected_sha256:
            raise ModelError(
                f"model file {path} is damaged or not the one expected: SHA-256 {sha256}, "
                f"expected {expected_sha256}; install or fetch it again"
            )
        with explained(path):
            contents = _contents(path, file, size)
        yield WeightFile(path, size, sha256, contents, file)


def contents_of(path: Path) -> Contents:
    """What a file holds, without its hash; its tensors cannot be read any more.

    Raises:
        ModelError: as :func:`open_weights`.
    """
    with _opened(path) as file, explained(path):
        return _contents(path, file, os.fstat(file.fileno()).st_size)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, lower-case hexadecimal.

    Raises:
        ModelError: it cannot be read.
    """
    with _opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    """A regular file, opened without waiting, as a pipe would make one wait."""
    hint = "name an existing .safetensors, .pth or .onnx file"
    try:
        number = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ModelError(f"cannot read model file {path}: {reason}; {hint}") from error
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise ModelError(f"cannot read model file {path}: it is no regular file; {hint}")
    with os.fdopen(number, "rb") as file:
        yield file


def _contents(path: Path, file: BufferedReader, size: int) -> Contents:
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        raise ModelError(f"model file {path} is empty; fetch it again")
    if begins_like_safetensors(head):
        return read_safetensors(file, size)
    if head.startswith(ZIP_HEAD):
        return read_zip(file, size)
    if head[_TAR_MARK] == b"ustar":
        raise Unreadable(
            "it is a tar archive, as PyTorch before 2017 wrote; save it anew with a newer one"
        )
    if head.startswith(_PICKLE_HEADS):
        if is_legacy(head):
            return read_legacy(file, size)
        found = read_pickle(file, size)
        if not found.broken or found.globals:
            return found
    if looks_like_onnx(head):
        return read_onnx(file, size)
    if instead := _instead_of_weights(head):
        raise ModelError(f"{path} is {instead}")
    raise ModelError(
        f"{path} is neither a safetensors file nor a PyTorch checkpoint nor an ONNX graph "
        f"(it begins with {head[:8]!r}); name a .safetensors, .pth or .onnx file"
    )


def _instead_of_weights(head: bytes) -> str | None:
    """What a download gave in place of weights, and what to do; None where that is not it."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doc", b"<html", b"<head", b"<?xml", b"<!--")):
        return "a page of HTML, not weights: download the file itself, not the page that shows it"
    if text.startswith(b"version https://git-lfs"):
        return "a Git LFS pointer, not weights: run `git lfs pull`, or download the file itself"
    return None
