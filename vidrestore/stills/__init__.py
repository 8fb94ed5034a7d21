"""Photos, read and written with all that belongs to them. Only here is Pillow known.

A file for each thing that belongs to a photo, and for reading and for writing it.
"""

from vidrestore.stills.kinds import is_still_file, is_still_name
from vidrestore.stills.mask import filled, read_mask
from vidrestore.stills.scaling import enlarging, with_room_for_colour
from vidrestore.stills.sink import StillSink
from vidrestore.stills.source import StillSource

__all__ = [
    "StillSink",
    "StillSource",
    "enlarging",
    "filled",
    "is_still_file",
    "is_still_name",
    "read_mask",
    "with_room_for_colour",
]
