"""From a frame and its landmarks to upright square crops."""

from vidrestore.align.crop import Align, crop_face

__all__ = ["Align", "crop_face"]
