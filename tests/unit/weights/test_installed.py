from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from vidrestore.errors import ModelError
from vidrestore.weights.installed import INSTALLED, InstalledFile


def pinned(distribution, path, sha256):
    return InstalledFile("some", "does something", distribution, path, sha256)


def test_a_file_with_the_right_digest_is_given_whole():
    expected = Path(pytest.__file__).read_bytes()
    whole = pinned("pytest", "pytest/__init__.py", hashlib.sha256(expected).hexdigest())
    assert whole.read() == expected


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (pinned("pytest", "pytest/__init__.py", "00" * 32), "not the file"),
        (pinned("pytest", "pytest/none.bin", "00" * 32), "cannot read"),
        (pinned("no-such-package-here", "x.bin", "00" * 32), "not installed"),
    ],
)
def test_anything_else_is_refused_in_one_line(file, words):
    with pytest.raises(ModelError, match=words) as caught:
        file.read()
    assert "\n" not in str(caught.value)
    assert "install" in str(caught.value)


@pytest.mark.parametrize("weights", INSTALLED)
def test_the_installed_weights_are_the_pinned_ones(weights):
    assert len(weights.read()) > 900_000
