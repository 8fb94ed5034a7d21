"""Faces as they were found, followed and placed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vidrestore.datatypes.arrays import Points
from vidrestore.datatypes.frames import Frame

FaceState = Literal["measured", "propagated", "coasting"]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face in one picture.

    Attributes:
        box: (4,) xyxy px.
        landmarks: (5, 2) xy px: left eye, right eye, nose, left and right mouth corner, as seen in
            the image.
        score: the detector's confidence, 0..1.
    """

    box: Points
    landmarks: Points
    score: float

    def __post_init__(self) -> None:
        """Check the shapes."""
        if self.box.shape != (4,) or self.landmarks.shape != (5, 2):
            raise ValueError(f"box {self.box.shape} and landmarks {self.landmarks.shape}")


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFrame:
    """The faces seen in a frame, by the detector or carried over from a frame that was detected.

    Attributes:
        frame: the frame.
        shot_start: first frame of a shot.
        state: "measured" on detector frames, "propagated" between them.
        faces: in frame coordinates, in no particular order.
    """

    frame: Frame
    shot_start: bool
    state: Literal["measured", "propagated"]
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TrackedFace:
    """A face with an identity in time.

    Attributes:
        track_id: from 1, in order of first appearance in the job.
        landmarks: (5, 2) xy px in the frame.
        state: where this frame's landmarks come from; "coasting" means prediction alone, and such
            a face is never pasted.
        age: frames since the track's first detection, 0 on it, negative where it was followed back.
        score: confidence of the last measurement, 0..1.
        error: how far off landmarks are expected to be that were placed on this very frame, px;
            None for a detector's, carried or predicted ones.
    """

    track_id: int
    landmarks: Points
    state: FaceState
    age: int
    score: float
    error: float | None = None

    def __post_init__(self) -> None:
        """Check the shape."""
        if self.landmarks.shape != (5, 2):
            raise ValueError(f"landmarks {self.landmarks.shape}, expected (5, 2)")


@dataclass(frozen=True, slots=True, eq=False)
class TrackedFrame:
    """A frame with its tracked faces, in ascending order of track_id."""

    frame: Frame
    shot_start: bool
    faces: tuple[TrackedFace, ...]
