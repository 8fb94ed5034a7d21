"""Restoring face crops: the GPEN network, safe loading of its weights, the engine, its stage."""

from vidrestore.restore.engine import GpenRestorer, LoadedRestorer, load_restorer
from vidrestore.restore.stage import BatchedRestore

__all__ = ["BatchedRestore", "GpenRestorer", "LoadedRestorer", "load_restorer"]
