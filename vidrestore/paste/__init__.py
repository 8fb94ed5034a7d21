"""Writing restored faces back into the frame."""

from vidrestore.paste.mask import dilated, face_mask, face_outline
from vidrestore.paste.match import matched_difference
from vidrestore.paste.paste import Paste

__all__ = ["Paste", "dilated", "face_mask", "face_outline", "matched_difference"]
