"""What is measured of one clip and one variant, and what the ratios between two variants are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.stability.clips import EVENTS, SIDE, Event, TrueClip
from benchmarks.stability.stages import as_picture
from vidrestore.datatypes import PastedFrame, TrackedFace, TrackedFrame
from vidrestore.measure import (
    affine_field,
    boil,
    eye_region,
    face_region,
    jitter,
    lag,
    landmark_error,
    mouth_region,
    psnr,
    sharpness,
    standing_sharpness,
    warp_difference,
)
from vidrestore.picture.resample import inverse, resample

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

ENDS = 5  # frames at each end of a track that are looked at by themselves
# Detail is judged after reducing crops by this, to about the resolution that the clips have left.
REDUCED = 2
SETTLED = 2  # frames after a sudden change
# Centre and half axes, in the crop of 512, of what speech moves: mouth, cheeks and chin.
SPEAKING = (256.0, 390.0, 130.0, 110.0)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one variant made of a clip.

    Attributes:
        landmarks: (T, 5, 2) px in the frames, of the main face; NaN where it was not seen.
        tracks: identities that were seen near the main face.
        strangers: faces seen elsewhere, over all frames.
        crops: (T, S, S, 3) float32, the finished frames in the true pose's crop; None if the
            network was not asked.
    """

    landmarks: Floats
    tracks: int
    strangers: int
    crops: NDArray[np.float32] | None


def outcome(
    clip: TrueClip, tracked: Sequence[TrackedFrame], finished: Sequence[PastedFrame] | None
) -> Outcome:
    """Bring a variant's results together with the truth."""
    landmarks = np.full(clip.landmarks.shape, np.nan)
    identities: set[int] = set()
    strangers = 0
    for t, item in enumerate(tracked):
        seen = [face for face in item.faces if face.state != "coasting"]
        near = [face for face in seen if _belongs(face, clip.landmarks[t])]
        strangers += len(seen) - len(near)
        identities |= {face.track_id for face in near}
        if near:
            landmarks[t] = near[0].landmarks
    crops = None
    if finished is not None:
        pictures = [as_picture(item.frame) for item in finished]
        crops = np.stack([crop(p, m) for p, m in zip(pictures, clip.crop_from_frame, strict=True)])
    return Outcome(landmarks, len(identities), strangers, crops)


def crop(picture: NDArray[np.uint8], crop_from_frame: Floats) -> NDArray[np.float32]:
    """(S, S, 3) float32 of a picture in the true pose."""
    frame_from_crop = inverse(crop_from_frame)
    channels = [
        resample(picture[..., channel], frame_from_crop, (0, 0, SIDE, SIDE), mirror=True)
        for channel in range(3)
    ]
    return np.stack(channels, axis=-1)


def true_crops(clip: TrueClip) -> NDArray[np.float32]:
    """(T, S, S, 3) the truth in its own pose's crop."""
    crops: list[NDArray[np.float32]] = []
    for t, (picture, matrix) in enumerate(zip(clip.truth, clip.crop_from_frame, strict=True)):
        same = t > 0 and np.array_equal(matrix, clip.crop_from_frame[t - 1])
        if same and np.array_equal(picture, clip.truth[t - 1]):
            crops.append(crops[-1])
        else:
            crops.append(crop(picture, matrix))
    return np.stack(crops)


def of_landmarks(clip: TrueClip, mine: Outcome, per_frame: Outcome) -> dict[str, float]:
    """Measures of where the face was taken to be, px of the 512 crop; NaN where there is none."""
    scale = np.linalg.norm(clip.crop_from_frame[:, 0, :2], axis=1) * (512 / SIDE)
    ends = [*range(ENDS), *range(-ENDS, 0)]
    found = np.flatnonzero(np.isfinite(mine.landmarks[:, 0, 0]))
    edge = found[ends] if len(found) >= 2 * ENDS else found
    measured = {
        "jitter": jitter(mine.landmarks, clip.landmarks, scale),
        "error": landmark_error(mine.landmarks, clip.landmarks, scale),
        "error at ends": landmark_error(mine.landmarks[edge], clip.landmarks[edge], scale[edge]),
        "lag": float("nan"),
        "tracks": float(mine.tracks),
        "frames seen": float(len(found)),
    }
    if any(clip.scene.reach):
        measured["lag"] = lag(mine.landmarks, per_frame.landmarks, clip.landmarks, scale)
    return measured


def of_pixels(clip: TrueClip, truth: NDArray[np.float32], mine: Outcome) -> dict[str, float]:
    """Measures of what is seen; NaN where a clip says nothing about one."""
    assert mine.crops is not None
    face = face_region(SIDE)
    scene, crops = clip.scene, mine.crops
    pairs = list(zip(crops, truth, strict=True))
    measured = {
        "PSNR": float(np.mean([psnr(o, t, face) for o, t in pairs])),
        "boil": float("nan"),
        "warp error": float("nan"),
        "mouth PSNR": float("nan"),
    }
    small, true = _reduced(crops), _reduced(truth)
    inside = face_region(SIDE // REDUCED)
    if scene.stands:
        measured["boil"] = boil(crops, face)
        measured["sharpness"] = standing_sharpness(small, true[0], inside)
    else:
        each = [sharpness(o, t, inside) for o, t in zip(small, true, strict=True)]
        measured["sharpness"] = float(np.mean(each))
    if any(scene.reach):
        measured["warp error"] = float(np.mean(warp_errors(clip, truth, crops)))
    if scene.speaks:
        mouth = mouth_region(SIDE)
        measured["mouth PSNR"] = float(np.mean([psnr(o, t, mouth) for o, t in pairs]))
    return measured


def warp_errors(
    clip: TrueClip, truth: NDArray[np.float32], crops: NDArray[np.float32]
) -> list[float]:
    """(T - 1) unrest beyond the truth's own, where the face moves as a whole, levels."""
    face = face_region(SIDE)
    if clip.scene.speaks:
        face &= ~_speaking()
    errors = []
    for t, before_from_now in enumerate(clip.before_from_now):
        field, valid = affine_field(before_from_now, (SIDE, SIDE))
        mask = face & valid
        mine = warp_difference(crops[t + 1], crops[t], field, mask)
        errors.append(mine - warp_difference(truth[t + 1], truth[t], field, mask))
    return errors


def settled(clip: TrueClip, truth: NDArray[np.float32], mine: Outcome, per_frame: Outcome) -> float:
    """PSNR two frames after the sudden changes less per-frame's, dB, the worst; NaN if none."""
    if clip.scene.event is None or mine.crops is None or per_frame.crops is None:
        return float("nan")
    region = region_of(clip.scene.event)
    return min(
        (
            psnr(mine.crops[t], truth[t], region) - psnr(per_frame.crops[t], truth[t], region)
            for t in (event + SETTLED for event in EVENTS)
            if t < len(truth)
        ),
        default=float("nan"),
    )


def _reduced(crops: NDArray[np.float32]) -> NDArray[np.float32]:
    """(T, s, s, 3) means over squares of ``REDUCED``."""
    side = SIDE // REDUCED
    means = crops.reshape(len(crops), side, REDUCED, side, REDUCED, 3).mean(axis=(2, 4))
    return np.asarray(means, np.float32)


def region_of(event: Event) -> Mask:
    """(S, S) where a sudden change shows."""
    return {"blink": eye_region, "smile": mouth_region, "light": face_region}[event](SIDE)


def _speaking() -> Mask:
    """(S, S) around the mouth of who speaks."""
    y, x = np.mgrid[:SIDE, :SIDE] * (512 / SIDE)
    x0, y0, half_width, half_height = SPEAKING
    around: Mask = np.hypot((x - x0) / half_width, (y - y0) / half_height) < 1
    return around


def _belongs(face: TrackedFace, truth: Floats) -> bool:
    """Whether a face is the clip's: most of it is where the truth has it."""
    apart = float(np.linalg.norm(face.landmarks - truth, axis=1).mean())
    return apart < 0.5 * float(np.linalg.norm(truth[1] - truth[0]))
