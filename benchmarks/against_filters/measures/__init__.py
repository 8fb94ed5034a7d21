"""What is measured of one method's crops of one clip, against the truth's."""

from __future__ import annotations

from benchmarks.against_filters.measures.detail import detail
from benchmarks.against_filters.measures.fidelity import fidelity
from benchmarks.against_filters.measures.lag import lag
from benchmarks.against_filters.measures.mesh import MeshReader, expression_errors
from benchmarks.against_filters.measures.perceptual import perceptual
from benchmarks.against_filters.measures.reference import Reference
from benchmarks.against_filters.measures.steadiness import steadiness
from benchmarks.against_filters.measures.vmaf import vmaf
from benchmarks.against_filters.media import Pictures

__all__ = ["MeshReader", "Reference", "measured"]

_MEASURES = (fidelity, detail, steadiness, lag, perceptual, vmaf)


def measured(
    crops: Pictures, reference: Reference, reader: MeshReader | None = None
) -> dict[str, float]:
    """All measures; those that a clip says nothing about are left out.

    Args:
        crops: (T, S, S, 3) uint8 RGB of what a method made.
        reference: the clip's truth, of the same shape.
        reader: of face meshes; what they judge is left out without it.
    """
    found: dict[str, float] = {}
    for measure in _MEASURES:
        found |= measure(crops, reference)
    if reader is not None:
        found |= expression_errors(crops, reference, reader)
    return found
