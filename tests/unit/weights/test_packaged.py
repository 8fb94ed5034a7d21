from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from vidrestore.detect.networks import centerface, onet
from vidrestore.errors import ModelError
from vidrestore.weights.packaged import PackagedFile


def test_a_file_with_the_right_digest_is_given_whole():
    expected = Path(pytest.__file__).read_bytes()
    pinned = PackagedFile("pytest", "pytest/__init__.py", hashlib.sha256(expected).hexdigest())
    assert pinned.read() == expected


@pytest.mark.parametrize(
    ("pinned", "words"),
    [
        (PackagedFile("pytest", "pytest/__init__.py", "00" * 32), "not the file"),
        (PackagedFile("pytest", "pytest/none.bin", "00" * 32), "cannot read"),
        (PackagedFile("no-such-package-here", "x.bin", "00" * 32), "not installed"),
    ],
)
def test_anything_else_is_refused_in_one_line(pinned, words):
    with pytest.raises(ModelError, match=words) as caught:
        pinned.read()
    assert "\n" not in str(caught.value)
    assert "install" in str(caught.value)


@pytest.mark.parametrize("weights", [centerface.WEIGHTS, onet.WEIGHTS])
def test_the_installed_weights_are_the_pinned_ones(weights):
    assert len(weights.read()) > 1_000_000
