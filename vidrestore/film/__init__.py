"""What old film has: no colour, flicker of light, dissolves, dust, scratches."""

from vidrestore.film.colourless import Colourless
from vidrestore.film.deflicker import DeflickerFaces, DeflickerFrames
from vidrestore.film.observe import Observe
from vidrestore.film.painting import FacePainter, RepaintFaces
from vidrestore.film.repair.dust import RepairFaces
from vidrestore.film.repair.folds import MendCracks
from vidrestore.film.repair.frames import MendFrames, RepairFrames
from vidrestore.film.repair.mend import MendScratches

__all__ = [
    "Colourless",
    "DeflickerFaces",
    "DeflickerFrames",
    "FacePainter",
    "MendCracks",
    "MendFrames",
    "MendScratches",
    "Observe",
    "RepaintFaces",
    "RepairFaces",
    "RepairFrames",
]
