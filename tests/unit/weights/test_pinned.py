from __future__ import annotations

import hashlib

import pytest

from vidrestore.errors import ModelError
from vidrestore.weights.pinned import read_pinned


def test_the_expected_bytes_are_read(tmp_path):
    (tmp_path / "weights").write_bytes(b"abc")
    digest = hashlib.sha256(b"abc").hexdigest()
    assert read_pinned(tmp_path / "weights", digest, "") == b"abc"


@pytest.mark.parametrize("content", [b"abd", b"", None])
def test_other_bytes_or_none_are_refused_with_what_to_do(tmp_path, content):
    file = tmp_path / "weights"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ModelError, match=r"weights.*: reinstall it$"):
        read_pinned(file, hashlib.sha256(b"abc").hexdigest(), "reinstall it")
