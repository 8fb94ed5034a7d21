"""No room for the result: one line, exit code 2, nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fuzzing.fuzz import fake_restore
from tests.made_files.synthetic import Clip, make

resource = pytest.importorskip("resource", reason="no limit on the size of files")


@contextmanager
def _no_file_above(size: int) -> Iterator[None]:
    """The system's limit on the size of a file stands in for a full disk: the same call fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_no_room(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    clip = make(tmp_path, Clip(count=20, width=160, height=120, audio=("aac",), seconds=0.8))
    out = tmp_path / "out.mkv"
    with _no_file_above(20_000):
        code = fake_restore(["restore", str(clip), str(out), "--quiet", "--encoder.crf", "1"])
    said = capfd.readouterr().err
    assert code == 2, said
    (line,) = said.splitlines()
    assert line.startswith("vidrestore: cannot write")
    assert "too large" in line
    assert list(tmp_path.iterdir()) == [clip]
