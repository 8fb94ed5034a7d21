from __future__ import annotations

import pytest
import torch

from vidrestore.restore.running.threads import use_threads


@pytest.mark.parametrize(
    ("limit", "asked", "threads"),
    [
        (None, 0, 2),
        (None, 3, 3),
        ("1", 0, 1),
        ("1", 3, 1),
        ("8", 3, 3),
        ("none", 3, 3),
        ("0", 3, 3),
    ],
)
def test_never_more_threads_than_openmp_gives(monkeypatch, limit, asked, threads):
    monkeypatch.delenv("OMP_THREAD_LIMIT", raising=False)
    if limit is not None:
        monkeypatch.setenv("OMP_THREAD_LIMIT", limit)
    torch.set_num_threads(2)
    use_threads(asked)
    assert torch.get_num_threads() == threads
