from __future__ import annotations

import pytest

from vidrestore.runtime.memory import lacks_memory

OF_TORCH = (
    "[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you "
    "tried to allocate 4294967296000 bytes. Error code 12 (Cannot allocate memory)",
    "DefaultCPUAllocator: not enough memory: you tried to allocate 4294967296 bytes.",
)


@pytest.mark.parametrize("error", [MemoryError(), *map(RuntimeError, OF_TORCH)])
def test_what_means_a_lack_of_memory(error):
    assert lacks_memory(error)


def test_another_error_does_not():
    assert not lacks_memory(RuntimeError("expected 3 channels"))
