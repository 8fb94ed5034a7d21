"""The measures by which restored faces are judged, each written once.

Conventions: a picture is (H, W, 3) RGB, uint8 (0..255), uint16 (0..65535) or float on the scale
0..255; results that are levels are 8-bit levels. A mask is (H, W), true where a pixel counts; None
counts every pixel. Points are (..., 2) xy px. The skimage, torch and OpenCV that single measures
need are imported when these are called.
"""

from __future__ import annotations

from vidrestore.measure.colour import (
    TONE_BANDS,
    colour_shift,
    gray_departure,
    skin_tone_angle,
    skin_tone_band,
)
from vidrestore.measure.distribution import sliced_wasserstein
from vidrestore.measure.identity import IdentityEmbedder, identity_distance
from vidrestore.measure.motion import affine_field, flow_field, warp_difference, warp_error
from vidrestore.measure.quality import low_frequency_psnr, psnr, ssim
from vidrestore.measure.region import eye_region, face_region, mouth_region, skin_region
from vidrestore.measure.sharpness import high_frequency_energy, sharpness, standing_sharpness
from vidrestore.measure.temporal import boil, jitter, lag, landmark_error

__all__ = [
    "TONE_BANDS",
    "IdentityEmbedder",
    "affine_field",
    "boil",
    "colour_shift",
    "eye_region",
    "face_region",
    "flow_field",
    "gray_departure",
    "high_frequency_energy",
    "identity_distance",
    "jitter",
    "lag",
    "landmark_error",
    "low_frequency_psnr",
    "mouth_region",
    "psnr",
    "sharpness",
    "skin_region",
    "skin_tone_angle",
    "skin_tone_band",
    "sliced_wasserstein",
    "ssim",
    "standing_sharpness",
    "warp_difference",
    "warp_error",
]
