"""Hashes that are made in passing, and the seal of a report."""

from __future__ import annotations

import hashlib

import pytest

from vidrestore.errors import OutputError
from vidrestore.report import Hashed
from vidrestore.report.keeping.fixity import InPassing, fixity
from vidrestore.report.keeping.seal import sealed, unbroken


@pytest.mark.parametrize("algorithm", ["sha256", "sha512", "md5"])
def test_a_file_is_hashed_as_far_as_it_was_read_and_then_to_its_end(tmp_path, algorithm):
    file = tmp_path / "a"
    file.write_bytes(bytes(range(256)) * 50_000)
    passing = InPassing(file, algorithm)
    for done in (1, 1, 3, 2):
        passing.follow(done, 4)
    passing.follow(1, None)
    expected = hashlib.new(algorithm, file.read_bytes()).hexdigest()
    assert passing.finish() == Hashed(12_800_000, expected)


def test_what_is_no_file_has_no_hash(tmp_path):
    assert InPassing(tmp_path, "sha256").finish() is None
    assert InPassing(tmp_path / "gone", "sha256").finish() is None
    assert fixity(InPassing(__file__, "none"), __file__, "none") is None


def test_hashing_ends_when_nobody_wants_it_any_more(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 10)
    passing = InPassing(tmp_path / "a", "sha256")
    passing.close()
    passing._thread.join()
    assert passing.finish() is None


def test_a_source_that_is_gone_in_the_end_is_told(tmp_path, monkeypatch):
    source, result = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"x")
    result.write_bytes(b"y")
    passing = InPassing(source, "sha256")
    passing._error = PermissionError(13, "Permission denied")
    with pytest.raises(OutputError, match="finished and whole, but cannot be hashed"):
        fixity(passing, result, "sha256")


def test_a_seal_breaks_with_every_byte():
    text = '{\n  "frames": 12,\n  "seconds": 0.12345678901234567\n}\n'
    whole = sealed(text).encode()
    assert unbroken(whole)
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        assert not unbroken(bytes(changed)), place
    assert not unbroken(text.encode())
    assert not unbroken(whole + b"\n")
