"""What is measured of one method's crops of one clip, against the truth's."""

from __future__ import annotations

from benchmarks.against_filters.measures.fidelity import fidelity

__all__ = ["fidelity"]
