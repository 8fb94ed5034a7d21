"""Restoring face crops: the GPEN network, safe loading of its weights, and the engine."""
