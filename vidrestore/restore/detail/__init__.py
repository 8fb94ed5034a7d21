"""The finest detail of results: how much of it to take, and what to draw where it is missing."""

from vidrestore.restore.detail.network import DRAWN, PREFIX, DetailNetwork, network_of
from vidrestore.restore.detail.octaves import CELL, FEATURES, features_of, means, octaves
from vidrestore.restore.detail.stage import Refine
from vidrestore.restore.detail.teller import Fine, FineDetail

__all__ = [
    "CELL",
    "DRAWN",
    "FEATURES",
    "PREFIX",
    "DetailNetwork",
    "Fine",
    "FineDetail",
    "Refine",
    "features_of",
    "means",
    "network_of",
    "octaves",
]
