"""From a frame and its landmarks to upright square crops."""

from vidrestore.align.crop import Align, crop_face
from vidrestore.align.similarity import similarity
from vidrestore.align.size_gate import face_height
from vidrestore.align.template import TEMPLATES, template

__all__ = ["TEMPLATES", "Align", "crop_face", "face_height", "similarity", "template"]
