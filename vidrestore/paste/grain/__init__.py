"""Film grain and noise that restoration took away, given back: faces match what is around."""

from vidrestore.paste.grain.regrain import Regrain

__all__ = ["Regrain"]
