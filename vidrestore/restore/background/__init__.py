"""What is not face, enlarged or cleaned by a network of its own."""

from vidrestore.restore.background.redraw import Redraw
from vidrestore.restore.background.upscaler import Upscaler, load_upscaler

__all__ = ["Redraw", "Upscaler", "load_upscaler"]
