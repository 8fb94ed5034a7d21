"""Restoring face crops: networks, safe loading of their weights, the engine, its stage."""

from vidrestore.restore.loading import LoadedModel, load_model
from vidrestore.restore.restorer import FaceRestorer
from vidrestore.restore.stage import BatchedRestore

__all__ = ["BatchedRestore", "FaceRestorer", "LoadedModel", "load_model"]
