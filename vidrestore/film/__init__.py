"""What old film has: no colour, flicker of light, dissolves, dust, scratches."""

from vidrestore.film.colourless import Colourless
from vidrestore.film.deflicker import DeflickerFaces, DeflickerFrames
from vidrestore.film.mend import MendScratches
from vidrestore.film.observe import Observe
from vidrestore.film.repair import RepairFaces

__all__ = [
    "Colourless",
    "DeflickerFaces",
    "DeflickerFrames",
    "MendScratches",
    "Observe",
    "RepairFaces",
]
