"""Importing large libraries sooner."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Memory is not looked through for garbage in the block, which is to load libraries.

    What they make stays, and to look through it again and again while there is ever more of it
    takes a sixth of the time to import torch.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
