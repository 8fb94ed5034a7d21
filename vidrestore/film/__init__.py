"""What old film has: flicker of light, dissolves, dust."""

from vidrestore.film.deflicker import DeflickerFaces, DeflickerFrames
from vidrestore.film.observe import Observe
from vidrestore.film.repair import RepairFaces

__all__ = ["DeflickerFaces", "DeflickerFrames", "Observe", "RepairFaces"]
