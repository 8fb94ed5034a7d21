"""The finest detail of results: brought nearer to the truth, and drawn where it is missing."""

from vidrestore.restore.detail.bands import BANDS, KNOWN, STRENGTHS, Bands
from vidrestore.restore.detail.network import DRAWN, DetailNetwork
from vidrestore.restore.detail.octaves import CELL, FEATURES, features_of, means, octaves
from vidrestore.restore.detail.refinement import (
    PARTS,
    Refinable,
    RefinementNetwork,
)
from vidrestore.restore.detail.stage import Refine
from vidrestore.restore.detail.teller import FineDetail

__all__ = [
    "BANDS",
    "CELL",
    "DRAWN",
    "FEATURES",
    "KNOWN",
    "PARTS",
    "STRENGTHS",
    "Bands",
    "DetailNetwork",
    "FineDetail",
    "Refinable",
    "Refine",
    "RefinementNetwork",
    "features_of",
    "means",
    "octaves",
]
