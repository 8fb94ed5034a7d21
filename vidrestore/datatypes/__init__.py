"""Every value that flows through the pipeline: frozen, and checked when built.

Conventions everywhere: coordinates are (x, y) in pixels of the frame as decoded, integer
coordinates are pixel centres, boxes are (x0, y0, x1, y1), matrices are named ``dst_from_src``,
colour is RGB.
"""

from vidrestore.datatypes.arrays import Image, Matrix, Points
from vidrestore.datatypes.crops import (
    AlignedFrame,
    CropBatch,
    Denoised,
    LeftAlone,
    Neighbour,
    Reason,
)
from vidrestore.datatypes.faces import DetectedFrame, Face, FaceState, TrackedFace, TrackedFrame
from vidrestore.datatypes.facts import DamageEntry, PictureFacts, ScanFacts, StreamFate
from vidrestore.datatypes.frames import (
    ChromaLocation,
    Field,
    Frame,
    FrameFormat,
    Layout,
    Look,
    Role,
    Tone,
    crosses_grid,
)
from vidrestore.datatypes.results import BlendedFrame, PastedFrame, Region, RestoredFrame

__all__ = [
    "AlignedFrame",
    "BlendedFrame",
    "ChromaLocation",
    "CropBatch",
    "DamageEntry",
    "Denoised",
    "DetectedFrame",
    "Face",
    "FaceState",
    "Field",
    "Frame",
    "FrameFormat",
    "Image",
    "Layout",
    "LeftAlone",
    "Look",
    "Matrix",
    "Neighbour",
    "PastedFrame",
    "PictureFacts",
    "Points",
    "Reason",
    "Region",
    "RestoredFrame",
    "Role",
    "ScanFacts",
    "StreamFate",
    "Tone",
    "TrackedFace",
    "TrackedFrame",
    "crosses_grid",
]
