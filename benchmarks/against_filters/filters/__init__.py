"""What people use in place of a network; every filter takes and gives (T, H, W, 3) uint8 RGB."""

from __future__ import annotations
