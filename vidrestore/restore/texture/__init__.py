"""Texture in place of detail that nobody can know: how strong it is, and drawing it."""

from vidrestore.restore.texture.missing import MissingDetail
from vidrestore.restore.texture.network import (
    CELL,
    DRAWN,
    PREFIX,
    Strength,
    features_of,
    luma_of,
    octaves,
    strength_of,
)
from vidrestore.restore.texture.stage import Texture

__all__ = [
    "CELL",
    "DRAWN",
    "PREFIX",
    "MissingDetail",
    "Strength",
    "Texture",
    "features_of",
    "luma_of",
    "octaves",
    "strength_of",
]
