"""Writing restored faces back into the frame."""

from vidrestore.paste.enlarge import Enlarge
from vidrestore.paste.grain import Regrain
from vidrestore.paste.mask import face_mask
from vidrestore.paste.match import matched_difference
from vidrestore.paste.paste import Paste
from vidrestore.paste.weave import Weave

__all__ = [
    "Enlarge",
    "Paste",
    "Regrain",
    "Weave",
    "face_mask",
    "matched_difference",
]
