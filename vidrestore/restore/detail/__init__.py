"""The finest detail of results: how much of it to take, and what to draw where it is missing."""

from vidrestore.restore.detail.network import DRAWN, DetailNetwork
from vidrestore.restore.detail.octaves import CELL, FEATURES, features_of, means, octaves
from vidrestore.restore.detail.stage import Refine
from vidrestore.restore.detail.teller import Fine, FineDetail

__all__ = [
    "CELL",
    "DRAWN",
    "FEATURES",
    "DetailNetwork",
    "Fine",
    "FineDetail",
    "Refine",
    "features_of",
    "means",
    "octaves",
]
